// Tensors (batch, heads, rows, columns) for kernels of attention. Heads may be parts of longer rows.
#pragma once

#include "../simd/head_view.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// x as (B, H, rows, columns) with contiguous columns; axes in front are 1 when missing.
template <class T>
Tensor<T> as_heads(const Tensor<T>& x) {
    const Tensor<T> packed = x.strides()[x.rank() - 1] == 1 || x.size(-1) == 1 ? x : detail::contiguous(x);
    Shape shape = packed.shape();
    Strides strides = packed.strides();
    while (shape.rank() < 4) {
        shape.insert(0, 1);
        strides.insert(0, 0);
    }
    return view_of(packed, shape, strides);
}
template <class T>
simd::HeadView<const T> head_view(const Tensor<T>& x) {
    return {x.data(), x.strides()[0], x.strides()[1], x.strides()[2]};
}
template <class T>
simd::HeadView<T> head_output(Tensor<T>& x) {
    const simd::HeadView<const T> at = head_view(as_heads(x));
    return {output(x), at.batch, at.head, at.row};
}
/// A fresh tensor for heads whose rows lie as those of x: heads that are parts of a row (B, T, H, D) stay so, and
/// neither the transpositions around attention nor their gradients copy anything.
template <class T>
Tensor<T> empty_as_heads(const Tensor<T>& x, const Shape& shape) {
    if (shape.rank() < 4 || x.strides()[1] >= x.strides()[2]) return empty<T>(shape);
    const int64_t row = shape[1] * shape[3];
    return view_of(empty<T>(shape), shape, {shape[2] * row, shape[3], row, 1});
}

}
