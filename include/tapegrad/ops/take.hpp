// Elements picked and written as NumPy does: by places in the flattened tensor, and along an axis with
// broadcasting. Negative places count from the end.
#pragma once

#include "scatter.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Elements of the flattened tensor.
///   y[i] = x_flat[ids[i]]
/// Shape    x (any), ids (any) -> y of the shape of ids
/// Grad     dx = zeros, to which dy is added at the places, in their order;  saves ids
/// Throws   IndexError: an id outside [-numel, numel)
/// See      put, gather, index_select
template <class T>
Tensor<T> take(const Tensor<T>& x, const Tensor<int64_t>& ids) {
    const Tensor<T> flat = reshape(x, {x.numel()});
    return reshape(detail::take_rows("take", flat, 0, detail::wrapped_ids("take", ids, flat.shape(), 0)),
                   ids.shape());
}

/// x with elements of `source` at places of the flattened tensor, or added to what is there.
///   y_flat[ids[i]] = source[i], or += with `accumulate`; without it, of equal places the last one stays
/// Shape    x (any), ids (any), source of as many elements as ids -> y, same shape as x
/// Grad     dx = dy (with 0 at the places when not accumulated), dsource = dy at the places that stayed
/// Throws   ShapeError: source of another size; IndexError: an id outside [-numel, numel)
/// See      take, scatter
template <class T>
Tensor<T> put(const Tensor<T>& x, const Tensor<int64_t>& ids, const std::type_identity_t<Tensor<T>>& source,
              bool accumulate = false) {
    if (source.numel() != ids.numel())
        detail::fail<ShapeError>("put", "source ", source.shape(), " and ids ", ids.shape(),
                                 " differ in number");
    const Tensor<T> flat = reshape(x, {x.numel()}), from = reshape(source, {source.numel()});
    const Tensor<int64_t> places = detail::wrapped_ids("put", ids, flat.shape(), 0);
    return reshape(accumulate ? detail::add_rows("put", flat, flat.shape(), 0, places, from)
                              : detail::copy_rows("put", flat, 0, places, from),
                   x.shape());
}

namespace detail {

/// x and places along an axis in shapes that broadcast together, but for the axis.
template <class T>
struct Along {
    int axis;
    Tensor<T> x;
    Tensor<int64_t> ids;

    Along(const char* op, const Tensor<T>& from, const Tensor<int64_t>& places, int64_t at)
        : axis(normalize_axis(op, at, from.rank())) {
        if (places.rank() != from.rank())
            fail<ShapeError>(op, "ids ", places.shape(), " and x ", from.shape(), " differ in rank");
        const int64_t n = from.shape()[axis], m = places.shape()[axis];
        const Shape shape =
            broadcast_shapes(op, with_size(from.shape(), axis, 1), with_size(places.shape(), axis, 1));
        x = expand(from, with_size(shape, axis, n));
        ids = wrapped_ids(op, expand(places, with_size(shape, axis, m)), x.shape(), axis);
    }
};

}

/// Elements of x at places along an axis: `gather`, with broadcasting and negative places.
///   y[i, j, k] = x[i, ids[i, j, k], k]  for axis 1
/// Shape    x (a, n, b), ids (a, m, b), the other axes broadcast together -> y (a, m, b)
/// Grad     dx = zeros, to which dy is added at the places, in their order;  saves ids
/// Throws   ShapeError: axis outside [-rank, rank), another rank of ids, or sizes that do not broadcast;
///          IndexError: an id outside [-n, n)
/// See      put_along_axis, gather, argmax
template <class T>
Tensor<T> take_along_axis(const Tensor<T>& x, const Tensor<int64_t>& ids, int64_t axis) {
    const detail::Along<T> along("take_along_axis", x, ids, axis);
    return gather(along.x, along.axis, along.ids);
}

/// x with `values` at places along an axis; of equal places the last one stays.
///   y[i, ids[i, j, k], k] = values[i, j, k]  for axis 1
/// Shape    x (a, n, b), ids (a, m, b), the other axes broadcast together, values broadcastable to ids
///          -> y (a, n, b)
/// Grad     dx = dy with 0 at the places, dvalues = dy at the places that stayed;  saves ids
/// Throws   ShapeError: axis outside [-rank, rank), another rank of ids, or sizes that do not broadcast;
///          IndexError: an id outside [-n, n)
/// See      take_along_axis, scatter
template <class T>
Tensor<T> put_along_axis(const Tensor<T>& x, const Tensor<int64_t>& ids,
                         const std::type_identity_t<Tensor<T>>& values, int64_t axis) {
    const detail::Along<T> along("put_along_axis", x, ids, axis);
    return detail::replace_places("put_along_axis", along.x, along.axis, along.ids,
                                  expand(values, along.ids.shape()));
}

}
