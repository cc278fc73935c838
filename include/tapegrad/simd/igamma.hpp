// The incomplete gamma functions, and how a number moves with the parameter when its place in the gamma
// distribution is held.
//
// Series below the parameter, continued fraction above; where the parameter is large and x near it both are slow,
// and an expansion around the normal distribution takes over. In double, element by element.
#pragma once

#include <cmath>
#include <limits>

#include "gamma.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline double lgamma_of(double x) {
    double v[Batch<double>::size];
    lgamma(Batch<double>(x)).store(v);
    return v[0];
}
inline double digamma_of(double x) {
    double v[Batch<double>::size];
    digamma(Batch<double>(x)).store(v);
    return v[0];
}

/// log gamma(1 + a), also of small a.
inline double lgamma1p(double a) {
    if (std::fabs(a) > 1e-3) return lgamma_of(1 + a);
    return a * (-0.57721566490153286 +
                a * (0.82246703342411322 + a * (-0.40068563438653143 + a * 0.27058080842778454)));
}

/// x^a e^-x / gamma(1 + a).
inline double igamma_weight(double a, double x) {
    if (a < 10) return std::exp(a * std::log(x) - x - lgamma1p(a));
    const double u = (x - a) / a, z = 1 / (a * a);
    const double stirling = (1. / 12 - z * (1. / 360 - z * (1. / 1260 - z * (1. / 1680 - z / 1188)))) / a;
    const double gap = std::fabs(u) < 0.5 ? std::log1p(u) - u : std::log(x / a) - u;
    return std::exp(a * gap - stirling) / std::sqrt(2 * pi<double> * a);
}

/// A function of a and x, and its derivative by a.
struct WithSlope {
    double value, slope;
};

/// gamma(1 + a) e^x x^-a P(a, x) = 1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) + ...
inline WithSlope igamma_series(double a, double x) {
    double term = 1, sum = 1, inverses = 0, slope = 0;
    for (int k = 1; k < 100000; ++k) {
        term *= x / (a + k);
        inverses += 1 / (a + k);
        sum += term;
        slope -= term * inverses;
        if (term * inverses <= 1e-17 * -slope && term <= 1e-17 * sum) break;
    }
    return {sum, slope};
}

/// gamma(a) e^x x^-a Q(a, x) = 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (x + 5 - a - ...
inline WithSlope igamma_fraction(double a, double x) {
    double b = x + 1 - a, c = 1e300, c_slope = 0, d = 1 / b, d_slope = d * d, value = d, relative = d;
    for (int i = 1; i < 100000; ++i) {
        const double factor = i * (a - i);
        b += 2;
        const double below = factor * d + b, below_slope = i * d + factor * d_slope - 1;
        c_slope = -1 + i / c - factor * c_slope / (c * c);
        c = b + factor / c;
        d = 1 / below;
        d_slope = -below_slope * d * d;
        const double step = d_slope * below + c_slope / c;
        value *= c * d;
        relative += step;
        if (std::fabs(c * d - 1) < 1e-16 && std::fabs(step) <= 1e-16 * std::fabs(relative)) break;
        if (!(value == value)) break;
    }
    return {value, value * relative};
}

inline bool near_normal(double a, double x) { return a > 1e4 && std::fabs(x - a) < 0.1 * a; }

/// P where x < a, else Q.
/// Source   Temme, The asymptotic expansions of the incomplete gamma functions, 1979
inline double igamma_normal(double a, double x) {
    const double u = (x - a) / a, gap = u - std::log1p(u), e = std::copysign(std::sqrt(2 * gap), u);
    const double c0 =
        -1. / 3 +
        e * (1. / 12 + e * (-2. / 135 + e * (1. / 864 + e * (1. / 2835 + e * (-139. / 777600 +
                                                                              e * 3.9192631785224378e-5)))));
    const double c1 =
        -1. / 540 +
        e * (-1. / 288 + e * (25. / 9450 + e * (-9.9022633744855967e-4 + e * 2.0576131687242798e-4)));
    const double c2 = 4.1335978835978836e-3 - e * (2.6813271604938272e-3 - e * 7.7160493827160494e-4);
    const double rest = std::exp(-a * gap) / std::sqrt(2 * pi<double> * a) * (c0 + (c1 + c2 / a) / a);
    return 0.5 * std::erfc(std::sqrt(a * gap)) + (x < a ? -rest : rest);
}

