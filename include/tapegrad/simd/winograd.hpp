// Convolution with windows of 3 x 3 and stride 1 by a fourth of the multiplications (winograd_maps.hpp): tiles of
// 4 x 4 results, for which 36 products of matrices take the place of one over windows.
//
// The tiles of a few images stand side by side, row after row, as the columns of the 36 matrices; so vectors are
// full whatever the width of an image is.
#pragma once

#include "gemm.hpp"
#include "tile_rows.hpp"
#include "winograd_maps.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

/// Planes of channels as tiles: tile (h, w) begins at place (4 h - padding, 4 w - padding).
struct WinogradTiles {
    int64_t channels, high, wide;        // tiles
    int64_t size_high, size_wide;        // places
    int64_t padding_high, padding_wide;  // also negative
    int64_t image;                       // elements from one image to the next

    int64_t tiles() const { return high * wide; }
    /// Rows of tiles that are worked on at once, so that their planes stay in L1.
    int64_t band() const { return wide > 256 ? 1 : 256 / wide; }
};

/// Elements from one row of the matrices to the next: vectors may write behind the last column.
template <class T>
constexpr int64_t winograd_step(int64_t columns) {
    return (columns + 2 * width<T> - 2) / width<T> * width<T>;
}

/// Six rows of points for a row of tiles: the map applied down the columns, places as they lie in memory.
template <class T, class Map>
TAPEGRAD_INLINE void map_columns(const T* plane, const WinogradTiles& s, int64_t h, T* rows, int64_t length) {
    const T* from[static_cast<std::size_t>(Map::count)];
    bool inside[static_cast<std::size_t>(Map::count)];
    for (int64_t i = 0; i < Map::count; ++i) {
        const int64_t y = h * winograd_tile + i - s.padding_high;
        inside[i] = y >= 0 && y < s.size_high;
        from[i] = plane + (inside[i] ? y : 0) * s.size_wide;
    }
    // The margins of `rows` stay zero.
    const int64_t begin = s.padding_wide < 0 ? -s.padding_wide : 0, room = length - width<T> - s.padding_wide,
                  end = s.size_wide < room ? s.size_wide : room;
    for (int64_t x = begin; x < end; x += width<T>) {
        Batch<T> d[static_cast<std::size_t>(Map::count)], v[6];
        for (int64_t i = 0; i < Map::count; ++i)
            d[i] = !inside[i]            ? Batch<T>(T(0))
                   : end - x >= width<T> ? Batch<T>::load(from[i] + x)
                                         : load_partial(from[i] + x, end - x);
        Map::apply(d, v);
        for (int64_t i = 0; i < 6; ++i) v[i].store(rows + i * length + s.padding_wide + x);
    }
}

/// v[point][channel][tile], rows `step` apart: the map of the tiles of `images` images, on both sides.
template <class T, class Map>
void winograd_points_of(const T* x, int64_t images, const WinogradTiles& s, T* v, int64_t step) {
    constexpr int64_t W = width<T>;
    const int64_t rows = images * s.high, band = s.band(), plane = band * s.wide + W + tiles_at_once;
    const int64_t length = s.wide * winograd_tile + 32 + W;  // a group of tiles more, and a vector
    parallel_for(s.channels, 512 / (images * s.tiles() + 1) + 1, [&](int64_t begin, int64_t end) {
        Scratch<T> lines(6 * length), planes(winograd_points * plane);
        for (int64_t i = 0; i < lines.size(); ++i) lines[i] = T(0);
        for (int64_t i = 0; i < planes.size(); ++i) planes[i] = T(0);
        for (int64_t c = begin; c < end; ++c)
            for (int64_t first = 0; first < rows; first += band) {
                const int64_t count = rows - first < band ? rows - first : band;
                for (int64_t r = 0; r < count; ++r) {
                    const int64_t n = (first + r) / s.high, h = (first + r) % s.high;
                    map_columns<T, Map>(x + n * s.image + c * s.size_high * s.size_wide, s, h, lines.data(),
                                        length);
                    for (int64_t i = 0; i < 6; ++i)
                        split_row(lines.data() + i * length, s.wide,
                                  planes.data() + 6 * i * plane + r * s.wide, plane);
                }
                for (int64_t i = 0; i < 6; ++i)
                    for (int64_t t = 0; t < count * s.wide; t += W) {
                        Batch<T> d[static_cast<std::size_t>(Map::count)], row[6];
                        for (int64_t j = 0; j < Map::count; ++j)
                            d[j] = Batch<T>::load(planes.data() + (6 * i + j) * plane + t);
                        Map::apply(d, row);
                        for (int64_t j = 0; j < 6; ++j)
                            row[j].store(v + ((6 * i + j) * s.channels + c) * step + first * s.wide + t);
                    }
            }
    });
}

