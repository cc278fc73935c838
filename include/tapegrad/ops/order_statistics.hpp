// Elements by their rank: the k-th, the median, quantiles; and the most frequent one.
#pragma once

#include <cmath>
#include <vector>

#include "map.hpp"
#include "slicing.hpp"
#include "sort.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The value between two neighbours in order, when a quantile lies there.
enum class Interpolation { linear, lower, higher, midpoint, nearest };

struct QuantileOptions {
    bool keepdims = false;
    Interpolation interpolation = Interpolation::linear;
};

namespace detail {

/// One element along an axis, at the places that kernel(x, places, rows, n) finds.
template <class T, class Kernel>
Selected<T> one_of(const char* op, const Tensor<T>& x, int64_t axis, bool keepdims, const Kernel& kernel) {
    const int at = axis_or_only(op, axis, x.rank());
    if (x.rank() == 0) return {clone(x), zeros<int64_t>({})};
    if (x.shape()[at] == 0)
        fail<ShapeError>(op, "x ", x.shape(), " has no elements along axis ", at, " to choose from");
    const Tensor<T> rows = swapped_with_last(x, at);
    const int64_t n = x.shape()[at], count = x.numel() / n;
    Shape shape = rows.shape();
    shape[x.rank() - 1] = 1;
    Tensor<int64_t> places = empty<int64_t>(shape);
    if (count > 0) kernel(rows.data(), output(places), count, n);
    places = swapped_with_last(places, at);
    return selected(op, x, at, gather(x.detach(), at, places), places, keepdims);
}

/// Quantiles q along an axis, which becomes theirs. Recorded.
template <class T>
Tensor<T> quantiles(const Tensor<T>& x, const std::vector<double>& q, int axis, Interpolation interpolation) {
    const int64_t n = x.shape()[axis], m = static_cast<int64_t>(q.size());
    if (n == 0)
        fail<ShapeError>("quantile", "x ", x.shape(), " has no elements along axis ", axis,
                         " to choose from");
    Shape along = Dims::filled(x.rank(), 1), to = x.shape();
    along[axis] = to[axis] = m;
    Tensor<int64_t> low = empty<int64_t>(along), high = empty<int64_t>(along);
    Tensor<T> weight = empty<T>(along);
    for (int64_t i = 0; i < m; ++i) {
        const double share = q[static_cast<std::size_t>(i)];
        if (!(share >= 0 && share <= 1))
            fail<ValueError>("quantile", "q is ", share, "; it must lie in [0, 1]");
        double rank = share * static_cast<double>(n - 1);
        if (interpolation == Interpolation::lower) rank = std::floor(rank);
        if (interpolation == Interpolation::higher) rank = std::ceil(rank);
        if (interpolation == Interpolation::nearest) rank = std::nearbyint(rank);
        output(low)[i] = static_cast<int64_t>(std::floor(rank));
        output(high)[i] = static_cast<int64_t>(std::ceil(rank));
        output(weight)[i] =
            static_cast<T>(rank == std::floor(rank)                   ? 0
                           : interpolation == Interpolation::midpoint ? 0.5
                                                                      : rank - std::floor(rank));
    }
    const Tensor<T> sorted = sort(x, axis).values;
    const auto spread = [&](const Tensor<int64_t>& ids) {
        return view_of(ids, to, expand_strides("quantile", along, ids.strides(), to));
    };
    // NaN is the last: where there is one, it is every quantile.
    return map(
        "quantile",
        [](const auto& a, const auto& b, const auto& w, const auto& last) {
            return where(last != last, last, where(w == 0, a, a + w * (b - a)));
        },
        gather(sorted, axis, spread(low)), gather(sorted, axis, spread(high)), weight,
        narrow(sorted, axis, n - 1, 1));
}

}