/// P, or Q = 1 - P.
inline double igamma(double a, double x, bool upper) {
    const double infinity = std::numeric_limits<double>::infinity();
    if (!(a >= 0 && x >= 0) || (a == 0 && x == 0) || (a == infinity && x == infinity))
        return std::numeric_limits<double>::quiet_NaN();
    if (a == 0 || x == infinity) return upper ? 0 : 1;
    if (x == 0 || a == infinity) return upper ? 1 : 0;
    const bool small = upper && a < 1 && x < 1;  // 1 - P would have nothing left of Q
    const bool below = !small && (x < a || x < 1);
    double part = 0;
    if (near_normal(a, x)) {
        part = igamma_normal(a, x);
    } else if (below) {
        part = igamma_weight(a, x) * igamma_series(a, x).value;
    } else if (small) {
        const double power = a * std::log(x) - lgamma1p(a);
        double term = 1, sum = 0;
        for (int k = 1; k < 100 && std::fabs(term) > 1e-17 * std::fabs(sum); ++k) {
            term *= -x / k;
            sum += term / (a + k);
        }
        part = -std::expm1(power) - a * std::exp(power) * sum;
    } else {
        part = igamma_weight(a, x) * a * igamma_fraction(a, x).value;
    }
    return below == upper ? 1 - part : part;
}

/// The same near a normal distribution: x is a function of a and of z, its place in that.
/// Source   Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.49
inline double log_gamma_slope_normal(double a, double x) {
    const double root = std::sqrt(a);
    const auto place = [&](double z, int by) {  // x, its derivative by z, and that by a
        const double z2 = z * z;
        if (by == 0)
            return a + root * z + (z2 - 1) / 3 + z * (z2 - 7) / (36 * root) -
                   ((3 * z2 + 7) * z2 - 16) / (810 * a) +
                   z * ((9 * z2 + 256) * z2 - 433) / (38880 * a * root);
        if (by == 1) return root + 2 * z / 3 + (3 * z2 - 7) / (36 * root);
        return 1 + z / (2 * root) - z * (z2 - 7) / (72 * a * root) +
               ((3 * z2 + 7) * z2 - 16) / (810 * a * a) -
               z * ((9 * z2 + 256) * z2 - 433) / (25920 * a * a * root);
    };
    double z = (x - a) / root;
    for (int i = 0; i < 8; ++i) z -= (place(z, 0) - x) / place(z, 1);
    return place(z, 2) / x;
}

/// d log(x) / da where P(a, x) is held, of log(x).
inline double log_gamma_slope(double a, double logarithm) {
    if (!(a > 0) || !(logarithm < std::numeric_limits<double>::infinity()))
        return std::numeric_limits<double>::quiet_NaN();
    const double x = std::exp(logarithm);
    if (a > 1e4 && std::fabs(x - a) < 8 * std::sqrt(a)) return log_gamma_slope_normal(a, x);
    if (x <= a || x < 1) {
        const WithSlope s = igamma_series(a, x);
        return -(s.value * (logarithm - digamma_of(1 + a)) + s.slope) / a;
    }
    const WithSlope f = igamma_fraction(a, x);
    return f.value * (logarithm - digamma_of(a)) + f.slope;
}

/// f of each pair of elements, in double.
template <class T, class F>
[[gnu::noinline]] void each_pair(const T* a, T* x, const F& f) {
    for (std::size_t i = 0; i < Batch<T>::size; ++i)
        x[i] = static_cast<T>(f(static_cast<double>(a[i]), static_cast<double>(x[i])));
}
template <class T, class F>
TAPEGRAD_INLINE Batch<T> for_pairs(const Batch<T>& a, const Batch<T>& x, const F& f) {
    T u[Batch<T>::size], v[Batch<T>::size];
    a.store(u);
    x.store(v);
    each_pair(u, v, f);
    return Batch<T>::load(v);
}

}

/// P(a, x): the share of the gamma distribution of shape a that lies below x.
/// Numeric  max error 1 ulp (float); in double, relative, 4e-14 where a < 100, 4e-13 elsewhere, both for P > 1e-60.
///          NaN for a < 0, x < 0 and P(0, 0)
template <Vectorized T>
Batch<T> igamma(const Batch<T>& a, const Batch<T>& x) {
    return detail::for_pairs(a, x, [](double u, double v) { return detail::igamma(u, v, false); });
}
/// Q(a, x) = 1 - P(a, x), with all its digits where it is small.
/// Numeric  as igamma
template <Vectorized T>
Batch<T> igammac(const Batch<T>& a, const Batch<T>& x) {
    return detail::for_pairs(a, x, [](double u, double v) { return detail::igamma(u, v, true); });
}
/// d log(x) / da for a number of the gamma distribution of shape a whose share below it is held; of log(x), so that
/// x may be as small as it likes.
///   -(dP / da) / (x dP / dx)
/// Numeric  relative error 1e-9 in double
template <Vectorized T>
Batch<T> log_gamma_slope(const Batch<T>& a, const Batch<T>& logarithm) {
    return detail::for_pairs(a, logarithm, [](double u, double v) { return detail::log_gamma_slope(u, v); });
}

}
