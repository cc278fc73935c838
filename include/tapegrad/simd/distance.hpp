// Distances of all rows of one matrix from all rows of another, and their gradients, without the tensor of
// all differences.
//
// The rows of the second matrix are packed into panels of two batches, element by element: lane j of a batch
// belongs to row j, so that no sum runs across lanes and short rows cost what they hold.
#pragma once

#include "../core/parallel.hpp"
#include "../core/storage.hpp"
#include "primitives.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

// A norm: `join` adds a difference d to what is gathered, `root` ends it. Its derivative by d is `slope` with
// what `weigh` makes of dy and the distance y; 0 where y is 0.
struct AbsoluteNorm {  // p = 1
    TAPEGRAD_INLINE static auto join(const auto& s, const auto& d) { return s + abs(d); }
    TAPEGRAD_INLINE static auto root(const auto& s) { return s; }
    TAPEGRAD_INLINE static auto weigh(const auto& dy, const auto&) { return dy; }
    TAPEGRAD_INLINE static auto slope(const auto& w, const auto& d, const auto&) { return w * sign(d); }
};
struct EuclideanNorm {  // p = 2
    TAPEGRAD_INLINE static auto join(const auto& s, const auto& d) { return fma(d, d, s); }
    TAPEGRAD_INLINE static auto root(const auto& s) { return sqrt(s); }
    TAPEGRAD_INLINE static auto weigh(const auto& dy, const auto& y) { return where(y == 0, 0, dy / y); }
    TAPEGRAD_INLINE static auto slope(const auto& w, const auto& d, const auto&) { return w * d; }
};
struct LargestNorm {  // p = inf; all of several largest ones get the gradient, as in PyTorch
    TAPEGRAD_INLINE static auto join(const auto& s, const auto& d) { return max(s, abs(d)); }
    TAPEGRAD_INLINE static auto root(const auto& s) { return s; }
    TAPEGRAD_INLINE static auto weigh(const auto& dy, const auto&) { return dy; }
    TAPEGRAD_INLINE static auto slope(const auto& w, const auto& d, const auto& y) {
        return where(abs(d) == y, w * sign(d), 0);
    }
};
struct CountNorm {  // p = 0: how many differ
    TAPEGRAD_INLINE static auto join(const auto& s, const auto& d) {
        return s + where(d != 0, 1, like(d, 0));
    }
    TAPEGRAD_INLINE static auto root(const auto& s) { return s; }
    TAPEGRAD_INLINE static auto weigh(const auto& dy, const auto&) { return dy; }
    TAPEGRAD_INLINE static auto slope(const auto& w, const auto&, const auto&) { return w - w; }
};
template <class T>
struct PowerNorm {
    T p;
    TAPEGRAD_INLINE auto join(const auto& s, const auto& d) const { return s + pow(abs(d), like(d, p)); }
    TAPEGRAD_INLINE auto root(const auto& s) const { return pow(s, like(s, 1 / p)); }
    TAPEGRAD_INLINE auto weigh(const auto& dy, const auto& y) const {
        return where(y == 0, 0, dy * pow(y, like(y, 1 - p)));
    }
    TAPEGRAD_INLINE auto slope(const auto& w, const auto& d, const auto&) const {
        return where(d == 0, 0, w * sign(d) * pow(abs(d), like(d, p - 1)));
    }
};

/// Calls f with the norm of a p >= 0.
template <class T, class F>
void with_norm(double p, const F& f) {
    if (p == 2) return f(EuclideanNorm());
    if (p == 1) return f(AbsoluteNorm());
    if (p == 0) return f(CountNorm());
    if (p == std::numeric_limits<double>::infinity()) return f(LargestNorm());
    f(PowerNorm<T>{static_cast<T>(p)});
}

/// `batch` times x (rows, n) and z (columns, n), row-major.
struct DistanceShape {
    int64_t batch, rows, columns, n;
};

namespace detail {

inline constexpr int64_t distance_rows = 4;  // rows of x at a time: eight sums hide the latency of fma
template <class T>
inline constexpr int64_t panel_width = 2 * width<T>;

/// z as panels (columns / panel_width, n, panel_width), rows past the end as zeros.
template <class T>
Scratch<T> pack_panels(const DistanceShape& s, const T* z) {
    constexpr int64_t V = panel_width<T>;
    const int64_t panels = (s.columns + V - 1) / V;
    Scratch<T> packed(s.batch * panels * s.n * V);
    parallel_for(s.batch * panels, (int64_t{1} << 15) / (s.n * V + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t q = begin; q < end; ++q) {
            const int64_t first = q % panels * V, count = s.columns - first < V ? s.columns - first : V;
            const T* const from = z + (q / panels * s.columns + first) * s.n;
            T* const to = packed.data() + q * s.n * V;
            for (int64_t k = 0; k < s.n; ++k)
                for (int64_t j = 0; j < V; ++j) to[k * V + j] = j < count ? from[j * s.n + k] : T(0);
        }
    });
    return packed;
}

}

