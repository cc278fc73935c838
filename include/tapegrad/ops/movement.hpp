// Other shapes and orders of the same elements: O(1) views whose gradient is the inverse view.
#pragma once

#include "../autograd/accumulate.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A tensor as rows along an axis: (outer, size, n).
struct Rows {
    int64_t outer = 1, size = 1, n = 1;
    Rows(const Shape& shape, int axis) : size(shape[axis]) {
        for (int i = 0; i < axis; ++i) outer *= shape[i];
        for (int i = axis + 1; i < shape.rank(); ++i) n *= shape[i];
    }
};

/// `shape` with its -1 replaced by what is left of `from`.
inline Shape resolve_reshape(const Shape& from, const Shape& shape) {
    const int64_t numel = numel_of(from);
    Shape to = shape;
    int free = -1;
    for (int axis = 0; axis < to.rank(); ++axis) {
        if (to[axis] != -1) continue;
        if (free >= 0) fail<ShapeError>("reshape", "more than one -1 in ", shape);
        free = axis;
        to[axis] = 1;
    }
    const int64_t rest = numel_of(to, "reshape");
    if (free >= 0) {
        if (rest == 0)
            fail<ShapeError>("reshape", "-1 in ", shape, " may be any size: the other sizes have a 0");
        to[free] = numel / rest;
    }
    if (numel != (free >= 0 ? rest * to[free] : rest))
        fail<ShapeError>("reshape", "x ", from, " has ", numel, " elements, which do not fill ", shape);
    return to;
}

/// x in `to`, of as many elements, without a tape: a view where the strides allow one, else a copy.
template <class T>
Tensor<T> reshaped(const Tensor<T>& x, const Shape& to) {
    Strides strides;
    if (reshape_strides(x.shape(), x.strides(), to, strides)) return view_of(x, to, strides);
    return view_of(detail::contiguous(x), to, row_major(to));
}

}

/// The elements in another shape: a view where the strides allow one, else a copy.
/// Shape    x (any), one size of `shape` may be -1 -> y of `shape`, as many elements
/// Grad     dx = dy in the shape of x
/// Throws   ShapeError: another number of elements, several -1, or a -1 beside a 0
template <class T>
Tensor<T> reshape(const Tensor<T>& x, const Shape& shape) {
    const Shape to = detail::resolve_reshape(x.shape(), shape);
    return record("reshape", detail::reshaped(x, to), {x},
                  [from = x.shape()](const Tensor<T>& dy) { return reshape(dy, from); });
}

namespace detail {
/// x in another shape; x itself when that is its own. Recorded.
template <class T>
Tensor<T> in_shape(const Tensor<T>& x, const Shape& shape) {
    return x.shape() == shape ? x : reshape(x, shape);
}
}

/// The axes from `first` to `last` as one.
/// Shape    x (..., a, b, ...) -> y (..., a * b, ...); of rank 0 -> y (1,)
/// Grad     dx = dy in the shape of x
/// Throws   ShapeError: an axis outside [-rank, rank), or `first` behind `last`
template <class T>
Tensor<T> flatten(const Tensor<T>& x, int64_t first = 0, int64_t last = -1) {
    if (x.rank() == 0) return reshape(x, {1});
    const int from = normalize_axis("flatten", first, x.rank()),
              to = normalize_axis("flatten", last, x.rank());
    if (from > to) detail::fail<ShapeError>("flatten", "first axis ", first, " lies behind the last, ", last);
    Shape shape;
    for (int axis = 0; axis < x.rank(); ++axis) {
        if (axis > from && axis <= to)
            shape[shape.rank() - 1] *= x.shape()[axis];
        else
            shape.push_back(x.shape()[axis]);
    }
    return reshape(x, shape);
}

