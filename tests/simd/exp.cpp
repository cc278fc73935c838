#include <tapegrad/simd/exp.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("exp: exp", T, float, double) {
    constexpr bool single = std::is_same_v<T, float>;
    CHECK(ulp::of<T>([](const auto& x) { return simd::exp(x); }, [](auto x) { return std::exp(x); }, T(-1),
                     T(1)) <= (1.1));
    CHECK(ulp::of<T>([](const auto& x) { return simd::exp(x); }, [](auto x) { return std::exp(x); },
                     single ? T(-105) : T(-750), single ? T(90) : T(712)) <= (1.1));
}

TEST_CASE_TEMPLATE("exp: expm1", T, float, double) {
    constexpr bool single = std::is_same_v<T, float>;
    CHECK(ulp::of<T>([](const auto& x) { return simd::expm1(x); }, [](auto x) { return std::expm1(x); },
                     T(-3), T(3)) <= (single ? 1.4 : 2.0));
    CHECK(ulp::of<T>([](const auto& x) { return simd::expm1(x); }, [](auto x) { return std::expm1(x); },
                     single ? T(-105) : T(-750), single ? T(90) : T(712)) <= (single ? 1.4 : 2.0));
}

TEST_CASE_TEMPLATE("exp: sinh", T, float, double) {
    constexpr bool single = std::is_same_v<T, float>;
    CHECK(ulp::of<T>([](const auto& x) { return simd::sinh(x); }, [](auto x) { return std::sinh(x); }, T(-2),
                     T(2)) <= (1.7));
    CHECK(ulp::of<T>([](const auto& x) { return simd::sinh(x); }, [](auto x) { return std::sinh(x); },
                     single ? T(-90) : T(-712), single ? T(90) : T(712)) <= (1.7));
}

TEST_CASE_TEMPLATE("exp: cosh", T, float, double) {
    constexpr bool single = std::is_same_v<T, float>;
    CHECK(ulp::of<T>([](const auto& x) { return simd::cosh(x); }, [](auto x) { return std::cosh(x); }, T(-3),
                     T(3)) <= (1.6));
    CHECK(ulp::of<T>([](const auto& x) { return simd::cosh(x); }, [](auto x) { return std::cosh(x); },
                     single ? T(-90) : T(-712), single ? T(90) : T(712)) <= (1.6));
}

TEST_CASE_TEMPLATE("exp: tanh", T, float, double) {
    CHECK(ulp::of<T>([](const auto& x) { return simd::tanh(x); }, [](auto x) { return std::tanh(x); }, T(-1),
                     T(1)) <= (1.4));
    CHECK(ulp::of<T>([](const auto& x) { return simd::tanh(x); }, [](auto x) { return std::tanh(x); }, T(-20),
                     T(20)) <= (1.4));
}

TEST_CASE_TEMPLATE("exp: never beyond 1", T, float, double) {
    for (const T x : ulp::sweep<T>(20000, T(5), T(25))) {
        T y[simd::Batch<T>::size];
        simd::tanh(simd::Batch<T>(x)).store(y);
        CHECK_FALSE(std::fabs(y[0]) > T(1));
    }
}

TEST_CASE_TEMPLATE("exp: exp2, exact for integers", T, float, double) {
    for (const double low : {-10.0, sizeof(T) == 4 ? -151.0 : -1076.0})
        CHECK(ulp::of<T>([](const auto& x) { return simd::exp2(x); }, [](auto x) { return std::exp2(x); },
                         T(low), sizeof(T) == 4 ? T(129) : T(1025)) <= 1.2);
    for (int n = std::numeric_limits<T>::min_exponent - 10; n < std::numeric_limits<T>::max_exponent; ++n) {
        T y[simd::Batch<T>::size];
        simd::exp2(simd::Batch<T>(static_cast<T>(n))).store(y);
        CHECK(y[0] == std::ldexp(T(1), n));
    }
}

TEST_CASE_TEMPLATE("exp: tanhshrink", T, float, double) {
    // x - tanh(x) by a series where the reference would lose digits.
    const auto reference = [](auto x) {
        using W = decltype(x);
        const W z = x * x;
        if (std::fabs(x) > W(0.05)) return x - std::tanh(x);
        return x * z *
               (W(1) / 3 - z * (W(2) / 15 - z * (W(17) / 315 - z * (W(62) / 2835 - z * W(1382) / 155925))));
    };
    for (const double high : {0.7, 5.0})
        CHECK(ulp::of<T>([](const auto& x) { return simd::tanhshrink(x); }, reference, T(-5), T(high)) <=
              10.3);
}
