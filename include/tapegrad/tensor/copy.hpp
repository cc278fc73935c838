// Copies: to contiguous memory, into another tensor, to another element type.
#pragma once

#include "../simd/strided_copy.hpp"
#include "view.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Uninitialised elements.
/// Shape    y of `shape`
/// Throws   ShapeError: negative sizes or overflow; OutOfMemory
template <class T>
Tensor<T> empty(const Shape& shape) {
    return Tensor<T>(detail::new_body(dtype_of<T>, shape, row_major(shape), numel_of(shape, "empty")));
}

/// Uninitialised elements in the shape of x, contiguous.
template <class T>
Tensor<T> empty_like(const Tensor<T>& x) {
    return Tensor<T>(detail::new_body(dtype_of<T>, x.shape(), row_major(x.shape()), x.numel()));
}

namespace detail {

/// The elements of a fresh tensor, for the kernel that fills it: no write is counted.
template <class T>
T* output(Tensor<T>& fresh) {
    return static_cast<T*>(fresh.body().data);
}

/// x in row-major memory, without a tape: x itself when it is so already. Constrained, so that inside this
/// namespace it is chosen before the recorded function of the same name.
template <class T>
requires Element<T> Tensor<T> contiguous(const Tensor<T>& x) {
    if (x.is_contiguous()) return x;
    Tensor<T> y = empty<T>(x.shape());
    simd::copy_from_strided(x.data(), x.shape(), x.strides(), output(y));
    return y;
}

/// A row-major copy without a tape.
template <class T>
Tensor<T> copy(const Tensor<T>& x) {
    Tensor<T> y = empty<T>(x.shape());
    simd::copy_from_strided(x.data(), x.shape(), x.strides(), output(y));
    return y;
}

/// x as U, without a tape; conversions as in core/dtype.hpp.
template <class U, class T>
Tensor<U> cast(const Tensor<T>& x) {
    const Tensor<T> from = detail::contiguous(x);
    Tensor<U> y = empty<U>(x.shape());
    convert(from.data(), output(y), x.numel());
    return y;
}

/// Writes the elements of `source`, broadcast to the shape of `target`, into it; counts as a write.
template <class T>
void assign(Tensor<T>& target, const Tensor<T>& source) {
    const Strides strides = expand_strides("copy_", source.shape(), source.strides(), target.shape());
    const T* from = source.data();
    T* out = target.mutable_data();
    const bool shared = source.body().storage == target.body().storage;  // they may overlap
    if (target.is_contiguous() && !shared) return simd::copy_from_strided(from, target.shape(), strides, out);
    Tensor<T> packed = empty<T>(target.shape());
    simd::copy_from_strided(from, target.shape(), strides, output(packed));
    simd::copy_to_strided(packed.data(), out, target.shape(), target.strides());
}

}

}