/// y = A^T m A + bias of m[point][channel][tile].
template <class T>
void winograd_results_of(const T* m, int64_t step, const T* bias, int64_t images, const WinogradTiles& s,
                         T* y) {
    constexpr int64_t W = width<T>;
    const int64_t rows = images * s.high, band = s.band(), plane = band * s.wide + W + tiles_at_once;
    parallel_for(s.channels, 512 / (images * s.tiles() + 1) + 1, [&](int64_t begin, int64_t end) {
        Scratch<T> planes(16 * plane);
        for (int64_t i = 0; i < planes.size(); ++i) planes[i] = T(0);
        for (int64_t o = begin; o < end; ++o)
            for (int64_t first = 0; first < rows; first += band) {
                const int64_t count = rows - first < band ? rows - first : band;
                const Batch<T> shift(bias != nullptr ? bias[o] : T(0));
                for (int64_t t = 0; t < count * s.wide; t += W) {
                    Batch<T> half[4][6], row[4];
                    for (int64_t j = 0; j < 6; ++j) {
                        Batch<T> column[6];
                        for (int64_t i = 0; i < 6; ++i)
                            column[i] = Batch<T>::load(m + ((6 * i + j) * s.channels + o) * step +
                                                       first * s.wide + t);
                        winograd_result(column, row);
                        for (int64_t i = 0; i < 4; ++i) half[i][j] = row[i];
                    }
                    for (int64_t i = 0; i < 4; ++i) {
                        winograd_result(half[i], row);
                        for (int64_t j = 0; j < 4; ++j)
                            (row[j] + shift).store(planes.data() + (4 * i + j) * plane + t);
                    }
                }
                for (int64_t r = 0; r < count; ++r) {
                    const int64_t n = (first + r) / s.high, h = (first + r) % s.high * winograd_tile;
                    T* const to = y + n * s.image + (o * s.size_high + h) * s.size_wide;
                    for (int64_t i = 0; i < 4 && h + i < s.size_high; ++i)
                        join_row(planes.data() + 4 * i * plane + r * s.wide, plane, to + i * s.size_wide,
                                 s.size_wide);
                }
            }
    });
}

/// u[point][o][c] = G g G^T of filter(o, c, tap).
template <class T, class Filter>
void winograd_filters_of(int64_t out, int64_t in, const Filter& filter, T* u) {
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
/// w[o][c][tap] = G^T u G of u[point][o][c].
template <class T>
void winograd_filter_slopes_of(int64_t out, int64_t in, const T* u, T* w) {
    constexpr int64_t W = width<T>;
    parallel_for(out, 256 / (in + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t o = begin; o < end; ++o)
            for (int64_t c = 0; c < in; c += W) {
                const int64_t lanes = in - c < W ? in - c : W;
                Batch<T> half[3][6], g[3];
                for (int j = 0; j < 6; ++j) {
                    Batch<T> column[6];
                    for (int i = 0; i < 6; ++i)
                        column[i] = load_partial(u + ((i * 6 + j) * out + o) * in + c, lanes);
                    winograd_filter_slope(column, g);
                    for (int i = 0; i < 3; ++i) half[i][j] = g[i];
                }
                T turned[9][Batch<T>::size];
                for (int i = 0; i < 3; ++i) {
                    winograd_filter_slope(half[i], g);
                    for (int j = 0; j < 3; ++j) g[j].store(turned[3 * i + j]);
                }
                T* const to = w + (o * in + c) * 9;
                for (int64_t l = 0; l < lanes; ++l)
                    for (int64_t t = 0; t < 9; ++t) to[l * 9 + t] = turned[t][l];
            }
    });
}

/// How many images share the columns of one product: enough to fill its tiles, few enough for L2 or L3.
inline int64_t winograd_images(const WinogradTiles& s, int64_t batch) {
    const int64_t images = s.tiles() >= 256 ? 1 : 256 / s.tiles();
    return images < batch ? images : batch;
}

/// Calls product(point) for each of the 36, over the threads.
template <class Product>
void for_each_point(const Product& product) {
    parallel_for(winograd_points, 1, [&](int64_t begin, int64_t end) {
        for (int64_t p = begin; p < end; ++p) product(p);
    });
}

/// y = x convolved with filter(o, c, tap): images with `from` tiles to images with `to` tiles of results.
template <class T, class Filter>
void winograd(const T* x, const T* bias, T* y, int64_t batch, const WinogradTiles& from,
              const WinogradTiles& to, const Filter& filter) {
    const int64_t in = from.channels, out = to.channels, most = winograd_images(from, batch);
    const int64_t step = winograd_step<T>(most * from.tiles());
    Scratch<T> u(winograd_points * out * in), v(winograd_points * in * step), m(winograd_points * out * step);
    winograd_filters_of(out, in, filter, u.data());
    for (int64_t n = 0; n < batch; n += most) {
        const int64_t images = batch - n < most ? batch - n : most, columns = images * from.tiles();
        winograd_points_of<T, WinogradPlaces>(x + n * from.image, images, from, v.data(), step);
        for_each_point([&](int64_t p) {
            gemm(out, columns, in, MatrixRef<T>{u.data() + p * out * in, in, 1},
                 MatrixRef<T>{v.data() + p * in * step, step, 1}, m.data() + p * out * step, step);
        });
        winograd_results_of(m.data(), step, bias, images, to, y + n * to.image);
    }
}

/// dw (out, in, 3, 3) of images x and slopes dy.
template <class T>
void winograd_weight(const T* x, const T* dy, T* dw, int64_t batch, const WinogradTiles& from,
                     const WinogradTiles& to) {
    const int64_t in = from.channels, out = to.channels, most = winograd_images(from, batch);
    const int64_t step = winograd_step<T>(most * from.tiles());
    Scratch<T> u(winograd_points * out * in), v(winograd_points * in * step), m(winograd_points * out * step);
    for (int64_t n = 0; n < batch; n += most) {
        const int64_t images = batch - n < most ? batch - n : most, columns = images * from.tiles();
        winograd_points_of<T, WinogradPlaces>(x + n * from.image, images, from, v.data(), step);
        winograd_points_of<T, WinogradSlopes>(dy + n * to.image, images, to, m.data(), step);
        for_each_point([&](int64_t p) {
            gemm(out, in, columns, MatrixRef<T>{m.data() + p * out * step, step, 1},
                 MatrixRef<T>{v.data() + p * in * step, 1, step}, u.data() + p * out * in, in, n > 0);
        });
    }
    winograd_filter_slopes_of(out, in, u.data(), dw);
}

}
