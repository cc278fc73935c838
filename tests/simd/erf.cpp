#include <tapegrad/simd/erf.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("erf: erf", T, float, double) {
    CHECK(ulp::of<T>([](const auto& x) { return simd::erf(x); }, [](auto x) { return std::erf(x); }, T(-2),
                     T(2)) <= (1.4));
    CHECK(ulp::of<T>([](const auto& x) { return simd::erf(x); }, [](auto x) { return std::erf(x); }, T(-6),
                     T(6)) <= (1.4));
}

namespace {
/// The solution of erf(x) = y, by Newton's method on what is left of 1.
long double inverse_of_erf(long double y) {
    const long double a = std::fabs(y), half_root_pi = 0.88622692545275801364908374167057259L;
    if (!(a < 1)) return a == 1 ? y * HUGE_VALL : std::numeric_limits<long double>::quiet_NaN();
    if (a < 1e-10L) return y * half_root_pi;
    long double x = a < 0.9L ? a * half_root_pi : std::sqrt(-std::log((1 - a) * (1 + a)));
    for (int i = 0; i < 60; ++i) {
        const long double error = a < 0.5L ? std::erf(x) - a : (1 - a) - std::erfc(x);
        const long double u = error * std::exp(x * x) * half_root_pi, step = u / (1 + x * u);
        x -= step;
        if (std::fabs(step) < 1e-19L * x) break;
    }
    return std::copysign(x, y);
}
}

TEST_CASE_TEMPLATE("erf: erfc", T, float, double) {
    for (const double high : {1.0, 28.0})
        CHECK(ulp::of<T>([](const auto& x) { return simd::erfc(x); }, [](auto x) { return std::erfc(x); },
                         T(-6), T(high)) <= (sizeof(T) == 4 ? 3.0 : 3.1));
}
TEST_CASE_TEMPLATE("erf: ndtr", T, float, double) {
    const auto share = [](auto x) {
        const auto wide =
            static_cast<long double>(x);  // in doubles alone the rounding of x / sqrt(2) would show
        return static_cast<decltype(x)>(std::erfc(-wide * std::sqrt(0.5L)) / 2);
    };
    for (const double high : {1.0, 40.0})
        CHECK(ulp::of<T>([](const auto& x) { return simd::ndtr(x); }, share, T(sizeof(T) == 4 ? -15 : -40),
                         T(high)) <= (sizeof(T) == 4 ? 5.7 : 6.4));
}
TEST_CASE_TEMPLATE("erf: erfinv", T, float, double) {
    CHECK(ulp::of<T>(
              [](const auto& x) { return simd::erfinv(x); },
              [](auto x) { return static_cast<ulp::Wider<T>>(inverse_of_erf(static_cast<long double>(x))); },
              T(-1), T(1)) <= (sizeof(T) == 4 ? 2.2 : 2.5));
}
