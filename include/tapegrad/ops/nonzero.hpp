// Elements chosen by masks: their places, the elements themselves, and others in their stead.
#pragma once

#include "../simd/nonzero.hpp"
#include "index_rows.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The places in the flattened tensor of the elements that are not 0.
template <class T>
Tensor<int64_t> flat_nonzero(const Tensor<T>& x) {
    const Tensor<T> packed = detail::contiguous(x);
    const simd::NonzeroPlaces<T> places(packed.data(), packed.numel());
    Tensor<int64_t> out = empty<int64_t>({places.count()});
    places.write(output(out));
    return out;
}

/// The places at which a mask, expanded to `shape`, is true.
template <std::same_as<bool> B>
Tensor<int64_t> masked_places(const char* op, const Tensor<B>& mask, const Shape& shape) {
    return flat_nonzero(view_of(mask, shape, expand_strides(op, mask.shape(), mask.strides(), shape)));
}

}

/// The places of the elements that are not 0, in row-major order; NaN is not 0.
/// Shape    x (any) -> y (count, rank)
/// Grad     none
/// See      argwhere, masked_select
template <class T>
requires(!Real16<T>) Tensor<int64_t> nonzero(const Tensor<T>& x) {
    const Tensor<int64_t> flat = detail::flat_nonzero(x);
    Tensor<int64_t> y = empty<int64_t>({flat.numel(), x.rank()});
    simd::unravel(flat.data(), flat.numel(), x.shape(), detail::output(y));
    return y;
}
/// `nonzero` by its name in NumPy.
template <class T>
requires(!Real16<T>) Tensor<int64_t> argwhere(const Tensor<T>& x) { return nonzero(x); }

/// The elements at which the mask is true, in row-major order.
/// Shape    x and mask broadcast together -> y (count,)
/// Grad     dx = zeros with dy at those places;  saves the places
/// Throws   ShapeError: the shapes do not broadcast
/// See      masked_scatter, masked_fill, at
template <class T>
Tensor<T> masked_select(const Tensor<T>& x, const Tensor<bool>& mask) {
    const Shape shape = broadcast_shapes("masked_select", x.shape(), mask.shape());
    const Tensor<T> flat = reshape(expand(x, shape), {numel_of(shape)});
    return detail::take_rows("masked_select", flat, 0, detail::masked_places("masked_select", mask, shape));
}

/// x with the first elements of `source` where the mask is true, both in row-major order.
/// Shape    x (any), mask broadcastable to it, source (any) -> y, same shape as x
/// Grad     dx = dy where the mask is false, dsource = dy where it is true;  saves the places
/// Throws   ShapeError: the mask does not broadcast to x, or is true more often than source has elements
/// See      masked_select, masked_fill, where
template <class T>
Tensor<T> masked_scatter(const Tensor<T>& x, const Tensor<bool>& mask,
                         const std::type_identity_t<Tensor<T>>& source) {
    const Tensor<int64_t> places = detail::masked_places("masked_scatter", mask, x.shape());
    if (places.numel() > source.numel())
        detail::fail<ShapeError>("masked_scatter", "the mask is true ", places.numel(), " times, but source ",
                                 source.shape(), " has ", source.numel(), " elements");
    const Tensor<T> flat = reshape(source, {source.numel()});
    const Tensor<T> taken =
        places.numel() == source.numel() ? flat : index_select(flat, 0, arange<int64_t>(places.numel()));
    return reshape(detail::copy_rows("masked_scatter", reshape(x, {x.numel()}), 0, places, taken), x.shape());
}

}