/// The axes in another order: axis i of y is axis `axes[i]` of x; a view.
/// Shape    x (n0, n1, ...) -> y (n_axes[0], n_axes[1], ...)
/// Grad     dx = dy with its axes put back
/// Throws   ShapeError: `axes` is not a permutation of the axes of x
template <class T>
Tensor<T> permute(const Tensor<T>& x, const Axes& axes) {
    const auto wrong = [&] {
        detail::fail<ShapeError>("permute", axes, " is not a permutation of the axes of x ", x.shape());
    };
    const int rank = x.rank();
    if (axes.rank() != rank) wrong();
    Axes inverse = Dims::filled(rank, -1);
    Shape shape = x.shape();
    Strides strides = x.strides();
    for (int i = 0; i < rank; ++i) {
        const int from = normalize_axis("permute", axes[i], rank);
        if (inverse[from] >= 0) wrong();
        inverse[from] = i;
        shape[i] = x.shape()[from];
        strides[i] = x.strides()[from];
    }
    return record("permute", detail::view_of(x, shape, strides), {x},
                  [inverse](const Tensor<T>& dy) { return permute(dy, inverse); });
}

/// Two axes exchanged, the last two when none are named; a view.
/// Shape    x (..., a, ..., b, ...) -> y (..., b, ..., a, ...)
/// Grad     dx = dy with the axes exchanged
/// Throws   ShapeError: an axis outside [-rank, rank)
template <class T>
Tensor<T> transpose(const Tensor<T>& x, int64_t a = -2, int64_t b = -1) {
    const int i = normalize_axis("transpose", a, x.rank()), j = normalize_axis("transpose", b, x.rank());
    Shape shape = x.shape();
    Strides strides = x.strides();
    std::swap(shape[i], shape[j]);
    std::swap(strides[i], strides[j]);
    return record("transpose", detail::view_of(x, shape, strides), {x},
                  [i, j](const Tensor<T>& dy) { return transpose(dy, i, j); });
}

/// x with an axis of size 1 at `axis`, a place in y; a view.
/// Shape    x (a, b) -> y (a, 1, b) for axis 1 or -2
/// Grad     dx = dy without the axis
/// Throws   ShapeError: axis outside [-rank - 1, rank]
template <class T>
Tensor<T> unsqueeze(const Tensor<T>& x, int64_t axis) {
    const int rank = x.rank();
    if (axis < -rank - 1 || axis > rank)
        detail::fail<ShapeError>("unsqueeze", "axis ", axis, " is outside [", -rank - 1, ", ", rank,
                                 "] for x ", x.shape());
    const auto at = static_cast<int>(axis < 0 ? axis + rank + 1 : axis);
    Shape shape = x.shape();
    Strides strides = x.strides();
    shape.insert(at, 1);
    strides.insert(at, 1);
    return record("unsqueeze", detail::view_of(x, shape, strides), {x},
                  [from = x.shape()](const Tensor<T>& dy) { return reshape(dy, from); });
}

/// x without its axes of size 1; a view.
/// Shape    x (a, 1, b, 1) -> y (a, b)
/// Grad     dx = dy in the shape of x
template <class T>
Tensor<T> squeeze(const Tensor<T>& x) {
    Shape shape;
    Strides strides;
    for (int axis = 0; axis < x.rank(); ++axis) {
        if (x.shape()[axis] == 1) continue;
        shape.push_back(x.shape()[axis]);
        strides.push_back(x.strides()[axis]);
    }
    return record("squeeze", detail::view_of(x, shape, strides), {x},
                  [from = x.shape()](const Tensor<T>& dy) { return reshape(dy, from); });
}
/// x without `axis` when its size is 1, else x as it is; a view.
/// Throws   ShapeError: axis outside [-rank, rank)
template <class T>
Tensor<T> squeeze(const Tensor<T>& x, int64_t axis) {
    const int at = normalize_axis("squeeze", axis, x.rank());
    Shape shape = x.shape();
    Strides strides = x.strides();
    if (shape[at] == 1) {
        shape.erase(at);
        strides.erase(at);
    }
    return record("squeeze", detail::view_of(x, shape, strides), {x},
                  [from = x.shape()](const Tensor<T>& dy) { return reshape(dy, from); });
}

/// x in row-major memory: x itself when it is so already, else a copy.
/// Grad     dx = dy
template <class T>
Tensor<T> contiguous(const Tensor<T>& x) {
    if (x.is_contiguous()) return x;
    return record("contiguous", detail::copy(x), {x}, [](const Tensor<T>& dy) { return dy; });
}

/// A row-major copy of the elements.
/// Grad     dx = dy
template <class T>
Tensor<T> clone(const Tensor<T>& x) {
    return record("clone", detail::copy(x), {x}, [](const Tensor<T>& dy) { return dy; });
}

}
