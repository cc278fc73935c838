// Elements chosen by tensors: by places (`gather`), by masks (`masked_fill`), by a diagonal (`tril`, `triu`).
#pragma once

#include "../simd/gather.hpp"
#include "../simd/triangle.hpp"
#include "movement.hpp"
#include "primitive.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class T>
Tensor<T> gather(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids);

namespace detail {

/// The position of the flat index `i` in a row-major tensor.
inline Dims position_of(int64_t i, const Shape& shape) {
    Dims at = shape;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
        at[axis] = i % shape[axis];
        i /= shape[axis];
    }
    return at;
}

/// Throws   IndexError: an id outside [0, size of the axis of x)
inline void check_ids(const char* op, const Tensor<int64_t>& ids, const Shape& x, int axis) {
    const int64_t wrong = simd::find_outside(ids.data(), ids.numel(), x[axis]);
    if (wrong >= 0)
        fail<IndexError>(op, "ids hold ", ids.data()[wrong], " at ", position_of(wrong, ids.shape()),
                         ", outside axis ", axis, " of x ", x, " of size ", x[axis]);
}

/// Zeros of `shape`, to which dy is added at the places along `axis`. Recorded. `ids` are contiguous and
/// checked.
template <class T>
Tensor<T> scatter_add(const Tensor<T>& dy, const Shape& shape, int axis, const Tensor<int64_t>& ids) {
    const Tensor<T> packed = detail::contiguous(dy);
    Tensor<T> dx = zeros<T>(shape);
    if (dy.numel() > 0)
        simd::scatter_add(packed.data(), ids.data(), output(dx),
                          simd::GatherLayout(shape, ids.shape(), axis));
    return record("scatter_add", dx, {dy}, [axis, ids](const Tensor<T>& g) { return gather(g, axis, ids); });
}

}

/// Elements of x at places along an axis.
///   y[i, j, k] = x[i, ids[i, j, k], k]  for axis 1
/// Shape    x (a, n, b), ids (a', m, b') with a' <= a and b' <= b -> y of the shape of ids; any rank from 1
/// Grad     dx = zeros, to which dy is added at the places, in the order of ids;  saves ids
/// Throws   ShapeError: axis outside [-rank, rank), another rank of ids, or larger beside the axis;
/// IndexError: an id
///          outside [0, n)
/// See      select, embedding
template <class T>
Tensor<T> gather(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids) {
    const int at = normalize_axis("gather", axis, x.rank());
    bool fits = ids.rank() == x.rank();
    for (int i = 0; fits && i < x.rank(); ++i) fits = i == at || ids.shape()[i] <= x.shape()[i];
    if (!fits)
        detail::fail<ShapeError>("gather", "ids ", ids.shape(), " do not fit x ", x.shape(),
                                 ": they need its rank, and no larger size beside axis ", at);
    const Tensor<int64_t> places = detail::contiguous(ids);
    detail::check_ids("gather", places, x.shape(), at);
    const Tensor<T> packed = detail::contiguous(x);
    Tensor<T> y = empty<T>(ids.shape());
    if (y.numel() > 0)
        simd::gather(packed.data(), places.data(), detail::output(y),
                     simd::GatherLayout(x.shape(), ids.shape(), at));
    return record("gather", y, {x}, [from = x.shape(), at, places](const Tensor<T>& dy) {
        return detail::scatter_add(dy, from, at, places);
    });
}

/// x with `value` where the mask is true.
/// Shape    x (any), mask broadcastable to it, value a number or a tensor of rank 0 -> y, same shape as x
/// Grad     dx = dy where the mask is false, dvalue = the sum of dy where it is true;  saves mask
/// Throws   ShapeError: the mask does not broadcast to x, or value has axes
/// See      where
template <class T, class V>
requires(std::is_arithmetic_v<V> ||
         std::same_as<V, Tensor<T>>) Tensor<T> masked_fill(const Tensor<T>& x, const Tensor<bool>& mask,
                                                           const V& value) {
    detail::expand_strides("masked_fill", mask.shape(), mask.strides(), x.shape());
    if constexpr (std::same_as<V, Tensor<T>>) {
        if (value.rank() != 0)
            detail::fail<ShapeError>("masked_fill", "value ", value.shape(), " is not of rank 0");
    }
    return where(mask, value, x);
}

namespace detail {
template <class T>
Tensor<T> triangle(const char* op, const Tensor<T>& x, int64_t diagonal, bool lower) {
    if (x.rank() < 2) fail<ShapeError>(op, "x ", x.shape(), " is no matrix: it needs two axes");
    const int64_t rows = x.size(-2), cols = x.size(-1);
    const Tensor<T> packed = detail::contiguous(x);
    Tensor<T> y = empty<T>(x.shape());
    if (x.numel() > 0)
        simd::triangle(packed.data(), output(y), x.numel() / (rows * cols), rows, cols, diagonal, lower);
    return record(op, y, {x},
                  [op, diagonal, lower](const Tensor<T>& dy) { return triangle(op, dy, diagonal, lower); });
}
}

/// The elements on and below a diagonal, zeros above it.
///   y_ij = x_ij where j - i <= diagonal
/// Shape    x (..., n, m) -> y, same shape
/// Grad     dx = tril(dy)
/// Throws   ShapeError: rank below 2
template <class T>
Tensor<T> tril(const Tensor<T>& x, int64_t diagonal = 0) {
    return detail::triangle("tril", x, diagonal, true);
}

/// The elements on and above a diagonal, zeros below it.
///   y_ij = x_ij where j - i >= diagonal
/// Shape    x (..., n, m) -> y, same shape
/// Grad     dx = triu(dy)
/// Throws   ShapeError: rank below 2
template <class T>
Tensor<T> triu(const Tensor<T>& x, int64_t diagonal = 0) {
    return detail::triangle("triu", x, diagonal, false);
}

}
