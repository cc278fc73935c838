// Convolution with windows of 3 x 3 and stride 1 by a fourth of the multiplications.
//
// Tiles of 4 x 4 results are read from 6 x 6 places d. With the matrices below, Y = A^T ((G g G^T) * (B^T d B)) A,
// where * is element by element: 36 products for 144. Over the channels these 36 are products of matrices.
// The transforms are vectors over neighbouring tiles of a row, of filters over input channels.
#pragma once

#include "conv_depthwise.hpp"
#include "gemm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

inline constexpr int64_t winograd_tile = 4, winograd_reach = 6, winograd_points = 36;

/// B^T d: the columns of 6 values.
template <class T>
TAPEGRAD_INLINE void winograd_source(const Batch<T> (&d)[6], Batch<T> (&v)[6]) {
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

/// A^T m: 4 results of 6 values.
template <class T>
TAPEGRAD_INLINE void winograd_result(const Batch<T> (&m)[6], Batch<T> (&y)[4]) {
    const Batch<T> sum = m[1] + m[2], difference = m[1] - m[2], far_sum = m[3] + m[4],
                   far_difference = m[3] - m[4];
    y[0] = m[0] + sum + far_sum;
    y[1] = fma(Batch<T>(T(2)), far_difference, difference);
    y[2] = fma(Batch<T>(T(4)), far_sum, sum);
    y[3] = fma(Batch<T>(T(8)), far_difference, difference) + m[5];
}

/// G g: 6 values of 3.
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

/// What a convolution of one group is, as tiles.
struct WinogradShape {
    int64_t in, out, tiles_high, tiles_wide;
    Extent size, result;
    std::array<Taps, 3> axes;  // a window of 6 x 6 for each tile

    int64_t tiles() const { return tiles_high * tiles_wide; }
};

/// Whether it is worth its transforms: channels on both sides that hide them, rows that fill vectors of tiles.
inline bool winograd_pays(const ConvShape& s) {
    return s.window == Extent{1, 3, 3} && s.stride == Extent{1, 1, 1} && s.dilation == Extent{1, 1, 1} &&
           s.size[0] == 1 && s.in >= 32 && s.out >= 32 && s.result[1] >= 8 && s.result[2] >= 16;
}

inline WinogradShape winograd_shape(int64_t in, int64_t out, const Extent& size, const Extent& result,
                                    int64_t padding_high, int64_t padding_wide) {
    const int64_t high = ceil_div(result[1], winograd_tile), wide = ceil_div(result[2], winograd_tile);
    return {in,
            out,
            high,
            wide,
            size,
            result,
            {{{1, 1, 1, 0, 1},
              {high, winograd_tile, winograd_reach, -padding_high, 1},
              {wide, winograd_tile, winograd_reach, -padding_wide, 1}}}};
}

/// u[point][o][c] = (G g G^T) of filter(o, c), 9 values `step` apart, the next channel's `next` on.
template <class T, class Filter>
void transform_filters(int64_t out, int64_t in, const Filter& filter, T* u) {
    constexpr int64_t W = width<T>;
    parallel_for(out, 256 / (in + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t o = begin; o < end; ++o)
            for (int64_t c = 0; c < in; c += W) {
                const int64_t lanes = in - c < W ? in - c : W;
                T turned[9][Batch<T>::size] = {};
                for (int64_t l = 0; l < lanes; ++l)
                    for (int64_t t = 0; t < 9; ++t) turned[t][l] = filter(o, c + l, t);
                Batch<T> half[6][3], column[6], row[6];
                for (int j = 0; j < 3; ++j) {
                    const Batch<T> g[3] = {Batch<T>::load(turned[j]), Batch<T>::load(turned[3 + j]),
                                           Batch<T>::load(turned[6 + j])};
                    winograd_filter(g, column);
                    for (int i = 0; i < 6; ++i) half[i][j] = column[i];
                }
                for (int i = 0; i < 6; ++i) {
                    winograd_filter(half[i], row);
                    for (int j = 0; j < 6; ++j) {
                        T* const to = u + ((i * 6 + j) * out + o) * in + c;
                        if (lanes == W)
                            row[j].store(to);
                        else
                            store_partial(row[j], to, lanes);
                    }
                }
            }
    });
}

