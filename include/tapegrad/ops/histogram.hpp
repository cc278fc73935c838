// Numbers of elements by value.
#pragma once

#include <algorithm>
#include <cmath>

#include "../simd/sorted.hpp"
#include "indexing.hpp"
#include "reduce.hpp"
#include "slicing.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class T>
struct Histogram {
    Tensor<T> hist;   // (bins,)
    Tensor<T> edges;  // (bins + 1,)
};

/// How elements are counted. Equal ends of the range stand for the smallest and the largest element.
template <class T>
struct HistogramOptions {
    T low = T(0), high = T(0);
    Tensor<T> weight = {};  // of the shape of x; 1 each where it is not defined
    bool density = false;   // the integral over the bins becomes 1
};

namespace detail {

/// Counts as a density over bins between the edges.
template <std::same_as<double> D>
Tensor<D> density_of(const Tensor<D>& counts, const Tensor<D>& edges) {
    return counts / sum(counts) / (slice(edges, 0, 1) - slice(edges, 0, 0, -1));
}

template <class T>
Histogram<T> count_between(const Tensor<T>& x, const Tensor<T>& edges, bool even,
                           const HistogramOptions<T>& o) {
    if (o.weight.defined() && o.weight.shape() != x.shape())
        fail<ShapeError>("histogram", "weight ", o.weight.shape(), " and x ", x.shape(), " differ");
    const int64_t bins = edges.numel() - 1;
    const Tensor<T> values = detail::contiguous(x),
                    weights = o.weight.defined() ? detail::contiguous(o.weight) : x;
    Tensor<double> counts = zeros<double>({bins});
    simd::count_in_bins(values.data(), o.weight.defined() ? weights.data() : nullptr, x.numel(), edges.data(),
                        bins, even, output(counts));
    const no_grad constant;
    if (o.density) counts = density_of(counts, detail::cast<double>(edges));
    return {detail::cast<T>(counts), edges};
}

}

/// Numbers (or sums of weights) of the elements in bins of equal width.
///   bin b holds edges_b <= x < edges_(b+1), the last bin its end too; what is outside, and NaN, is not counted
/// Shape    x (any) -> hist (bins,), edges (bins + 1,)
/// Grad     none
/// Numeric  summed in double
/// Throws   ValueError: bins below 1, a range that is not finite or goes down; ShapeError: weight of another shape
/// See      histc, bucketize, bincount
template <Floating T>
Histogram<T> histogram(const Tensor<T>& x, int64_t bins,
                       const std::type_identity_t<HistogramOptions<T>>& options = {}) {
    if (bins < 1) detail::fail<ValueError>("histogram", "bins is ", bins, "; there must be one at least");
    T low = options.low, high = options.high;
    if (low == high && x.numel() > 0) {
        const no_grad constant;
        low = amin(x).item();
        high = amax(x).item();
    }
    if (!std::isfinite(low) || !std::isfinite(high) || low > high)
        detail::fail<ValueError>("histogram", "the range from ", low, " to ", high,
                                 " is not finite and rising");
    if (low == high) {  // as PyTorch: 0 to 1 of nothing, else a range around the only value
        low -= x.numel() == 0 ? T(0) : T(0.5);
        high += x.numel() == 0 ? T(1) : T(0.5);
    }
    const Histogram<T> y = detail::count_between(x, linspace<T>(low, high, bins + 1), true, options);
    return {record_constant("histogram", y.hist, {x}), y.edges};
}
/// Between given edges, which must rise.
/// Shape    x (any), edges (bins + 1,) -> hist (bins,), edges
/// Throws   ShapeError: edges not of rank 1 or fewer than two, weight of another shape; ValueError: edges that
/// do not rise
template <Floating T>
Histogram<T> histogram(const Tensor<T>& x, const Tensor<T>& edges,
                       const std::type_identity_t<HistogramOptions<T>>& options = {}) {
    if (edges.rank() != 1 || edges.numel() < 2)
        detail::fail<ShapeError>("histogram", "edges ", edges.shape(), " are not two or more of rank 1");
    const Tensor<T> at = detail::contiguous(edges.detach());
    if (!std::is_sorted(at.data(), at.data() + at.numel(), [](T a, T b) { return !(a >= b); }))
        detail::fail<ValueError>("histogram", "the edges do not rise");
    const Histogram<T> y = detail::count_between(x, at, false, options);
    return {record_constant("histogram", y.hist, {x}), edges};
}

/// Numbers of the elements in bins of equal width between two ends.
/// Shape    x (any) -> y (bins,)
/// Grad     none
/// Throws   ValueError: bins below 1, a range that is not finite or goes down
/// See      histogram, which gives the edges too
template <Floating T>
Tensor<T> histc(const Tensor<T>& x, int64_t bins = 100, double low = 0, double high = 0) {
    return histogram(x, bins, {.low = static_cast<T>(low), .high = static_cast<T>(high)}).hist;
}

namespace detail {
/// The number of bins of x, and x as contiguous places.
template <std::same_as<int64_t> I>
int64_t bins_of(const Tensor<I>& x, int64_t minlength) {
    if (x.rank() != 1) fail<ShapeError>("bincount", "x ", x.shape(), " is not of rank 1");
    if (minlength < 0) fail<ValueError>("bincount", "minlength is ", minlength, "; it must not be negative");
    if (x.numel() == 0) return minlength;
    const int64_t least = amin(x).item(), bins = amax(x).item() + 1;
    if (least < 0) fail<ValueError>("bincount", "x holds ", least, "; its elements must not be negative");
    return bins > minlength ? bins : minlength;
}
}

/// The number of elements of each value 0, 1, 2, ...
/// Shape    x (n,) of numbers >= 0 -> y (max(minlength, 1 + the largest),)
/// Throws   ShapeError: x not of rank 1; ValueError: a negative element or minlength
/// See      histogram, unique
template <std::same_as<int64_t> I>
Tensor<I> bincount(const Tensor<I>& x, int64_t minlength = 0) {
    const int64_t bins = detail::bins_of(x, minlength);
    return detail::add_at_places(ones<I>(x.shape()), {bins}, 0, detail::contiguous(x));
}
/// The sum of the weights of the elements of each value 0, 1, 2, ...
/// Shape    x (n,) of numbers >= 0, weights (n,) -> y (max(minlength, 1 + the largest),)
/// Grad     dweights = dy at the places x;  saves x
/// Throws   ShapeError: x not of rank 1, or weights of another shape; ValueError: a negative element or minlength
template <Floating T>
Tensor<T> bincount(const Tensor<int64_t>& x, const Tensor<T>& weights, int64_t minlength = 0) {
    if (weights.shape() != x.shape())
        detail::fail<ShapeError>("bincount", "weights ", weights.shape(), " and x ", x.shape(), " differ");
    const int64_t bins = detail::bins_of(x, minlength);
    return detail::add_at_places(weights, {bins}, 0, detail::contiguous(x));
}

}
