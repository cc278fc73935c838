#include <tapegrad/simd/log.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("log: log", T, float, double) {
    CHECK(ulp::of<T>([](const auto& x) { return simd::log(x); }, [](auto x) { return std::log(x); }, T(0.3),
                     T(3)) <= (0.9));
    CHECK(ulp::of<T>([](const auto& x) { return simd::log(x); }, [](auto x) { return std::log(x); }, T(0),
                     T(1000)) <= (0.9));
}

TEST_CASE_TEMPLATE("log: log1p", T, float, double) {
    CHECK(ulp::of<T>([](const auto& x) { return simd::log1p(x); }, [](auto x) { return std::log1p(x); },
                     T(-1), T(3)) <= (0.9));
}

TEST_CASE_TEMPLATE("log: log2 and log10, exact at powers", T, float, double) {
    for (const double high : {3.0, 1000.0}) {
        CHECK(ulp::of<T>([](const auto& x) { return simd::log2(x); }, [](auto x) { return std::log2(x); },
                         T(0), T(high)) <= 1.8);
        CHECK(ulp::of<T>([](const auto& x) { return simd::log10(x); }, [](auto x) { return std::log10(x); },
                         T(0), T(high)) <= 2.0);
    }
    T y[simd::Batch<T>::size];
    for (int n = std::numeric_limits<T>::min_exponent - 10; n < std::numeric_limits<T>::max_exponent; ++n) {
        simd::log2(simd::Batch<T>(std::ldexp(T(1), n))).store(y);
        CHECK(y[0] == static_cast<T>(n));
    }
    T power = 1;
    for (int n = 0; n <= (sizeof(T) == 4 ? 10 : 22); ++n, power *= 10) {
        simd::log10(simd::Batch<T>(power)).store(y);
        CHECK(y[0] == static_cast<T>(n));
    }
}
