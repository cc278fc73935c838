// Places of one axis picked by a tensor of rank 1, and written to: `index_select` and its transpose,
// `index_add`, each the other's gradient.
#pragma once

#include "../simd/index_rows.hpp"
#include "ids.hpp"
#include "movement.hpp"
#include "primitive.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class T>
Tensor<T> index_add(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids,
                    const std::type_identity_t<Tensor<T>>& source);

namespace detail {

/// Throws   ShapeError: ids are no list
inline void check_list(const char* op, const Tensor<int64_t>& ids) {
    if (ids.rank() > 1) fail<ShapeError>(op, "ids ", ids.shape(), " have axes; they are a list");
}
inline Shape with_size(Shape shape, int axis, int64_t size) {
    shape[axis] = size;
    return shape;
}
/// Throws   ShapeError: source is not x with as many places along the axis as there are ids
inline void check_source(const char* op, const Shape& source, const Shape& x, int axis, int64_t count) {
    if (source != with_size(x, axis, count))
        fail<ShapeError>(op, "source ", source, " is not ", with_size(x, axis, count), ": x ", x, " with ",
                         count, " ids along axis ", axis);
}

/// The rows of x at checked ids. Recorded.
template <class T>
Tensor<T> take_rows(const char* name, const Tensor<T>& x, int axis, const Tensor<int64_t>& ids);

/// x with the rows of `source` added at checked ids, in their order; zeros in place of an undefined x.
/// Recorded.
template <class T>
Tensor<T> add_rows(const char* name, const Tensor<T>& x, const Shape& shape, int axis,
                   const Tensor<int64_t>& ids, const Tensor<T>& source) {
    Tensor<T> y = x.defined() ? copy(x) : zeros<T>(shape);
    const Rows rows(shape, axis);
    const Tensor<T> packed = detail::contiguous(source);
    simd::combine_rows(simd::Add(), packed.data(), ids.data(), output(y), rows.size, rows.outer, ids.numel(),
                       rows.n);
    if (!x.defined())
        return record(name, y, {source},
                      [axis, ids](const Tensor<T>& dy) { return take_rows("take_rows", dy, axis, ids); });
    return record(name, y, {x, source}, [axis, ids](const Tensor<T>& dy, Needs needs) {
        std::array<Tensor<T>, 2> d{dy, {}};
        if (needs[1]) d[1] = take_rows("take_rows", dy, axis, ids);
        return d;
    });
}

template <class T>
Tensor<T> take_rows(const char* name, const Tensor<T>& x, int axis, const Tensor<int64_t>& ids) {
    const Rows rows(x.shape(), axis);
    const Tensor<T> packed = detail::contiguous(x);
    Tensor<T> y = empty<T>(with_size(x.shape(), axis, ids.numel()));
    simd::take_rows(packed.data(), rows.size, ids.data(), output(y), rows.outer, ids.numel(), rows.n);
    return record(name, y, {x}, [from = x.shape(), axis, ids](const Tensor<T>& dy, T* total) {
        if (total == nullptr) return add_rows("add_rows", Tensor<T>(), from, axis, ids, dy);
        const Rows table(from, axis);
        const Tensor<T> source = detail::contiguous(dy);
        simd::combine_rows(simd::Add(), source.data(), ids.data(), total, table.size, table.outer,
                           ids.numel(), table.n);
        return Tensor<T>();
    });
}

/// The places of the ids that a later one repeats: what they write does not stay.
inline Tensor<int64_t> overwritten(const Tensor<int64_t>& ids, int64_t size) {
    Tensor<int64_t> places = empty<int64_t>({ids.numel()});
    const int64_t count = simd::repeated_ids(ids.data(), ids.numel(), size, output(places));
    return view_of(places, {count}, {1});
}

template <class T>
Tensor<T> clear_rows(const char* name, const Tensor<T>& x, int axis, const Tensor<int64_t>& ids);

/// x with its rows at checked ids replaced by those of `source`; the last of equal ids stays. Recorded.
template <class T>
Tensor<T> copy_rows(const char* name, const Tensor<T>& x, int axis, const Tensor<int64_t>& ids,
                    const Tensor<T>& source) {
    const Rows rows(x.shape(), axis);
    Tensor<T> y = copy(x);
    const Tensor<T> packed = detail::contiguous(source);
    simd::combine_rows(simd::Replace(), packed.data(), ids.data(), output(y), rows.size, rows.outer,
                       ids.numel(), rows.n);
    return record(
        name, y, {x, source}, [name, axis, ids, size = rows.size](const Tensor<T>& dy, Needs needs) {
            std::array<Tensor<T>, 2> d;
            if (needs[0]) d[0] = clear_rows(name, dy, axis, ids);
            if (needs[1])
                d[1] = clear_rows(name, take_rows("take_rows", dy, axis, ids), axis, overwritten(ids, size));
            return d;
        });
}
/// x with zeros in its rows at checked ids. Recorded.
template <class T>
Tensor<T> clear_rows(const char* name, const Tensor<T>& x, int axis, const Tensor<int64_t>& ids) {
    if (ids.numel() == 0) return x;
    return copy_rows(name, x, axis, ids, expand(Tensor<T>(T(0)), with_size(x.shape(), axis, ids.numel())));
}

}

