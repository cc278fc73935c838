// Monotone rational-quadratic splines, one for each element: a batch of elements at a time, whose parameters are turned
// so that a batch holds one parameter of each.
//
// Row e of `parameters` holds what makes the spline of element e:
//
//   K widths, K heights    of the pieces: shares of softmax(scale u), each at least min_width and min_height of the whole
//   the slopes             min_slope + softplus(u) at the K - 1 inner knots (linear: both ends have slope 1), at K knots
//                          (circular: both ends have the first), or at all K + 1 (none)
//
// From outside [low, high] an element is held to it before it meets the spline, so that nothing is computed there that
// could be Inf or NaN.
#pragma once

#include "../core/parallel.hpp"
#include "../core/storage.hpp"
#include "exp.hpp"
#include "spline_piece.hpp"
#include "transpose.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What a spline is outside [low, high]: nothing, the identity, or itself, as a function of angles.
enum class SplineTails : uint8_t { none, linear, circular };

namespace simd {

template <class T>
struct SplineShape {
    int64_t bins;
    SplineTails tails;
    T low, high, min_width, min_height, min_slope;
    T scale;  // of widths and heights before softmax

    int64_t slopes() const {
        return tails == SplineTails::linear ? bins - 1 : tails == SplineTails::circular ? bins : bins + 1;
    }
    int64_t parameters() const { return 2 * bins + slopes(); }
};

namespace detail {

inline constexpr int64_t spline_grain = 256;  // elements: some 10 us of a core

template <class T>
TAPEGRAD_INLINE Batch<T> soft_plus(const Batch<T>& x) {
    const Batch<T> zero(T(0));
    return max(x, zero) + log1p(exp(-abs(x)));
}
template <class T>
TAPEGRAD_INLINE Batch<T> logistic(const Batch<T>& x) {
    return Batch<T>(T(1)) / (Batch<T>(T(1)) + exp(-x));
}

/// The parameters of a batch of elements, parameter by parameter, and what the spline makes of them.
template <class T>
class SplineTile {
public:
    SplineTile(const SplineShape<T>& shape, T* memory) : shape_(shape), p_(memory) {}
    /// Numbers that the memory must hold.
    static int64_t size(const SplineShape<T>& shape) { return shape.parameters() * width<T>; }

    void load(const T* rows, int64_t count) {
        const int64_t n = shape_.parameters();
        const auto* from = reinterpret_cast<const Element*>(rows);
        auto* to = reinterpret_cast<Element*>(p_);
        // Behind the last element stands that element again.
        if (squares(n))
            for_columns(n, [&](int64_t j) { transpose_block<sizeof(T)>(from + j, n, count, to + j * W, W); });
        else
            for (int64_t r = 0; r < W; ++r)
                for (int64_t j = 0; j < n; ++j) p_[j * W + r] = rows[(r < count ? r : count - 1) * n + j];
        shares(p_);
        shares(p_ + shape_.bins * W);
    }

    /// The piece under each element of v, which lies in [low, high]: by x, or by y.
    template <bool ByValue>
    SplinePiece<T> locate(const Batch<T>& v) {
        const int64_t bins = shape_.bins;
        const T range = shape_.high - shape_.low;
        const Batch<T> high(shape_.high), low(shape_.low), r(range);
        const auto share = [&](int64_t row, T least) TAPEGRAD_LAMBDA {
            return fma(at(row), Batch<T>(T(1) - least * static_cast<T>(bins)), Batch<T>(least));
        };
        SplinePiece<T> piece{low, r, low, r, Batch<T>(T(0)), Batch<T>(T(0))};
        Batch<T> x0 = low, y0 = low, across(T(0)), up(T(0));
        bin_ = Batch<T>(T(0));
        for (int64_t k = 0; k < bins; ++k) {
            across += share(k, shape_.min_width);
            up += share(bins + k, shape_.min_height);
            // The last knot is the end itself, whatever the sum was rounded to.
            const Batch<T> x1 = k == bins - 1 ? high : fma(across, r, low);
            const Batch<T> y1 = k == bins - 1 ? high : fma(up, r, low);
            const Mask<T> here = v >= (ByValue ? y0 : x0);
            const auto take = [&](Batch<T>& kept, const Batch<T>& next)
                                  TAPEGRAD_LAMBDA { kept = k == 0 ? next : where(here, next, kept); };
            take(piece.x0, x0);
            take(piece.w, x1 - x0);
            take(piece.y0, y0);
            take(piece.h, y1 - y0);
            take(piece.d0, raw_slope(k));
            take(piece.d1, raw_slope(k + 1));
            take(bin_, Batch<T>(static_cast<T>(k)));
            x0 = x1;
            y0 = y1;
        }
        raw0_ = piece.d0;
        raw1_ = piece.d1;
        piece.d0 = soft_plus(raw0_) + Batch<T>(shape_.min_slope);
        piece.d1 = soft_plus(raw1_) + Batch<T>(shape_.min_slope);
        return piece;
    }