/// v[point][c][tile] = (B^T d B) of each tile of each channel.
template <class T>
void transform_image(const T* x, const WinogradShape& s, T* v) {
    constexpr int64_t W = width<T>;
    const int64_t pixels = volume(s.size), tiles = s.tiles();
    parallel_for(s.in, 512 / (tiles + 1) + 1, [&](int64_t begin, int64_t end) {
        PaddedPlane<T> plane(s.size, s.axes);
        for (int64_t c = begin; c < end; ++c) {
            plane.fill(x + c * pixels);
            for (int64_t high = 0; high < s.tiles_high; ++high)
                for (int64_t wide = 0; wide < s.tiles_wide; wide += W) {
                    Batch<T> half[6][6], column[6];
                    for (int j = 0; j < 6; ++j) {
                        Batch<T> d[6];
                        for (int i = 0; i < 6; ++i) d[i] = Batch<T>::load(plane.at(0, high, 0, i, j) + wide);
                        winograd_source(d, column);
                        for (int i = 0; i < 6; ++i) half[i][j] = column[i];
                    }
                    const int64_t left = s.tiles_wide - wide;
                    for (int i = 0; i < 6; ++i) {
                        winograd_source(half[i], column);
                        for (int j = 0; j < 6; ++j) {
                            T* const to = v + ((i * 6 + j) * s.in + c) * tiles + high * s.tiles_wide + wide;
                            if (left >= W)
                                column[j].store(to);
                            else
                                store_partial(column[j], to, left);
                        }
                    }
                }
        }
    });
}

/// y = A^T m A + bias of m[point][o][tile].
template <class T>
void transform_results(const T* m, const T* bias, const WinogradShape& s, T* y) {
    constexpr int64_t W = width<T>;
    const int64_t tiles = s.tiles(), positions = volume(s.result);
    parallel_for(s.out, 512 / (tiles + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t o = begin; o < end; ++o)
            for (int64_t high = 0; high < s.tiles_high; ++high)
                for (int64_t wide = 0; wide < s.tiles_wide; wide += W) {
                    const int64_t left = s.tiles_wide - wide;
                    Batch<T> half[4][6], row[4];
                    for (int j = 0; j < 6; ++j) {
                        Batch<T> column[6];
                        for (int i = 0; i < 6; ++i) {
                            const T* const from =
                                m + ((i * 6 + j) * s.out + o) * tiles + high * s.tiles_wide + wide;
                            column[i] = left >= W ? Batch<T>::load(from) : load_partial(from, left);
                        }
                        winograd_result(column, row);
                        for (int i = 0; i < 4; ++i) half[i][j] = row[i];
                    }
                    const Batch<T> shift(bias != nullptr ? bias[o] : T(0));
                    for (int64_t i = 0; i < 4 && high * 4 + i < s.result[1]; ++i) {
                        T lanes[4][Batch<T>::size];
                        winograd_result(half[i], row);
                        for (int j = 0; j < 4; ++j) (row[j] + shift).store(lanes[j]);
                        T* const to = y + o * positions + (high * 4 + i) * s.result[2] + wide * 4;
                        const int64_t room = s.result[2] - wide * 4, count = room < 4 * W ? room : 4 * W;
                        for (int64_t k = 0; k < count; ++k) to[k] = lanes[k % 4][k / 4];
                    }
                }
    });
}

/// y of one image: filters u as transform_filters made them.
template <class T>
void winograd(const T* x, const T* u, const T* bias, T* y, const WinogradShape& s) {
    const int64_t tiles = s.tiles();
    Scratch<T> v(winograd_points * s.in * tiles), m(winograd_points * s.out * tiles);
    transform_image(x, s, v.data());
    parallel_for(winograd_points, 1, [&](int64_t begin, int64_t end) {
        for (int64_t p = begin; p < end; ++p)
            gemm(s.out, tiles, s.in, MatrixRef<T>{u + p * s.out * s.in, s.in, 1},
                 MatrixRef<T>{v.data() + p * s.in * tiles, tiles, 1}, m.data() + p * s.out * tiles, tiles);
    });
    transform_results(m.data(), bias, s, y);
}

}
