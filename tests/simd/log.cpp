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
