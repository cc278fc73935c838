// Places of values among sorted ones.
#pragma once

#include "../simd/sorted.hpp"
#include "movement.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SearchOptions {
    bool right = false;  // the place behind equals, not the one before them
};

/// The places at which values would be put into sorted ones, to leave them sorted.
///   sorted[y - 1] < v <= sorted[y], and with `right` sorted[y - 1] <= v < sorted[y]
/// Shape    sorted (n,) and values (any), or sorted (..., n) and values (..., m) of the same other sizes ->
/// y (int64), the shape of values
/// Grad     none
/// Numeric  NaN counts as the largest, as `sort` leaves it; whether `sorted` is sorted is not checked
/// Throws   ShapeError: sorted of rank 0, or other sizes of values
/// See      bucketize, sort
template <class T>
requires(!Real16<T>) Tensor<int64_t> searchsorted(const Tensor<T>& sorted, const Tensor<T>& values,
                                                  const SearchOptions& options = {}) {
    if (sorted.rank() == 0) detail::fail<ShapeError>("searchsorted", "sorted () has no axis to search along");
    Shape rows = sorted.shape(), of_values = values.shape();
    const int64_t n = rows.back();
    const bool shared = sorted.rank() == 1;
    bool fits = shared || values.rank() == sorted.rank();
    for (int i = 0; fits && !shared && i + 1 < rows.rank(); ++i) fits = rows[i] == of_values[i];
    if (!fits)
        detail::fail<ShapeError>("searchsorted", "values ", values.shape(), " do not fit sorted ",
                                 sorted.shape(), ": they need its sizes before the last");
    const Tensor<T> in = detail::contiguous(sorted), from = detail::contiguous(values);
    Tensor<int64_t> y = empty<int64_t>(values.shape());
    const int64_t count = shared ? values.numel() : of_values.back();
    if (y.numel() > 0)
        simd::search_sorted(in.data(), from.data(), detail::output(y), values.numel() / count, n, count,
                            shared, options.right);
    return record_constant("searchsorted", y, {sorted, values});
}

/// The buckets that values fall into, between boundaries in order.
///   boundaries[y - 1] < v <= boundaries[y], and with `right` boundaries[y - 1] <= v < boundaries[y]
/// Shape    x (any), boundaries (n,) -> y (int64), the shape of x; from 0 to n
/// Grad     none
/// Numeric  NaN counts as the largest
/// Throws   ShapeError: boundaries not of rank 1
/// See      searchsorted, histogram
template <class T>
requires(!Real16<T>) Tensor<int64_t> bucketize(const Tensor<T>& x, const Tensor<T>& boundaries,
                                               const SearchOptions& options = {}) {
    if (boundaries.rank() != 1)
        detail::fail<ShapeError>("bucketize", "boundaries ", boundaries.shape(), " are not of rank 1");
    return record_constant("bucketize", searchsorted(boundaries.detach(), x.detach(), options),
                           {x, boundaries});
}

}
