// Elements written to places along an axis: the transposes of `gather`.
#pragma once

#include "index_rows.hpp"
#include "indexing.hpp"
#include "window.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The corner of `source` that is as large as the ids.
/// Throws   ShapeError: it is smaller
template <class T>
Tensor<T> corner(const char* op, const Tensor<T>& source, const Shape& ids) {
    if (source.shape() == ids) return source;
    bool fits = source.rank() == ids.rank();
    for (int i = 0; fits && i < ids.rank(); ++i) fits = ids[i] <= source.shape()[i];
    if (!fits)
        fail<ShapeError>(op, "source ", source.shape(), " is smaller than ids ", ids, ", or of another rank");
    return part("corner", source, {ids, source.strides(), 0}, {ids, row_major(source.shape()), 0});
}

/// What a scatter begins with: the axis, the places, and the source in their shape.
template <class T>
struct Scattering {
    int axis;
    Tensor<int64_t> ids;
    Tensor<T> source;

    Scattering(const char* op, const Tensor<T>& x, int64_t at, const Tensor<int64_t>& places,
               const Tensor<T>& from)
        : axis(normalize_axis(op, at, x.rank())) {
        check_places(op, places.shape(), x.shape(), axis);
        ids = checked_ids(op, places, x.shape(), axis);
        source = corner(op, from, ids.shape());
    }
};

/// Elements y for checked places in a tensor of `shape`, with 0 for those whose place a later one repeats.
/// Recorded.
template <class T>
Tensor<T> clear_overwritten(const Tensor<T>& y, const Tensor<int64_t>& ids, const Shape& shape, int axis) {
    if (ids.numel() == 0) return y;
    Tensor<int64_t> flat = empty<int64_t>({ids.numel()});
    simd::flat_places(ids.data(), output(flat), simd::GatherLayout(shape, ids.shape(), axis));
    const Tensor<int64_t> lost = overwritten(flat, numel_of(shape));
    if (lost.numel() == 0) return y;
    return reshape(clear_rows("scatter", reshape(y, {y.numel()}), 0, lost), y.shape());
}

/// x with y at checked places; the last of equal ones stays. Recorded.
template <class T>
Tensor<T> replace_places(const char* name, const Tensor<T>& x, int axis, const Tensor<int64_t>& ids,
                         const Tensor<T>& y) {
    return record(name, combine_places(simd::Replace(), x, axis, ids, y), {x, y},
                  [name, axis, ids](const Tensor<T>& dy, Needs needs) {
                      std::array<Tensor<T>, 2> d;
                      if (needs[0])
                          d[0] = replace_places(name, dy, axis, ids, expand(Tensor<T>(T(0)), ids.shape()));
                      if (needs[1]) d[1] = clear_overwritten(gather(dy, axis, ids), ids, dy.shape(), axis);
                      return d;
                  });
}

}

/// x with the elements of `source` at places along an axis; of equal places the last one stays.
///   y[i, ids[i, j, k], k] = source[i, j, k]  for axis 1
/// Shape    x (a, n, b), ids (a', m, b') with a' <= a and b' <= b, source no smaller than ids -> y, same
/// shape
///          as x; any rank from 1
/// Grad     dx = dy with 0 at the places, dsource = dy at the places, 0 for what did not stay;  saves ids
/// Throws   ShapeError: axis outside [-rank, rank), ids or source that do not fit; IndexError: an id outside
///          [0, n)
/// See      scatter_add, scatter_reduce, gather
template <class T>
Tensor<T> scatter(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids,
                  const std::type_identity_t<Tensor<T>>& source) {
    const detail::Scattering<T> s("scatter", x, axis, ids, source);
    return detail::replace_places("scatter", x, s.axis, s.ids, s.source);
}
/// x with `value` at places along an axis.
template <class T>
Tensor<T> scatter(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids, simd::Scalar auto value) {
    return scatter(x, axis, ids, expand(Tensor<T>(static_cast<T>(value)), ids.shape()));
}

/// x with the elements of `source` added at places along an axis.
///   y[i, ids[i, j, k], k] += source[i, j, k]  for axis 1
/// Shape    x (a, n, b), ids (a', m, b') with a' <= a and b' <= b, source no smaller than ids -> y, same
/// shape
///          as x; any rank from 1
/// Grad     dx = dy, dsource = dy at the places;  saves ids
/// Numeric  added in the order of the places (in parts, where more than 65536 meet in one column): the same
///          bits for any number of threads
/// Throws   ShapeError: axis outside [-rank, rank), ids or source that do not fit; IndexError: an id outside
///          [0, n)
/// See      index_add, scatter_reduce, gather
template <class T>
Tensor<T> scatter_add(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids,
                      const std::type_identity_t<Tensor<T>>& source) {
    const detail::Scattering<T> s("scatter_add", x, axis, ids, source);
    return record("scatter_add", detail::combine_places(simd::Add(), x, s.axis, s.ids, s.source),
                  {x, s.source}, [at = s.axis, places = s.ids](const Tensor<T>& dy, Needs needs) {
                      std::array<Tensor<T>, 2> d{dy, {}};
                      if (needs[1]) d[1] = gather(dy, at, places);
                      return d;
                  });
}

}
