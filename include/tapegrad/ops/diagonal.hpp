// Diagonals of matrices: taken, as views, and laid into zeros; each the other's gradient.
#pragma once

#include "reduce.hpp"
#include "window.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The diagonal of two axes of a tensor, the last axis of the window.
inline Window diagonal_window(const char* op, const Shape& shape, const Strides& strides, int64_t offset,
                              int64_t axis1, int64_t axis2) {
    const int a = normalize_axis(op, axis1, shape.rank()), b = normalize_axis(op, axis2, shape.rank());
    if (a == b) fail<ShapeError>(op, "axes ", axis1, " and ", axis2, " are the same axis of ", shape);
    const int64_t rows = shape[a], cols = shape[b];
    // Where it begins, kept inside: an offset may be any number.
    const int64_t down = offset >= 0 ? 0 : offset > -rows ? -offset : rows;
    const int64_t right = offset <= 0 ? 0 : offset < cols ? offset : cols;
    const int64_t height = rows - down, width = cols - right, n = height < width ? height : width;
    Window window;
    for (int axis = 0; axis < shape.rank(); ++axis) {
        if (axis == a || axis == b) continue;
        window.shape.push_back(shape[axis]);
        window.strides.push_back(strides[axis]);
    }
    window.shape.push_back(n);
    window.strides.push_back(strides[a] + strides[b]);
    window.offset = n > 0 ? down * strides[a] + right * strides[b] : 0;
    return window;
}

}

/// The diagonal of two axes, which go; a view.
///   y[..., i] = x[..., i, i + offset]  for the last two axes
/// Shape    x (..., n, ..., m, ...) -> y (..., k), with k = min(n, m) for offset 0
/// Grad     dx = zeros with dy on the diagonal
/// Throws   ShapeError: an axis outside [-rank, rank), or twice the same
/// See      diag_embed, diag, trace
template <class T>
Tensor<T> diagonal(const Tensor<T>& x, int64_t offset = 0, int64_t axis1 = 0, int64_t axis2 = 1) {
    return detail::part(
        "diagonal", x, detail::diagonal_window("diagonal", x.shape(), x.strides(), offset, axis1, axis2),
        detail::diagonal_window("diagonal", x.shape(), row_major(x.shape()), offset, axis1, axis2));
}

/// Matrices with the last axis of x on a diagonal, zeros elsewhere; `axis1` and `axis2` are places in y.
///   y[..., i, i + offset] = x[..., i]
/// Shape    x (..., n) -> y (..., n + |offset|, n + |offset|)
/// Grad     dx = the diagonal of dy
/// Throws   ShapeError: x of rank 0 or 8, an axis outside [-rank, rank) of y, or twice the same
/// See      diagonal, diag
template <class T>
Tensor<T> diag_embed(const Tensor<T>& x, int64_t offset = 0, int64_t axis1 = -2, int64_t axis2 = -1) {
    if (x.rank() == 0) detail::fail<ShapeError>("diag_embed", "x () has no axis to lay on a diagonal");
    const int rank = x.rank() + 1;
    const int a = normalize_axis("diag_embed", axis1, rank), b = normalize_axis("diag_embed", axis2, rank);
    int64_t away = offset, side = 0;
    if ((offset < 0 && __builtin_sub_overflow(int64_t{0}, offset, &away)) ||
        __builtin_add_overflow(x.size(-1), away, &side))
        detail::fail<ShapeError>("diag_embed", "offset ", offset, " makes too large a matrix");
    Shape shape;
    for (int axis = 0, from = 0; axis < rank; ++axis)
        shape.push_back(axis == a || axis == b ? side : x.shape()[from++]);
    return detail::place("diag_embed", x, shape,
                         detail::diagonal_window("diag_embed", shape, row_major(shape), offset, a, b));
}

/// Of a vector the matrix with it on a diagonal, of a matrix its diagonal.
/// Shape    x (n,) -> y (n + |offset|, n + |offset|); x (n, m) -> y (k,)
/// Throws   ShapeError: x of another rank
/// See      diagonal, diag_embed
template <class T>
Tensor<T> diag(const Tensor<T>& x, int64_t offset = 0) {
    if (x.rank() != 1 && x.rank() != 2)
        detail::fail<ShapeError>("diag", "x ", x.shape(), " is neither a vector nor a matrix");
    return x.rank() == 1 ? diag_embed(x, offset) : diagonal(x, offset);
}

/// Sum of the diagonal.
///   y = sum_i x_ii
/// Shape    x (n, m) -> y ()
/// Grad     dx = dy on the diagonal, 0 elsewhere
/// Throws   ShapeError: x is no matrix
template <class T>
requires(!Real16<T>) Tensor<detail::SumType<T>> trace(const Tensor<T>& x) {
    if (x.rank() != 2) detail::fail<ShapeError>("trace", "x ", x.shape(), " is no matrix");
    return sum(diagonal(x));
}

}
