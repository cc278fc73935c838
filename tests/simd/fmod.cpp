#include <tapegrad/simd/fmod.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("fmod: fmod is exact", T, float, double) {
    // All pairs of specials are in, so all zeros and infinities of either sign are.
    const auto [as, bs] = ulp::pairs<T>(100000, T(-9), T(9));
    const ulp::Worst worst = ulp::over<T>(
        std::span<const T>(as), std::span<const T>(bs),
        [](const auto& a, const auto& b) { return simd::fmod(a, b); },
        [](auto a, auto b) { return std::fmod(a, b); });
    INFO("at ", worst.at, ", ", worst.at2);
    CHECK(worst.error <= 0.0);
}

TEST_CASE_TEMPLATE("fmod: remainder, with the sign of the divisor", T, float, double) {
    // All pairs of specials are in, so all zeros and infinities of either sign are.
    const auto [as, bs] = ulp::pairs<T>(100000, T(-9), T(9));
    const ulp::Worst worst = ulp::over<T>(
        std::span<const T>(as), std::span<const T>(bs),
        [](const auto& a, const auto& b) { return simd::remainder(a, b); },
        [](auto a, auto b) {
            const auto m = std::fmod(a, b);
            return m != 0 && (b < 0) != (m < 0) ? m + b : m;
        });
    INFO("at ", worst.at, ", ", worst.at2);
    CHECK(worst.error <= 0.5);
}

TEST_CASE_TEMPLATE("fmod: integers", T, int32_t, int64_t, uint8_t) {
    using B = simd::Batch<T>;
    const auto low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    const T numbers[] = {
        low, high, 0, 1, 2, 3, 7, 8, static_cast<T>(-1), static_cast<T>(-3), static_cast<T>(-7)};
    for (const T a : numbers)
        for (const T b : numbers) {
            CAPTURE(+a);
            CAPTURE(+b);
            // 64 bits fit a long double.
            const auto u = static_cast<long double>(a), v = static_cast<long double>(b);
            const long double cut = b == 0 ? 0 : std::fmod(u, v);
            const long double floored = cut != 0 && (cut < 0) != (v < 0) ? cut + v : cut;
            CHECK(simd::fmod(B(a), B(b)).raw == static_cast<T>(cut));
            CHECK(simd::remainder(B(a), B(b)).raw == static_cast<T>(floored));
        }
}
