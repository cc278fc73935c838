#include <tapegrad/simd/round.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;
using simd::Batch;

// These functions are exact, so an error of 0 is asked for, also in the sign of zeros.
#define CHECK_EXACT(of, reference)                                                                       \
    do {                                                                                                 \
        const std::vector<T> xs = ulp::sweep<T>(50000, T(-10), T(10));                                   \
        const ulp::Worst worst = ulp::over<T>(                                                           \
            std::span<const T>(xs), [](const auto& x) { return of; }, [](auto x) { return reference; }); \
        INFO(#of " at ", worst.at);                                                                      \
        CHECK(worst.error == 0);                                                                         \
    } while (false)

TEST_CASE_TEMPLATE("round: floor, ceil, round, trunc", T, float, double) {
    CHECK_EXACT(simd::floor(x), std::floor(x));
    CHECK_EXACT(simd::ceil(x), std::ceil(x));
    CHECK_EXACT(simd::trunc(x), std::trunc(x));
    CHECK_EXACT(simd::round(x), std::nearbyint(x));
    // Halves, and the neighbours of halves, which an addition of 1/2 gets wrong.
    for (int i = -20; i <= 20; ++i)
        for (const T x : {static_cast<T>(i) / 2, std::nextafter(static_cast<T>(i) / 2, T(100)),
                          std::nextafter(static_cast<T>(i) / 2, T(-100))}) {
            T y[Batch<T>::size];
            simd::round(Batch<T>(x)).store(y);
            CHECK(y[0] == std::nearbyint(x));
            CHECK(std::signbit(y[0]) == std::signbit(x));
        }
}

TEST_CASE_TEMPLATE("round: absolute value and sign", T, float, double) {
    CHECK_EXACT(simd::abs(x), std::fabs(x));
    // 0 for NaN, as torch.sign gives.
    CHECK_EXACT(simd::sign(x), static_cast<decltype(x)>((x > 0) - (x < 0)));
    CHECK_EXACT(simd::copysign(x, Batch<T>(-T(0))), -std::fabs(x));
    CHECK_EXACT(simd::copysign(Batch<T>(T(3)), x), std::copysign(decltype(x)(3), x));
}

TEST_CASE("round: absolute value and sign of integers") {
    CHECK(simd::abs(Batch<int>(-3)).raw == 3);
    CHECK(simd::abs(Batch<std::int64_t>(-3)).raw == 3);
    CHECK(simd::abs(Batch<std::uint8_t>(std::uint8_t(200))).raw == 200);
    CHECK(simd::sign(Batch<int>(-3)).raw == -1);
    CHECK(simd::sign(Batch<int>(0)).raw == 0);
    CHECK(simd::sign(Batch<std::int64_t>(9)).raw == 1);
}

TEST_CASE_TEMPLATE("round: tests", T, float, double) {
    CHECK_EXACT(where(simd::isnan(x), Batch<T>(T(1)), Batch<T>(T(0))), std::isnan(x) ? 1 : 0);
    CHECK_EXACT(where(simd::isfinite(x), Batch<T>(T(1)), Batch<T>(T(0))), std::isfinite(x) ? 1 : 0);
}

TEST_CASE_TEMPLATE("round: square root is correctly rounded", T, float, double) {
    const std::vector<T> xs = ulp::sweep<T>(100000, T(0), T(10));
    const ulp::Worst worst = ulp::over<T>(
        std::span<const T>(xs), [](const auto& x) { return simd::sqrt(x); },
        [](auto x) { return std::sqrt(x); });
    INFO("at ", worst.at);
    // The wider root is itself rounded: ties may look a trifle beyond one half.
    CHECK(worst.error <= 0.5001);
}

TEST_CASE_TEMPLATE("round: replacing NaN and infinities", T, float, double) {
    struct {
        double nan = 7, high = 0, low = -5;
        bool keep_high = true, keep_low = false;
    } with;
    using Limits = std::numeric_limits<T>;
    const auto replaced = [&](T x) {
        T y[simd::Batch<T>::size];
        simd::replace_specials(simd::Batch<T>(x), with).store(y);
        return y[0];
    };
    CHECK(replaced(Limits::quiet_NaN()) == 7);
    CHECK(replaced(Limits::infinity()) == Limits::max());
    CHECK(replaced(-Limits::infinity()) == -5);
    CHECK(replaced(Limits::max()) == Limits::max());
    CHECK(std::signbit(replaced(T(-0.0))));
}