    /// Puts the gradients of the parameters in their places, from those of the located piece.
    void store_gradient(const SplinePiece<T>& g, T* rows, int64_t count) {
        const int64_t bins = shape_.bins, n = shape_.parameters();
        shares_gradient(p_, g.x0, g.w, shape_.min_width);
        shares_gradient(p_ + bins * W, g.y0, g.h, shape_.min_height);
        const Batch<T> zero(T(0)), g0 = g.d0 * logistic(raw0_), g1 = g.d1 * logistic(raw1_);
        for (int64_t j = 0; j < shape_.slopes(); ++j) {
            const int64_t knot = shape_.tails == SplineTails::linear ? j + 1 : j;
            Batch<T> total =
                where(bin_ == number(knot), g0, zero) + where(bin_ == number(knot - 1), g1, zero);
            if (shape_.tails == SplineTails::circular && j == 0)
                total += where(bin_ == number(bins - 1), g1, zero);
            total.store(p_ + (2 * bins + j) * W);
        }
        const auto* from = reinterpret_cast<const Element*>(p_);
        auto* to = reinterpret_cast<Element*>(rows);
        if (squares(n) && count == W)
            for_columns(n, [&](int64_t j) { transpose_block<sizeof(T)>(from + j * W, W, W, to + j, n); });
        else
            for (int64_t r = 0; r < count; ++r)
                for (int64_t j = 0; j < n; ++j) rows[r * n + j] = p_[j * W + r];
    }

private:
    static constexpr int64_t W = width<T>;

    using Element = typename Word<sizeof(T)>::type;

    /// Whether n columns can be turned by squares of a batch.
    static bool squares(int64_t n) { return transpose_side<sizeof(T)> == W && n >= W; }
    /// Calls f(first column) for squares that cover n columns, the last two overlapping.
    template <class F>
    static void for_columns(int64_t n, const F& f) {
        for (int64_t j = 0; j + W <= n; j += W) f(j);
        if (n % W != 0) f(n - W);
    }
    static Batch<T> number(int64_t k) { return Batch<T>(static_cast<T>(k)); }
    TAPEGRAD_INLINE Batch<T> at(int64_t row) const { return Batch<T>::load(p_ + row * W); }

    Batch<T> raw_slope(int64_t knot) const {
        const int64_t bins = shape_.bins;
        if (shape_.tails == SplineTails::none) return at(2 * bins + knot);
        if (shape_.tails == SplineTails::circular) return at(2 * bins + (knot == bins ? 0 : knot));
        // min_slope + softplus of this is 1.
        if (knot == 0 || knot == bins) return Batch<T>(std::log(std::expm1(T(1) - shape_.min_slope)));
        return at(2 * bins + knot - 1);
    }
    /// softmax(scale u), in place.
    void shares(T* u) const {
        const Batch<T> scale(shape_.scale);
        Batch<T> top = Batch<T>::load(u) * scale, total(T(0));
        for (int64_t k = 1; k < shape_.bins; ++k) top = max(top, Batch<T>::load(u + k * W) * scale);
        for (int64_t k = 0; k < shape_.bins; ++k) {
            const Batch<T> e = exp_weight(Batch<T>::load(u + k * W) * scale - top);
            e.store(u + k * W);
            total += e;
        }
        const Batch<T> factor = Batch<T>(T(1)) / total;
        for (int64_t k = 0; k < shape_.bins; ++k) (Batch<T>::load(u + k * W) * factor).store(u + k * W);
    }
    /// The same backwards: a piece begins behind the shares below it, and is as long as its own.
    void shares_gradient(T* share, const Batch<T>& begin, const Batch<T>& length, T least) const {
        const Batch<T> zero(T(0));
        const auto gradient = [&](int64_t k) TAPEGRAD_LAMBDA {
            return where(number(k) < bin_, begin, where(number(k) == bin_, length, zero));
        };
        Batch<T> mean = zero;
        for (int64_t k = 0; k < shape_.bins; ++k)
            mean = fma(Batch<T>::load(share + k * W), gradient(k), mean);
        const Batch<T> factor((shape_.high - shape_.low) * (T(1) - least * static_cast<T>(shape_.bins)) *
                              shape_.scale);
        for (int64_t k = 0; k < shape_.bins; ++k)
            (Batch<T>::load(share + k * W) * (gradient(k) - mean) * factor).store(share + k * W);
    }

