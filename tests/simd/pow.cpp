#include <tapegrad/simd/pow.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("pow: value", T, float, double) {
    // All pairs of specials are in: zeros, ones, infinities, NaN, negative bases with odd, even and broken
    // exponents.
    const auto [xs, ys] = ulp::pairs<T>(100000, T(-8), T(8));
    const ulp::Worst worst = ulp::over<T>(
        std::span<const T>(xs), std::span<const T>(ys),
        [](const auto& x, const auto& y) { return simd::pow(x, y); },
        [](auto x, auto y) { return std::pow(x, y); });
    INFO("at ", worst.at, ", ", worst.at2);
    // In double it is the C library's: glibc states 0.52.
    CHECK(worst.error <= (std::is_same_v<T, float> ? 0.51 : 1.0));
}

TEST_CASE_TEMPLATE("pow: across the range of results", T, float, double) {
    // Bases over all exponents, and the exponent that takes each from underflow to overflow.
    constexpr T limit = static_cast<T>(std::numeric_limits<T>::max_exponent) * T(1.2);
    std::vector<T> xs, ys;
    T a = 0, b = 0;
    for (int i = 0; i < 100000; ++i) {
        a += T(0.6180339887498949), a -= std::floor(a);
        b += T(0.7548776662466927), b -= std::floor(b);
        const T x = std::exp2((2 * a - 1) * (limit / T(1.25)));
        xs.push_back(x);
        ys.push_back((2 * b - 1) * limit / std::log2(x));
    }
    const ulp::Worst worst = ulp::over<T>(
        std::span<const T>(xs), std::span<const T>(ys),
        [](const auto& x, const auto& y) { return simd::pow(x, y); },
        [](auto x, auto y) { return std::pow(x, y); });
    INFO("at ", worst.at, ", ", worst.at2);
    CHECK(worst.error <= (std::is_same_v<T, float> ? 0.51 : 1.0));
}

TEST_CASE_TEMPLATE("pow: squares and small powers are what multiplication gives", T, float, double) {
    for (int i = -1000; i <= 1000; ++i) {
        T y[simd::Batch<T>::size];
        const T x = static_cast<T>(i);
        simd::pow(simd::Batch<T>(x), simd::Batch<T>(T(2))).store(y);
        CHECK(y[0] == x * x);
        simd::pow(simd::Batch<T>(x), simd::Batch<T>(T(1))).store(y);
        CHECK(y[0] == x);
    }
}