/// The places `ids` of an axis.
///   y[i, j, k] = x[i, ids[j], k]  for axis 1
/// Shape    x (..., n, ...), ids (m,) or () -> y (..., m, ...)
/// Grad     dx = zeros, to which dy is added at the places, in the order of ids;  saves ids
/// Throws   ShapeError: axis outside [-rank, rank), ids with axes; IndexError: an id outside [0, n)
/// See      gather, take, at
template <class T>
Tensor<T> index_select(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids) {
    const int at = normalize_axis("index_select", axis, x.rank());
    detail::check_list("index_select", ids);
    return detail::take_rows("index_select", x, at, detail::checked_ids("index_select", ids, x.shape(), at));
}

/// x with `source` added at the places `ids` of an axis.
///   y[i, ids[j], k] += source[i, j, k]  for axis 1
/// Shape    x (..., n, ...), ids (m,) or (), source (..., m, ...) -> y, same shape as x
/// Grad     dx = dy, dsource = dy at the places;  saves ids
/// Numeric  added in the order of ids: the same bits for any number of threads
/// Throws   ShapeError: axis outside [-rank, rank), ids with axes, another shape of source; IndexError: an id
///          outside [0, n)
/// See      scatter_add, index_put
template <class T>
Tensor<T> index_add(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids,
                    const std::type_identity_t<Tensor<T>>& source) {
    const int at = normalize_axis("index_add", axis, x.rank());
    detail::check_list("index_add", ids);
    detail::check_source("index_add", source.shape(), x.shape(), at, ids.numel());
    return detail::add_rows("index_add", x, x.shape(), at,
                            detail::checked_ids("index_add", ids, x.shape(), at), source);
}

/// x with the places `ids` of an axis replaced by `source`; of equal ids the last one stays.
///   y[i, ids[j], k] = source[i, j, k]  for axis 1
/// Shape    x (..., n, ...), ids (m,) or (), source (..., m, ...) -> y, same shape as x
/// Grad     dx = dy with 0 at the places, dsource = dy at the places, 0 for what did not stay;  saves ids
/// Throws   ShapeError: axis outside [-rank, rank), ids with axes, another shape of source; IndexError: an id
///          outside [0, n)
/// See      index_fill, scatter, set_at
template <class T>
Tensor<T> index_copy(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids,
                     const std::type_identity_t<Tensor<T>>& source) {
    const int at = normalize_axis("index_copy", axis, x.rank());
    detail::check_list("index_copy", ids);
    detail::check_source("index_copy", source.shape(), x.shape(), at, ids.numel());
    return detail::copy_rows("index_copy", x, at, detail::checked_ids("index_copy", ids, x.shape(), at),
                             source);
}

/// x with `value` at the places `ids` of an axis.
/// Shape    x (..., n, ...), ids (m,) or (), value a number or a tensor of rank 0 -> y, same shape as x
/// Grad     dx = dy with 0 at the places, dvalue = the sum of dy there, each place once;  saves ids
/// Throws   ShapeError: axis outside [-rank, rank), ids or value with axes; IndexError: an id outside [-n, n)
/// See      index_copy, masked_fill
template <class T>
Tensor<T> index_fill(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids,
                     const std::type_identity_t<Tensor<T>>& value) {
    const int at = normalize_axis("index_fill", axis, x.rank());
    detail::check_list("index_fill", ids);
    if (value.rank() != 0)
        detail::fail<ShapeError>("index_fill", "value ", value.shape(), " is not of rank 0");
    return detail::copy_rows("index_fill", x, at, detail::wrapped_ids("index_fill", ids, x.shape(), at),
                             expand(value, detail::with_size(x.shape(), at, ids.numel())));
}
template <class T>
Tensor<T> index_fill(const Tensor<T>& x, int64_t axis, const Tensor<int64_t>& ids, simd::Scalar auto value) {
    return index_fill(x, axis, ids, Tensor<T>(static_cast<T>(value)));
}

}
