// The different elements of a tensor.
#pragma once

#include "../simd/sorted.hpp"
#include "sort.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The different elements, which of them each element is, and how many of each there are.
template <class T>
struct Unique {
    Tensor<T> values;         // (m,)
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

}
