// One piece of a monotone rational-quadratic spline: values, inverses and gradients of a batch of elements, each on a
// piece of its own.
//
//   a = (x - x0) / w,  q = a (1 - a),  s = h / w,  t = d0 + d1 - 2 s
//   y = y0 + h (s a^2 + d0 q) / (s + t q)
//   dy/dx = s^2 (d1 a^2 + 2 s q + d0 (1 - a)^2) / (s + t q)^2
//
// Source   Gregory and Delbourgo, Piecewise rational quadratic interpolation to monotonic data, 1982, as in Durkan et
//          al., Neural Spline Flows, 2019, (4) to (8)
#pragma once

#include "log.hpp"
#include "round.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

/// From (x0, y0) to (x0 + w, y0 + h), with the slopes d0 and d1 there.
template <class T>
struct SplinePiece {
    Batch<T> x0, w, y0, h, d0, d1;
};
template <class T>
struct SplinePoint {
    Batch<T> value, log_slope;
};

/// What values and gradients share, at the place a of the piece.
template <class T>
struct SplineTerms {
    Batch<T> a, q, s, t, below, slope;  // below: s + t q; slope: dy/dx below^2 / s^2

    TAPEGRAD_INLINE SplineTerms(const SplinePiece<T>& p, const Batch<T>& at) : a(at) {
        const Batch<T> one(T(1)), rest = one - a;
        q = a * rest;
        s = p.h / p.w;
        t = (p.d0 - s) + (p.d1 - s);
        below = fma(t, q, s);
        slope = fma(p.d1 * a, a, fma(s + s, q, p.d0 * rest * rest));
    }
    TAPEGRAD_INLINE Batch<T> log_slope() const {
        const Batch<T> ratio = s / below;
        return log(slope * ratio * ratio);
    }
};

template <class T>
TAPEGRAD_INLINE SplinePoint<T> spline_value(const SplinePiece<T>& p, const Batch<T>& x) {
    const SplineTerms<T> m(p, (x - p.x0) / p.w);
    return {fma(p.h, fma(m.s * m.a, m.a, p.d0 * m.q) / m.below, p.y0), m.log_slope()};
}

/// The place in [0, 1] of the piece where it has the value y. The root of a quadratic, written so that nothing cancels.
template <class T>
TAPEGRAD_INLINE Batch<T> spline_place(const SplinePiece<T>& p, const Batch<T>& y) {
    const Batch<T> zero(T(0)), one(T(1)), two(T(2));
    const Batch<T> s = p.h / p.w, t = (p.d0 - s) + (p.d1 - s), up = y - p.y0;
    const Batch<T> a = fma(up, t, p.h * (s - p.d0)), b = fma(-up, t, p.h * p.d0), c = -s * up;
    // Rounding may leave it below 0 at an end of the piece.
    const Batch<T> root = sqrt(max(fma(b, b, Batch<T>(T(-4)) * a * c), zero));
    const Mask<T> falls = b < zero;  // a is positive then
    const Batch<T> place = where(falls, root - b, two * c) / where(falls, two * a, -b - root);
    return max(min(place, one), zero);
}
/// The inverse at y, and the logarithm of its slope.
template <class T>
TAPEGRAD_INLINE SplinePoint<T> spline_inverse(const SplinePiece<T>& p, const Batch<T>& y) {
    const Batch<T> a = spline_place(p, y);
    return {fma(a, p.w, p.x0), -SplineTerms<T>(p, a).log_slope()};
}

template <class T>
struct SplineGradient {
    Batch<T> x;
    SplinePiece<T> piece;
};

/// The gradients of g_value y + g_log log(dy/dx) at the place a, whose logarithm is free of the factor below: all that
/// it needs is positive.
template <class T>
TAPEGRAD_INLINE SplineGradient<T> spline_gradient(const SplinePiece<T>& p, const SplineTerms<T>& m,
                                                  const Batch<T>& g_value, const Batch<T>& g_log) {
    const Batch<T> one(T(1)), two(T(2)), rest = one - m.a, inverse = one / m.below;
    const Batch<T> above = fma(m.s * m.a, m.a, p.d0 * m.q);
    const Batch<T> g_ratio = g_value * inverse;                                  // by h above
    const Batch<T> g_below = -fma(g_ratio * p.h, above, g_log * two) * inverse;  // by below
    const Batch<T> g_above = g_ratio * p.h, g_slope = g_log / m.slope;
    const Batch<T> gq = fma(g_above, p.d0, fma(g_below, m.t, g_slope * two * m.s));
    const Batch<T> gs =
        fma(g_above * m.a, m.a, fma(g_below, one - two * m.q, two * fma(g_slope, m.q, g_log / m.s)));
    Batch<T> ga = fma(g_above * two * m.s, m.a, g_slope * two * (p.d1 * m.a - p.d0 * rest));
    ga = fma(gq, rest - m.a, ga);
    const Batch<T> gx = ga / p.w;
    SplineGradient<T> g;
    g.x = gx;
    g.piece.x0 = -gx;
    g.piece.w = -fma(gx, m.a, gs * m.s / p.w);
    g.piece.y0 = g_value;
    g.piece.h = fma(g_ratio, above, gs / p.w);
    g.piece.d0 = fma(g_above + g_below, m.q, g_slope * rest * rest);
    g.piece.d1 = fma(g_below, m.q, g_slope * m.a * m.a);
    return g;
}

/// The gradients of g_value x + g_log log(dx/dy), where x is the inverse at y, by y and the piece: those of the spline at
/// x, with the sign turned and what x itself moves.
template <class T>
TAPEGRAD_INLINE SplineGradient<T> spline_inverse_gradient(const SplinePiece<T>& p, const SplineTerms<T>& m,
                                                          const Batch<T>& g_value, const Batch<T>& g_log) {
    const Batch<T> zero(T(0)), ratio = m.s / m.below;
    const Batch<T> bend = spline_gradient(p, m, zero, Batch<T>(T(1))).x;  // d log(dy/dx) / dx
    const Batch<T> gy = fma(-g_log, bend, g_value) / (m.slope * ratio * ratio);
    SplineGradient<T> g = spline_gradient(p, m, -gy, -g_log);
    g.x = gy;
    return g;
}

}
