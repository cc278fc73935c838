#include <tapegrad/simd/hypot.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("hypot: hypot", T, float, double) {
    // All pairs of specials are in, so all zeros and infinities of either sign are.
    const auto [as, bs] = ulp::pairs<T>(100000, T(-9), T(9));
    const ulp::Worst worst = ulp::over<T>(
        std::span<const T>(as), std::span<const T>(bs),
        [](const auto& a, const auto& b) { return simd::hypot(a, b); },
        [](auto a, auto b) { return std::hypot(a, b); });
    INFO("at ", worst.at, ", ", worst.at2);
    CHECK(worst.error <= 1.2);
}