/// The k-th smallest element along an axis, with its place: the k-th of a stable order. NaN counts as the
/// largest.
/// Shape    x (..., n, ...) -> values, indices (int64), without the axis, or with size 1 there
/// Grad     dy of the values to their places;  saves indices
/// Throws   ShapeError: axis outside [-rank, rank), or no elements to choose from; ValueError: k outside [1, n]
/// See      topk, median
template <class T>
requires(!Real16<T>) Selected<T> kthvalue(const Tensor<T>& x, int64_t k, int64_t axis = -1,
                                          bool keepdims = false) {
    const int at = detail::axis_or_only("kthvalue", axis, x.rank());
    const int64_t n = x.rank() > 0 ? x.shape()[at] : 1;
    if (k < 1 || k > n)
        detail::fail<ValueError>("kthvalue", "k is ", k, ", outside [1, ", n, "], the size of axis ", at,
                                 " of x ", x.shape());
    return detail::one_of("kthvalue", x, at, keepdims, [k](auto... args) { simd::kth(args..., k - 1); });
}

/// The middle element in order along an axis, with its place: the lower one of two, as in PyTorch. NaN where
/// any is NaN.
/// Shape    x (..., n, ...) -> values, indices (int64), without the axis, or with size 1 there
/// Grad     dy of the values to their places;  saves indices
/// Throws   ShapeError: axis outside [-rank, rank), or no elements to choose from
/// See      quantile, whose 0.5 is the mean of the two; kthvalue
template <class T>
requires(!Real16<T>) Selected<T> median(const Tensor<T>& x, int64_t axis, bool keepdims = false) {
    return detail::one_of("median", x, axis, keepdims,
                          [](const T* from, int64_t* places, int64_t rows, int64_t n) {
                              simd::kth(from, places, rows, n, (n - 1) / 2, true);
                          });
}
/// The middle element of all in order, the lower one of two; NaN where any is NaN.
/// Shape    x (any) -> y ()
template <class T>
requires(!Real16<T>) Tensor<T> median(const Tensor<T>& x) {
    return median(reshape(x, {x.numel()}), 0).values;
}

/// The most frequent element along an axis, the smallest of several, with its last place.
/// Shape    x (..., n, ...) -> values, indices (int64), without the axis, or with size 1 there
/// Grad     dy of the values to their places;  saves indices
/// Throws   ShapeError: axis outside [-rank, rank), or no elements to choose from
/// See      unique, bincount
template <class T>
requires(!Real16<T>) Selected<T> mode(const Tensor<T>& x, int64_t axis = -1, bool keepdims = false) {
    return detail::one_of("mode", x, axis, keepdims, [](auto... args) { simd::mode(args...); });
}

/// The element at a share q of the way through the order along an axis, between neighbours by interpolation.
///   y = x_(i) + (r - i) (x_(i+1) - x_(i)),  r = q (n - 1),  i = floor(r),  x_(0) <= x_(1) <= ...
/// Shape    x (..., n, ...) -> y without the axis, or with size 1 there
/// Grad     dy to the two neighbours, by their weights
/// Numeric  NaN where any is NaN
/// Throws   ShapeError: axis outside [-rank, rank), or no elements to choose from; ValueError: q outside [0, 1]
/// See      median, kthvalue
template <Floating T>
Tensor<T> quantile(const Tensor<T>& x, double q, int64_t axis, const QuantileOptions& options = {}) {
    const int at = detail::axis_or_only("quantile", axis, x.rank());
    if (x.rank() == 0) return quantile(reshape(x, {1}), q, 0, {.interpolation = options.interpolation});
    const Tensor<T> y = detail::quantiles(x, {q}, at, options.interpolation);
    return options.keepdims ? y : squeeze(y, at);
}
/// Of all elements.
/// Shape    x (any) -> y ()
template <Floating T>
Tensor<T> quantile(const Tensor<T>& x, double q) {
    return quantile(reshape(x, {x.numel()}), q, 0);
}
/// Several quantiles of the same elements.
/// Shape    x (..., n, ...), m values of q -> y (m, ...) without the axis, or with size 1 there
template <Floating T>
Tensor<T> quantile(const Tensor<T>& x, const std::vector<double>& q, int64_t axis,
                   const QuantileOptions& options = {}) {
    const int at = detail::axis_or_only("quantile", axis, x.rank());
    if (x.rank() == 0) return quantile(reshape(x, {1}), q, 0, {.interpolation = options.interpolation});
    Axes front{at};
    for (int i = 0; i < x.rank(); ++i)
        if (i != at) front.push_back(i);
    const Tensor<T> y = permute(detail::quantiles(x, q, at, options.interpolation), front);
    return options.keepdims ? unsqueeze(y, at + 1) : y;
}

}
