#include <tapegrad/simd/inverse_trig.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("inverse_trig: asin", T, float, double) {
    CHECK(ulp::of<T>([](const auto& x) { return simd::asin(x); }, [](auto x) { return std::asin(x); }, T(-1),
                     T(1)) <= (0.9));
}

TEST_CASE_TEMPLATE("inverse_trig: acos", T, float, double) {
    CHECK(ulp::of<T>([](const auto& x) { return simd::acos(x); }, [](auto x) { return std::acos(x); }, T(-1),
                     T(1)) <= (1.1));
}

TEST_CASE_TEMPLATE("inverse_trig: atan", T, float, double) {
    CHECK(ulp::of<T>([](const auto& x) { return simd::atan(x); }, [](auto x) { return std::atan(x); }, T(-4),
                     T(4)) <= (1.8));
}

TEST_CASE_TEMPLATE("inverse_trig: atan2", T, float, double) {
    // All pairs of specials are in, so all zeros and infinities of either sign are.
    const auto [ys, xs] = ulp::pairs<T>(100000, T(-4), T(4));
    const ulp::Worst worst = ulp::over<T>(
        std::span<const T>(ys), std::span<const T>(xs),
        [](const auto& y, const auto& x) { return simd::atan2(y, x); },
        [](auto y, auto x) { return std::atan2(y, x); });
    INFO("at ", worst.at, ", ", worst.at2);
    CHECK(worst.error <= 2.0);
}