/// y_ij = |x_i - z_j|
/// Shape    y (batch, rows, columns)
/// Numeric  sums in the order of the elements; the bits of y_ij depend on x_i and z_j alone
template <class T, class Norm>
void distances(const DistanceShape& s, const T* x, const T* z, T* y, const Norm& norm) {
    constexpr int64_t V = detail::panel_width<T>, W = width<T>, R = detail::distance_rows;
    const Scratch<T> packed = detail::pack_panels(s, z);
    const int64_t panels = (s.columns + V - 1) / V, groups = (s.rows + R - 1) / R;
    parallel_for(s.batch * groups, (int64_t{1} << 15) / (R * s.columns * s.n + 1) + 1,
                 [&](int64_t begin, int64_t end) {
                     for (int64_t g = begin; g < end; ++g) {
                         const int64_t b = g / groups, first = g % groups * R;
                         const T* row[R];  // past the last row the last one again
                         for (int64_t r = 0; r < R; ++r)
                             row[r] = x + (b * s.rows + (first + r < s.rows ? first + r : s.rows - 1)) * s.n;
                         for (int64_t q = 0; q < panels; ++q) {
                             const T* const panel = packed.data() + (b * panels + q) * s.n * V;
                             Batch<T> sum[R][2];
                             for (auto& pair : sum) pair[0] = pair[1] = Batch<T>(T(0));
                             for (int64_t k = 0; k < s.n; ++k) {
                                 const auto left = Batch<T>::load(panel + k * V),
                                            right = Batch<T>::load(panel + k * V + W);
                                 for (int64_t r = 0; r < R; ++r) {
                                     const Batch<T> v(row[r][k]);
                                     sum[r][0] = norm.join(sum[r][0], v - left);
                                     sum[r][1] = norm.join(sum[r][1], v - right);
                                 }
                             }
                             for (int64_t r = 0; r < R && first + r < s.rows; ++r)
                                 for (int64_t h = 0; h < 2; ++h) {
                                     const int64_t at = q * V + h * W, rest = s.columns - at;
                                     T* const to = y + (b * s.rows + first + r) * s.columns + at;
                                     const Batch<T> root = norm.root(sum[r][h]);
                                     if (rest >= W)
                                         root.store(to);
                                     else if (rest > 0)
                                         store_partial(root, to, rest);
                                 }
                         }
                     }
                 });
}

/// dx_i = sum_j dy_ij d|x_i - z_j| / dx_i
/// Shape    y, dy (batch, rows, columns) -> dx (batch, rows, n)
template <class T, class Norm>
void distances_backward(const DistanceShape& s, const T* x, const T* z, const T* y, const T* dy, T* dx,
                        const Norm& norm) {
    constexpr int64_t V = detail::panel_width<T>, W = width<T>;
    const Scratch<T> packed = detail::pack_panels(s, z);
    const int64_t panels = (s.columns + V - 1) / V;
    parallel_for(
        s.batch * s.rows, (int64_t{1} << 15) / (s.columns * s.n + 1) + 1, [&](int64_t begin, int64_t end) {
            Scratch<T> sums(s.n * W);
            for (int64_t i = begin; i < end; ++i) {
                for (int64_t k = 0; k < s.n * W; ++k) sums[k] = T(0);
                for (int64_t at = 0; at < s.columns; at += W) {
                    const T* const panel = packed.data() + (i / s.rows * panels + at / V) * s.n * V + at % V;
                    const int64_t count = s.columns - at < W ? s.columns - at : W;
                    // Past the end the weight is 0, of a distance that is not.
                    const Batch<T> d = load_partial(y + i * s.columns + at, count, T(1)),
                                   w = norm.weigh(load_partial(dy + i * s.columns + at, count), d);
                    for (int64_t k = 0; k < s.n; ++k) {
                        const Batch<T> difference = Batch<T>(x[i * s.n + k]) - Batch<T>::load(panel + k * V);
                        (Batch<T>::load(sums.data() + k * W) + norm.slope(w, difference, d))
                            .store(sums.data() + k * W);
                    }
                }
                for (int64_t k = 0; k < s.n; ++k)
                    dx[i * s.n + k] = reduce_add(Batch<T>::load(sums.data() + k * W));
            }
        });
}

}
