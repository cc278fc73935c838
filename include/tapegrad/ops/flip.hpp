// Elements in another order along their axes: turned round, rolled, rotated. The gradient of each is the
// motion back.
#pragma once

#include "reduce_axes.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The order along `axes` (one, a list, or `{}` for all) reversed; a copy.
///   y_i = x_(n - 1 - i)
/// Shape    x (any) -> y, same shape
/// Grad     dx = flip(dy)
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      roll, rot90
template <class T>
Tensor<T> flip(const Tensor<T>& x, const ReduceAxes& axes) {
    const detail::AxisMask mask = detail::axis_mask("flip", axes, x.rank());
    Strides strides = x.strides();
    int64_t last = 0;
    for (int axis = 0; axis < x.rank(); ++axis) {
        if (((mask >> axis) & 1) == 0 || x.shape()[axis] == 0) continue;
        last += (x.shape()[axis] - 1) * strides[axis];
        strides[axis] = -strides[axis];
    }
    Tensor<T> y = empty<T>(x.shape());
    if (x.numel() > 0) simd::copy_from_strided(x.data() + last, x.shape(), strides, detail::output(y));
    return record("flip", y, {x}, [axes](const Tensor<T>& dy) { return flip(dy, axes); });
}

namespace detail {

/// The shift along each axis of `shape`, in [0, size).
inline Dims resolve_shifts(const Shape& shape, const Dims& shifts, const Axes& axes) {
    if (shifts.rank() != axes.rank())
        fail<ShapeError>("roll", "shifts ", shifts, " and axes ", axes, " differ in length");
    Dims by = Dims::filled(shape.rank(), 0);
    for (int i = 0; i < axes.rank(); ++i) {
        const int axis = normalize_axis("roll", axes[i], shape.rank());
        const int64_t n = shape[axis];
        if (n == 0) continue;
        const int64_t shift = shifts[i] % n, forward = shift < 0 ? shift + n : shift;
        by[axis] = by[axis] < n - forward ? by[axis] + forward : by[axis] - (n - forward);
    }
    return by;
}

/// Copies x into y, rolled by `by`: each axis is two blocks, one that stays whole and one that comes round.
template <class T>
void roll_blocks(const Tensor<T>& x, Tensor<T>& y, const Dims& by) {
    uint32_t rolled = 0;
    for (int axis = 0; axis < by.rank(); ++axis)
        if (by[axis] != 0) rolled |= 1U << axis;
    uint32_t round = 0;  // the axes of which it is the block that comes round: every subset of `rolled`
    do {
        Shape shape = x.shape();
        int64_t from = 0, to = 0;
        for (int axis = 0; axis < by.rank(); ++axis) {
            if (by[axis] == 0) continue;
            const int64_t stay = shape[axis] - by[axis];
            const bool comes_round = ((round >> axis) & 1) != 0;
            from += (comes_round ? stay : 0) * x.strides()[axis];
            to += (comes_round ? 0 : by[axis]) * y.strides()[axis];
            shape[axis] = comes_round ? by[axis] : stay;
        }
        simd::copy_strided(x.data() + from, x.strides(), output(y) + to, y.strides(), shape);
        round = (round - rolled) & rolled;
    } while (round != 0);
}

}

/// The elements moved along axes by `shifts`, those that leave at the end coming in at the start.
///   y_((i + shift) mod n) = x_i
/// Shape    x (any), as many shifts as axes; a shift may be negative, or larger than n -> y, same shape
/// Grad     dx = dy rolled back
/// Throws   ShapeError: an axis outside [-rank, rank), or different numbers of shifts and axes
/// See      flip
template <class T>
Tensor<T> roll(const Tensor<T>& x, const Dims& shifts, const Axes& axes) {
    const Dims by = detail::resolve_shifts(x.shape(), shifts, axes);
    Tensor<T> y = empty<T>(x.shape());
    detail::roll_blocks(x, y, by);
    return record("roll", y, {x}, [by](const Tensor<T>& dy) {
        Dims back = by, every = by;
        for (int axis = 0; axis < by.rank(); ++axis) {
            back[axis] = -by[axis];
            every[axis] = axis;
        }
        return roll(dy, back, every);
    });
}
template <class T>
Tensor<T> roll(const Tensor<T>& x, int64_t shift, int64_t axis) {
    return roll(x, Dims{shift}, Axes{axis});
}
/// The elements of the flattened tensor moved by `shift`.
template <class T>
Tensor<T> roll(const Tensor<T>& x, int64_t shift) {
    return reshape(roll(reshape(x, {x.numel()}), shift, 0), x.shape());
}

/// x turned by k quarters from the first of the axes towards the second.
/// Shape    x (..., n, ..., m, ...) -> y with the two sizes exchanged for odd k
/// Grad     dx = dy turned back
/// Throws   ShapeError: not two different axes, or one outside [-rank, rank)
template <class T>
Tensor<T> rot90(const Tensor<T>& x, int64_t k = 1, const Axes& axes = {0, 1}) {
    if (axes.rank() != 2) detail::fail<ShapeError>("rot90", "axes ", axes, " are not two");
    const int a = normalize_axis("rot90", axes[0], x.rank()), b = normalize_axis("rot90", axes[1], x.rank());
    if (a == b) detail::fail<ShapeError>("rot90", "axes ", axes, " are the same axis of x ", x.shape());
    switch (k & 3) {
        case 0:
            return clone(x);
        case 1:
            return transpose(flip(x, b), a, b);
        case 2:
            return flip(x, {a, b});
        default:
            return transpose(flip(x, a), a, b);
    }
}

}