    SplineShape<T> shape_;
    T* p_;
    Batch<T> bin_, raw0_, raw1_;
};

/// An element as the spline sees it, and how its value goes back.
template <class T>
struct SplinePlace {
    Batch<T> inside, turns;  // held to [low, high]; whole turns of an angle, in its unit
    Mask<T> outside;

    TAPEGRAD_INLINE SplinePlace(const SplineShape<T>& shape, const Batch<T>& v)
        : turns(T(0)), outside((v < Batch<T>(shape.low)) | (v > Batch<T>(shape.high))) {
        Batch<T> u = v;
        if (shape.tails == SplineTails::circular) {
            const Batch<T> range(shape.high - shape.low);
            turns = floor((v - Batch<T>(shape.low)) / range) * range;
            u = v - turns;
            outside = v != v;
        }
        inside = clamp(u, shape.low, shape.high);
    }
};

template <bool Inverse, class T>
void spline_rows(const SplineShape<T>& shape, const T* x, const T* parameters, T* y, T* log_slope,
                 int64_t n) {
    parallel_for(n, spline_grain, [&](int64_t begin, int64_t end) {
        Scratch<T> memory(SplineTile<T>::size(shape));
        SplineTile<T> tile(shape, memory.data());
        for_batches<T>(end - begin, [&](int64_t i, int64_t count) {
            const int64_t first = begin + i;
            tile.load(parameters + first * shape.parameters(), count);
            const Batch<T> v = load_some(x + first, count);
            const SplinePlace<T> place(shape, v);
            const SplinePiece<T> piece = tile.template locate<Inverse>(place.inside);
            const SplinePoint<T> point =
                Inverse ? spline_inverse(piece, place.inside) : spline_value(piece, place.inside);
            const Batch<T> value = clamp(point.value, shape.low, shape.high) + place.turns;
            store_some(where(place.outside, v, value), y + first, count);
            store_some(where(place.outside, Batch<T>(T(0)), point.log_slope), log_slope + first, count);
        });
    });
}

template <bool Inverse, class T>
void spline_rows_backward(const SplineShape<T>& shape, const T* x, const T* parameters, const T* dy,
                          const T* dlog_slope, T* dx, T* dparameters, int64_t n) {
    parallel_for(n, spline_grain, [&](int64_t begin, int64_t end) {
        Scratch<T> memory(SplineTile<T>::size(shape));
        SplineTile<T> tile(shape, memory.data());
        for_batches<T>(end - begin, [&](int64_t i, int64_t count) {
            const int64_t first = begin + i;
            tile.load(parameters + first * shape.parameters(), count);
            const SplinePlace<T> place(shape, load_some(x + first, count));
            const SplinePiece<T> piece = tile.template locate<Inverse>(place.inside);
            const Batch<T> zero(T(0)), g = load_some(dy + first, count);
            const Batch<T> g_value = where(place.outside, zero, g);
            const Batch<T> g_log = where(place.outside, zero, load_some(dlog_slope + first, count));
            const Batch<T> a =
                Inverse ? spline_place(piece, place.inside) : (place.inside - piece.x0) / piece.w;
            const SplineTerms<T> terms(piece, a);
            const SplineGradient<T> gradient = Inverse ? spline_inverse_gradient(piece, terms, g_value, g_log)
                                                       : spline_gradient(piece, terms, g_value, g_log);
            if (dx != nullptr) store_some(where(place.outside, g, gradient.x), dx + first, count);
            if (dparameters != nullptr)
                tile.store_gradient(gradient.piece, dparameters + first * shape.parameters(), count);
        });
    });
}

}

/// y and log(dy/dx) of n elements; their inverse's, when `inverse`.
template <Vectorized T>
void rational_quadratic_spline(const SplineShape<T>& shape, bool inverse, const T* x, const T* parameters,
                               T* y, T* log_slope, int64_t n) {
    if (inverse)
        detail::spline_rows<true>(shape, x, parameters, y, log_slope, n);
    else
        detail::spline_rows<false>(shape, x, parameters, y, log_slope, n);
}
/// The gradients from those of both results; dx and dparameters may be null.
template <Vectorized T>
void rational_quadratic_spline_backward(const SplineShape<T>& shape, bool inverse, const T* x,
                                        const T* parameters, const T* dy, const T* dlog_slope, T* dx,
                                        T* dparameters, int64_t n) {
    if (inverse)
        detail::spline_rows_backward<true>(shape, x, parameters, dy, dlog_slope, dx, dparameters, n);
    else
        detail::spline_rows_backward<false>(shape, x, parameters, dy, dlog_slope, dx, dparameters, n);
}

}

}
