// Axes moved, exchanged, split and repeated: views, each a name for reshape, permute or expand.
#pragma once

#include <span>
#include <vector>

#include "movement.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The order of axes that brings each `from[i]` to `to[i]` and leaves the others in their order.
inline Axes moved_axes(const Axes& from, const Axes& to, int rank) {
    if (from.rank() != to.rank())
        fail<ShapeError>("movedim", "from ", from, " and to ", to, " name different numbers of axes");
    Axes order = Dims::filled(rank, -1);
    uint32_t taken = 0;
    for (int i = 0; i < from.rank(); ++i) {
        const int source = normalize_axis("movedim", from[i], rank),
                  target = normalize_axis("movedim", to[i], rank);
        if (((taken >> source) & 1) != 0) fail<ShapeError>("movedim", "from ", from, " names an axis twice");
        if (order[target] >= 0) fail<ShapeError>("movedim", "to ", to, " names an axis twice");
        taken |= 1U << source;
        order[target] = source;
    }
    int next = 0;
    for (int64_t& axis : order) {
        if (axis >= 0) continue;
        while (((taken >> next) & 1) != 0) ++next;
        axis = next++;
    }
    return order;
}

}

/// The axes `from` at the places `to`, the others in their order; a view.
/// Shape    x (a, b, c) -> y (b, c, a) for from 0 to -1
/// Grad     dx = dy with its axes put back
/// Throws   ShapeError: an axis outside [-rank, rank), one named twice, or lists of different lengths
/// See      permute, swapaxes
template <class T>
Tensor<T> movedim(const Tensor<T>& x, const Axes& from, const Axes& to) {
    return permute(x, detail::moved_axes(from, to, x.rank()));
}
template <class T>
Tensor<T> movedim(const Tensor<T>& x, int64_t from, int64_t to) {
    return movedim(x, Axes{from}, Axes{to});
}

/// Two axes exchanged: `transpose` by its name in NumPy; a view.
template <class T>
Tensor<T> swapaxes(const Tensor<T>& x, int64_t a, int64_t b) {
    return transpose(x, a, b);
}

/// One axis as several.
/// Shape    x (..., n, ...), one size may be -1 -> y (..., sizes[0], sizes[1], ..., ...)
/// Grad     dx = dy in the shape of x
/// Throws   ShapeError: axis outside [-rank, rank), or sizes whose product is not n
/// See      flatten
template <class T>
Tensor<T> unflatten(const Tensor<T>& x, int64_t axis, const Shape& sizes) {
    const int at = normalize_axis("unflatten", axis, x.rank());
    // The sizes are resolved alone: the other axes may have a 0, which says nothing about a -1.
    const Shape parts = detail::resolve_reshape({x.shape()[at]}, sizes);
    Shape shape;
    for (int i = 0; i < x.rank(); ++i) {
        if (i != at)
            shape.push_back(x.shape()[i]);
        else
            for (const int64_t n : parts) shape.push_back(n);
    }
    return reshape(x, shape);
}

/// x repeated along axes of size 1 and along new axes in front: `expand` by its name in NumPy; a view.
template <class T>
Tensor<T> broadcast_to(const Tensor<T>& x, const Shape& shape) {
    return expand(x, shape);
}

/// The tensors expanded to the shape that they broadcast to, as views.
/// Shape    (any), ... -> each of the common shape
/// Grad     of each: its dy summed over the repeated axes
/// Throws   ShapeError: no tensors, or shapes that do not broadcast
template <class T>
std::vector<Tensor<T>> broadcast_tensors(std::span<const Tensor<T>> tensors) {
    if (tensors.empty()) detail::fail<ShapeError>("broadcast_tensors", "no tensors");
    Shape shape = tensors[0].shape();
    for (const Tensor<T>& t : tensors) shape = broadcast_shapes("broadcast_tensors", shape, t.shape());
    std::vector<Tensor<T>> out;
    out.reserve(tensors.size());
    for (const Tensor<T>& t : tensors) out.push_back(expand(t, shape));
    return out;
}
template <class T>
std::vector<Tensor<T>> broadcast_tensors(std::initializer_list<Tensor<T>> tensors) {
    return broadcast_tensors(std::span<const Tensor<T>>(tensors.begin(), tensors.size()));
}

}
