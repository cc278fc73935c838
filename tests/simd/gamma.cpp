#include <tapegrad/simd/gamma.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

namespace {

/// Digamma by recurrence to 20 and the asymptotic series.
template <class W>
W digamma_of(W at) {
    auto x = static_cast<long double>(at);
    constexpr long double pi = 3.14159265358979323846264338327950288L;
    if (x == 0) return std::copysign(std::numeric_limits<W>::infinity(), -at);
    if (x < 0) {
        if (x == std::floor(x)) return std::numeric_limits<W>::quiet_NaN();
        return static_cast<W>(digamma_of(1 - x) - pi / std::tan(pi * (x - std::nearbyint(x))));
    }
    if (std::isinf(x)) return at;
    long double sum = 0;
    for (; x < 20; x += 1) sum -= 1 / x;
    const long double z = 1 / (x * x), c[] = {1 / 12.L,  -1 / 120.L,     1 / 252.L, -1 / 240.L,
                                              1 / 132.L, -691 / 32760.L, 1 / 12.L,  -3617 / 8160.L};
    long double series = 0;
    for (int i = 7; i >= 0; --i) series = series * z + c[i];
    return static_cast<W>(sum + std::log(x) - 1 / (2 * x) - z * series);
}

/// The largest error of f below 0, in eps (1 + |value| + log(1 + |x|)).
template <class T, class F, class G>
double error_left_of_zero(F f, G g) {
    double worst = 0;
    for (const T x : ulp::sweep<T>(100000, T(-20), T(0))) {
        if (!(x < 0)) continue;
        T y[simd::Batch<T>::size];
        f(simd::Batch<T>(x)).store(y);
        const auto want = g(static_cast<ulp::Wider<T>>(x));
        const T rounded = static_cast<T>(want);
        if (y[0] == rounded || (y[0] != y[0] && rounded != rounded)) continue;
        const auto allowed = (1 + std::fabs(want) + std::log1p(std::fabs(static_cast<ulp::Wider<T>>(x)))) *
                             static_cast<ulp::Wider<T>>(std::numeric_limits<T>::epsilon());
        const double error =
            static_cast<double>(std::fabs(static_cast<ulp::Wider<T>>(y[0]) - want) / allowed);
        if (!(error <= worst)) worst = error;  // also where one is NaN or infinite
        if (worst != worst) return worst;
    }
    return worst;
}

}

TEST_CASE_TEMPLATE("gamma: lgamma", T, float, double) {
    for (const double high : {3.0, 10.0, 200.0})
        CHECK(ulp::of<T>([](const auto& x) { return simd::lgamma(simd::abs(x)); },
                         [](auto x) { return std::lgamma(std::fabs(x)); }, T(0), T(high)) <= 2.5);
    CHECK(error_left_of_zero<T>([](const auto& x) { return simd::lgamma(x); },
                                [](auto x) { return std::lgamma(x); }) <= 3.0);
}
TEST_CASE_TEMPLATE("gamma: digamma", T, float, double) {
    // Beside its zero at 1.46 the reference has lost its own digits.
    const auto away = [](const auto& x) {
        const auto a = simd::abs(x);
        return where((a > simd::Batch<T>(T(1.4))) & (a < simd::Batch<T>(T(1.5))), simd::Batch<T>(T(1)), a);
    };
    const auto far = [](auto x) {
        const auto a = std::fabs(x);
        return a > decltype(x)(T(1.4)) && a < decltype(x)(T(1.5)) ? 1 : a;
    };
    for (const double high : {3.0, 12.0, 200.0})
        CHECK(ulp::of<T>([&](const auto& x) { return simd::digamma(away(x)); },
                         [&](auto x) { return digamma_of<decltype(x)>(far(x)); }, T(0),
                         T(high)) <= (sizeof(T) == 4 ? 4.2 : 4.5));
    CHECK(error_left_of_zero<T>([](const auto& x) { return simd::digamma(x); },
                                [](auto x) { return digamma_of(x); }) <= 2.5);
}
TEST_CASE("gamma: digamma beside its zero") {
    const struct {
        double x, y;
    } near[] = {
        {1.4616321449683622, -9.24126552172942752e-17},
        {1.4616321449683625, 1.2245374622004069e-16},
        {1.4616321, -4.35146369587697737e-8},
        {1.47, 0.00806648901136486844},
        {1.461632, -1.40281869969730472e-7},
    };
    for (const auto& [x, y] : near) {
        double v[simd::Batch<double>::size];
        simd::digamma(simd::Batch<double>(x)).store(v);
        CAPTURE(x);
        CHECK(ulp::error(v[0], static_cast<long double>(y)) <= 4.5);
        float w[simd::Batch<float>::size];
        const auto single = static_cast<float>(x);
        simd::digamma(simd::Batch<float>(single)).store(w);
        CHECK(ulp::error(w[0], digamma_of(static_cast<double>(single))) <= 4.5);
    }
}
