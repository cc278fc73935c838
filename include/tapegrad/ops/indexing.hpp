// Elements chosen by tensors: by places (`gather`), by masks (`masked_fill`), by a diagonal (`tril`, `triu`).
#pragma once

#include "../simd/triangle.hpp"
#include "ids.hpp"
#include "movement.hpp"
#include "primitive.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class T>
Tensor<T> gather(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids);

namespace detail {

/// x with y combined into it at checked places along an axis, without a tape.
template <class How, class T>
Tensor<T> combine_places(const How& how, const Tensor<T>& x, int axis, const Tensor<int64_t>& ids,
                         const Tensor<T>& y) {
    Tensor<T> out = copy(x);
    const Tensor<T> packed = detail::contiguous(y);
    if (ids.numel() > 0)
        simd::scatter(how, packed.data(), ids.data(), output(out),
                      simd::GatherLayout(x.shape(), ids.shape(), axis));
    return out;
}

/// Zeros of `shape`, to which dy is added at checked places along an axis. Recorded.
template <class T>
Tensor<T> add_at_places(const Tensor<T>& dy, const Shape& shape, int axis, const Tensor<int64_t>& ids) {
    return record("scatter_add", combine_places(simd::Add(), expand(Tensor<T>(T(0)), shape), axis, ids, dy),
                  {dy}, [axis, ids](const Tensor<T>& g) { return gather(g, axis, ids); });
}

/// Throws   ShapeError: ids of another rank than x, or larger beside the axis
inline void check_places(const char* op, const Shape& ids, const Shape& x, int axis) {
    bool fits = ids.rank() == x.rank();
    for (int i = 0; fits && i < x.rank(); ++i) fits = i == axis || ids[i] <= x[i];
    if (!fits)
        fail<ShapeError>(op, "ids ", ids, " do not fit x ", x,
                         ": they need its rank, and no larger size beside axis ", axis);
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
    detail::check_places("gather", ids.shape(), x.shape(), at);
    const Tensor<int64_t> places = detail::checked_ids("gather", ids, x.shape(), at);
    const Tensor<T> packed = detail::contiguous(x);
    Tensor<T> y = empty<T>(ids.shape());
    if (y.numel() > 0)
        simd::gather(packed.data(), places.data(), detail::output(y),
                     simd::GatherLayout(x.shape(), ids.shape(), at));
    return record("gather", y, {x}, [from = x.shape(), at, places](const Tensor<T>& dy) {
        return detail::add_at_places(dy, from, at, places);
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
