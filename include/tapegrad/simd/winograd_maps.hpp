// Winograd's F(4 x 4, 3 x 3): the linear maps between 4 results, 6 places and 3 weights, as vectors over tiles or
// channels, and their adjoints.
//
// With the matrices A, B and G, Y = A^T ((G g G^T) * (B^T d B)) A, where * is element by element: 36 products for
// 144. By the weight it is dg = G^T ((A dY A^T) * (B^T d B)) G, summed over tiles.
#pragma once

#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

inline constexpr int64_t winograd_tile = 4, winograd_points = 36;

/// B^T d: 6 places.
struct WinogradPlaces {
    static constexpr int count = 6;
    template <class T>
    TAPEGRAD_INLINE static void apply(const Batch<T> (&d)[6], Batch<T> (&v)[6]) {
        const Batch<T> two(T(2)), four(T(4)), minus_four(T(-4)), minus_five(T(-5));
        const Batch<T> even = fma(minus_four, d[2], d[4]), odd = fma(minus_four, d[1], d[3]);
        const Batch<T> inner = d[4] - d[2], outer = two * (d[3] - d[1]);
        v[0] = fma(four, d[0], fma(minus_five, d[2], d[4]));
        v[1] = even + odd;
        v[2] = even - odd;
        v[3] = inner + outer;
        v[4] = inner - outer;
        v[5] = fma(four, d[1], fma(minus_five, d[3], d[5]));
    }
};

/// A^T m: 4 results of 6 points.
template <class T>
TAPEGRAD_INLINE void winograd_result(const Batch<T> (&m)[6], Batch<T> (&y)[4]) {
    const Batch<T> sum = m[1] + m[2], difference = m[1] - m[2], far_sum = m[3] + m[4],
                   far_difference = m[3] - m[4];
    y[0] = m[0] + sum + far_sum;
    y[1] = fma(Batch<T>(T(2)), far_difference, difference);
    y[2] = fma(Batch<T>(T(4)), far_sum, sum);
    y[3] = fma(Batch<T>(T(8)), far_difference, difference) + m[5];
}
/// A y: 6 points of 4 results.
struct WinogradSlopes {
    static constexpr int count = 4;
    template <class T>
    TAPEGRAD_INLINE static void apply(const Batch<T> (&y)[4], Batch<T> (&m)[6]) {
        const Batch<T> even = y[0] + y[2], odd = y[1] + y[3], far_even = fma(Batch<T>(T(4)), y[2], y[0]),
                       far_odd = Batch<T>(T(2)) * fma(Batch<T>(T(4)), y[3], y[1]);
        m[0] = y[0];
        m[1] = even + odd;
        m[2] = even - odd;
        m[3] = far_even + far_odd;
        m[4] = far_even - far_odd;
        m[5] = y[3];
    }
};

/// G g: 6 points of 3 weights.
template <class T>
TAPEGRAD_INLINE void winograd_filter(const Batch<T> (&g)[3], Batch<T> (&u)[6]) {
    const Batch<T> sixth(T(-1) / 6), far = fma(Batch<T>(T(1) / 24), g[0], Batch<T>(T(1) / 6) * g[2]),
                                     twelfth = Batch<T>(T(1) / 12) * g[1], ends = sixth * (g[0] + g[2]);
    u[0] = Batch<T>(T(1) / 4) * g[0];
    u[1] = fma(sixth, g[1], ends);
    u[2] = fma(Batch<T>(T(1) / 6), g[1], ends);
    u[3] = far + twelfth;
    u[4] = far - twelfth;
    u[5] = g[2];
}
/// G^T u: 3 weights of 6 points.
template <class T>
TAPEGRAD_INLINE void winograd_filter_slope(const Batch<T> (&u)[6], Batch<T> (&g)[3]) {
    const Batch<T> sixth(T(-1) / 6), near = sixth * (u[1] + u[2]), far = u[3] + u[4];
    g[0] = fma(Batch<T>(T(1) / 4), u[0], fma(Batch<T>(T(1) / 24), far, near));
    g[1] = fma(sixth, u[1] - u[2], Batch<T>(T(1) / 12) * (u[3] - u[4]));
    g[2] = fma(Batch<T>(T(1) / 6), far, near) + u[5];
}

}
