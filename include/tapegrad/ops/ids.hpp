// The checks of tensors of indices, which know no element type.
#pragma once

#include "../simd/gather.hpp"
#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// The position of the flat index `i` in a row-major tensor.
inline Dims position_of(int64_t i, const Shape& shape) {
    Dims at = shape;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
        at[axis] = i % shape[axis];
        i /= shape[axis];
    }
    return at;
}

/// Row-major ids, as they are.
/// Throws   IndexError: an id outside [0, size of the axis of x)
template <std::same_as<int64_t> I>
Tensor<I> checked_ids(const char* op, const Tensor<I>& ids, const Shape& x, int axis) {
    const Tensor<I> packed = detail::contiguous(ids);
    const int64_t wrong = simd::find_outside(packed.data(), packed.numel(), x[axis]);
    if (wrong >= 0)
        fail<IndexError>(op, "ids hold ", packed.data()[wrong], " at ", position_of(wrong, ids.shape()),
                         ", outside axis ", axis, " of x ", x, " of size ", x[axis]);
    return packed;
}

/// Row-major ids, with those below 0 counted from the end.
/// Throws   IndexError: an id outside [-size, size) of the axis of x
template <std::same_as<int64_t> I>
Tensor<I> wrapped_ids(const char* op, const Tensor<I>& ids, const Shape& x, int axis) {
    const Tensor<I> packed = detail::contiguous(ids);
    const int64_t size = x[axis], wrong = simd::find_outside(packed.data(), packed.numel(), size, -size);
    if (wrong >= 0)
        fail<IndexError>(op, "ids hold ", packed.data()[wrong], " at ", position_of(wrong, ids.shape()),
                         ", outside axis ", axis, " of x ", x, " of size ", size);
    if (simd::find_outside(packed.data(), packed.numel(), size) < 0) return packed;
    Tensor<I> out = zeros<I>(ids.shape());
    simd::append_ids(packed.data(), packed.numel(), size, output(out));
    return out;
}

}
