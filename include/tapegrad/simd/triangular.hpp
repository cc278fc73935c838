// Triangular systems, by halves: what couples two halves is a matrix product, and small triangles are solved
// for a strip of right-hand sides in vector registers.
//
// Right-hand sides come in with the opposite sign: x1 = -a11^-1 x1, x2 += a21 x1, x2 = -a22^-1 x2. So every
// product adds, as gemm does.
#pragma once

#include "gemm_batched.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// A triangle of a matrix: what lies on the other side of the diagonal is not read.
template <class T>
struct Triangle {
    MatrixRef<T> a;
    bool upper = false;
    bool unit = false;  // the diagonal is not read either: it counts as ones

    Triangle at(int64_t i) const { return {a.at(i, i), upper, unit}; }
};

/// Columns of right-hand sides that are written in place: element (i, j) at data[i * row + j * col], row or col 1.
template <class T>
struct Columns {
    T* data;
    int64_t row, col, count;

    Columns at(int64_t i) const { return {data + i * row, row, col, count}; }
};

namespace detail {

inline constexpr int64_t triangular_base = 32;  // a strip of it, 4 vectors wide, is half a first-level cache

/// A small triangle for a strip of columns, tile[i * strip + j]. `V` counts its vectors.
template <class T, int... V>
void solve_strip(const Triangle<T>& t, int64_t n, T* tile, std::integer_sequence<int, V...>) {
    constexpr int64_t w = width<T>, strip = w * int64_t{sizeof...(V)};
    for (int64_t step = 0; step < n; ++step) {
        const int64_t i = t.upper ? n - 1 - step : step;
        Batch<T> sum[] = {Batch<T>::load(tile + i * strip + V * w)...};
        const int64_t first = t.upper ? i + 1 : 0, last = t.upper ? n : i;
        for (int64_t p = first; p < last; ++p) {
            const Batch<T> factor(*t.a.at(i, p).data);
            ((sum[V] = fma(factor, Batch<T>::load(tile + p * strip + V * w), sum[V])), ...);
        }
        const Batch<T> divisor(t.unit ? T(-1) : -*t.a.at(i, i).data);
        (Batch<T>(sum[V] / divisor).store(tile + i * strip + V * w), ...);
    }
}

template <class T, int Vectors>
[[gnu::noinline]] void solve_strips(const Triangle<T>& t, int64_t n, const Columns<T>& x) {
    constexpr int64_t strip = Vectors * width<T>;
    parallel_for(ceil_div(x.count, strip), ceil_div(gemm_serial, n * n * strip),
                 [&](int64_t begin, int64_t end) {
                     alignas(64) T tile[static_cast<std::size_t>(triangular_base * strip)];
                     for (int64_t s = begin; s < end; ++s) {
                         T* const from = x.data + s * strip * x.col;
                         const int64_t columns = x.count - s * strip < strip ? x.count - s * strip : strip;
                         for (int64_t i = 0; i < n; ++i)
                             for (int64_t j = 0; j < strip; ++j)
                                 tile[i * strip + j] = j < columns ? from[i * x.row + j * x.col] : T(0);
                         solve_strip(t, n, tile, std::make_integer_sequence<int, Vectors>{});
                         for (int64_t i = 0; i < n; ++i)
                             for (int64_t j = 0; j < columns; ++j)
                                 from[i * x.row + j * x.col] = tile[i * strip + j];
                     }
                 });
}

}

/// x = -a^-1 x, in place.
/// Shape    a (n, n), x (n, count)
/// Numeric  (a + e) x = -b with |e| <= (n + 1) eps |a|; a zero on the diagonal gives infinities and NaN
template <class T>
void solve_triangle(const Triangle<T>& t, int64_t n, const Columns<T>& x) {
    if (n <= 0 || x.count <= 0) return;
    if (n <= detail::triangular_base)
        return x.count <= width<T> ? detail::solve_strips<T, 1>(t, n, x)
                                   : detail::solve_strips<T, 4>(t, n, x);
    const int64_t half = detail::ceil_div(n / 2, detail::triangular_base) * detail::triangular_base;
    const int64_t done = t.upper ? half : 0, next = t.upper ? 0 : half;
    const int64_t terms = t.upper ? n - half : half, rows = n - terms;
    solve_triangle(t.at(done), terms, x.at(done));
    const MatrixRef<T> coupling = t.a.at(next, done), solved{x.at(done).data, x.row, x.col};
    if (x.col == 1)
        gemm(rows, x.count, terms, coupling, solved, x.at(next).data, x.row, true);
    else
        gemm(x.count, rows, terms, solved.transposed(), coupling.transposed(), x.at(next).data, x.col, true);
    solve_triangle(t.at(next), rows, x.at(next));
}

}
