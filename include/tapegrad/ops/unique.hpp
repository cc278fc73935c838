// The different elements of a tensor, and the different slices along an axis.
#pragma once

#include "../simd/sorted_rows.hpp"
#include "index_rows.hpp"
#include "sort.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The different elements, which of them each element is, and how many of each there are; or the same of the
/// slices along an axis.
template <class T>
struct Unique {
    Tensor<T> values;         // (m,), or (..., m, ...)
    Tensor<int64_t> inverse;  // values[inverse] is x
    Tensor<int64_t> counts;   // (m,)
};

namespace detail {

/// The runs of `x`, whose elements stood at `places` of a tensor of the shape `from` before.
template <class T>
Unique<T> runs_of(const Tensor<T>& x, const int64_t* places, const Shape& from) {
    const int64_t n = x.numel(), runs = simd::find_runs(x.data(), n, nullptr);
    Tensor<int64_t> starts = empty<int64_t>({runs}), counts = empty<int64_t>({runs}),
                    inverse = empty<int64_t>(from);
    simd::find_runs(x.data(), n, output(starts));
    simd::measure_runs(starts.data(), runs, n, places, output(counts), output(inverse));
    return {gather(x, 0, starts), inverse, counts};
}
template <class T>
Unique<T> constant(const char* op, const Unique<T>& u, const Tensor<T>& x) {
    return {record_constant(op, u.values, {x}), record_constant(op, u.inverse, {x}),
            record_constant(op, u.counts, {x})};
}

/// The slices of x along an axis as rows, in row-major memory.
template <class T>
Tensor<T> slices(const Tensor<T>& x, int axis) {
    Shape shape = x.shape();
    Strides strides = x.strides();
    for (int i = axis; i > 0; --i) {
        std::swap(shape[i], shape[i - 1]);
        std::swap(strides[i], strides[i - 1]);
    }
    return detail::contiguous(view_of(x, shape, strides));
}
/// The runs of slices along an axis, in their order or, where `sorted`, in the lexicographic one.
template <class T>
Unique<T> runs_of_slices(const char* op, const Tensor<T>& x, int64_t axis, bool sorted) {
    const int at = normalize_axis(op, axis, x.rank());
    const Tensor<T> rows = slices(x.detach(), at);
    const int64_t n = x.shape()[at], width = Rows(rows.shape(), 0).n;
    Tensor<int64_t> order;
    if (sorted) {
        order = empty<int64_t>({n});
        simd::order_rows(rows.data(), n, width, output(order));
    }
    const int64_t* places = sorted ? order.data() : nullptr;
    const int64_t runs = simd::find_row_runs(rows.data(), places, n, width, nullptr);
    Tensor<int64_t> starts = empty<int64_t>({runs}), counts = empty<int64_t>({runs}),
                    inverse = empty<int64_t>({n});
    simd::find_row_runs(rows.data(), places, n, width, output(starts));
    simd::measure_runs(starts.data(), runs, n, places, output(counts), output(inverse));
    const Tensor<int64_t> first = sorted ? gather(order, 0, starts) : starts;
    return constant(op, {take_rows(op, x.detach(), at, first), inverse, counts}, x);
}

}

/// The different elements of a tensor, in order.
/// Shape    x (any) -> values (m,), inverse (int64) of the shape of x, counts (m,) (int64)
/// Grad     none
/// Numeric  -0 equals 0; each NaN is different, and they come last
/// See      unique_consecutive, sort, bincount
template <class T>
requires(!Real16<T>) Unique<T> unique(const Tensor<T>& x) {
    const auto sorted = sort(detail::reshaped(x.detach(), {x.numel()}));
    return detail::constant("unique", detail::runs_of(sorted.values, sorted.indices.data(), x.shape()), x);
}
/// The different slices along an axis, in lexicographic order.
/// Shape    x (..., n, ...) -> values (..., m, ...), inverse (n,) (int64), counts (m,) (int64)
/// Grad     none
/// Numeric  -0 equals 0; a slice with NaN differs from all others, and NaN counts as the largest; slices
///          without elements are equal
/// Throws   ShapeError: axis outside [-rank, rank)
template <class T>
requires(!Real16<T>) Unique<T> unique(const Tensor<T>& x, int64_t axis) {
    return detail::runs_of_slices("unique", x, axis, true);
}

/// The elements of a tensor that differ from the one before them, in row-major order.
/// Shape    x (any) -> values (m,), inverse (int64) of the shape of x, counts (m,) (int64)
/// Grad     none
/// Numeric  -0 equals 0; each NaN is different
/// See      unique
template <class T>
requires(!Real16<T>) Unique<T> unique_consecutive(const Tensor<T>& x) {
    const Tensor<T> row = detail::contiguous(detail::reshaped(x.detach(), {x.numel()}));
    return detail::constant("unique_consecutive", detail::runs_of(row, nullptr, x.shape()), x);
}
/// The slices along an axis that differ from the one before them.
/// Shape    x (..., n, ...) -> values (..., m, ...), inverse (n,) (int64), counts (m,) (int64)
/// Grad     none
/// Numeric  -0 equals 0; a slice with NaN differs from all others; slices without elements are equal
/// Throws   ShapeError: axis outside [-rank, rank)
template <class T>
requires(!Real16<T>) Unique<T> unique_consecutive(const Tensor<T>& x, int64_t axis) {
    return detail::runs_of_slices("unique_consecutive", x, axis, false);
}

}
