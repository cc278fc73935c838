#include <tapegrad/simd/trig.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("trig: sin", T, float, double) {
    CHECK(ulp::of<T>([](const auto& x) { return simd::sin(x); }, [](auto x) { return std::sin(x); }, T(-10),
                     T(10)) <= (0.9));
    CHECK(ulp::of<T>([](const auto& x) { return simd::sin(x); }, [](auto x) { return std::sin(x); },
                     T(-131072), T(131072)) <= (0.9));
    CHECK(ulp::of<T>([](const auto& x) { return simd::sin(x); }, [](auto x) { return std::sin(x); }, T(-1e6),
                     T(1e6)) <= (0.9));
}

TEST_CASE_TEMPLATE("trig: cos", T, float, double) {
    CHECK(ulp::of<T>([](const auto& x) { return simd::cos(x); }, [](auto x) { return std::cos(x); }, T(-10),
                     T(10)) <= (0.9));
    CHECK(ulp::of<T>([](const auto& x) { return simd::cos(x); }, [](auto x) { return std::cos(x); },
                     T(-131072), T(131072)) <= (0.9));
    CHECK(ulp::of<T>([](const auto& x) { return simd::cos(x); }, [](auto x) { return std::cos(x); }, T(-1e6),
                     T(1e6)) <= (0.9));
}

TEST_CASE_TEMPLATE("trig: tan", T, float, double) {
    CHECK(ulp::of<T>([](const auto& x) { return simd::tan(x); }, [](auto x) { return std::tan(x); }, T(-10),
                     T(10)) <= (2.0));
    CHECK(ulp::of<T>([](const auto& x) { return simd::tan(x); }, [](auto x) { return std::tan(x); },
                     T(-131072), T(131072)) <= (2.0));
    CHECK(ulp::of<T>([](const auto& x) { return simd::tan(x); }, [](auto x) { return std::tan(x); }, T(-1e6),
                     T(1e6)) <= (2.0));
}

TEST_CASE_TEMPLATE("trig: near multiples of pi / 2", T, float, double) {
    // The numbers of each size that lie closest to a multiple are where a reduction shows what it lost.
    std::vector<T> xs;
    for (int i = 1; i < 60000; i += 7) {
        const T x = static_cast<T>(static_cast<long double>(i) * 1.57079632679489661923132169163975144L);
        for (const T v : {x, std::nextafter(x, T(0)), std::nextafter(x, T(1e9))})
            xs.push_back(v), xs.push_back(-v);
    }
    xs.push_back(T(16367173) * (std::is_same_v<T, float> ? T(1) : T(0x1p-8)));
    const auto check = [&](auto f, auto g, double limit) {
        const ulp::Worst worst = ulp::over<T>(std::span<const T>(xs), f, g);
        INFO("at ", worst.at);
        CHECK(worst.error <= limit);
    };
    check([](const auto& x) { return simd::sin(x); }, [](auto x) { return std::sin(x); }, 0.9);
    check([](const auto& x) { return simd::cos(x); }, [](auto x) { return std::cos(x); }, 0.9);
    check([](const auto& x) { return simd::tan(x); }, [](auto x) { return std::tan(x); }, 2.0);
}
