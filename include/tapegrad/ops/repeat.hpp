// Tensors repeated: as a whole, or element by element. A repetition is a view with one more axis, laid out.
#pragma once

#include "index_rows.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Every block of `block` elements of x `count` times in a row, in `shape`. Recorded.
template <class T>
Tensor<T> repeat_blocks(const Tensor<T>& x, int64_t block, int64_t count, const Shape& shape) {
    const int64_t blocks = block > 0 ? x.numel() / block : 0;
    return reshape(expand(reshape(x, {blocks, 1, block}), {blocks, count, block}), shape);
}

template <class T>
Tensor<T> tile(const char* op, const Tensor<T>& x, const Dims& repeats) {
    const int rank = repeats.rank() > x.rank() ? repeats.rank() : x.rank();
    Shape shape = Dims::filled(rank - x.rank(), 1);
    for (const int64_t n : x.shape()) shape.push_back(n);
    Tensor<T> y = reshape(x, shape);
    // From the last axis: what is repeated first is small then.
    for (int i = repeats.rank() - 1; i >= 0; --i) {
        const int64_t count = repeats[i];
        if (count < 0) fail<ValueError>(op, "negative count ", count, " in ", repeats);
        if (count == 1) continue;
        const int axis = i + rank - repeats.rank();
        int64_t block = 1;
        for (int k = axis; k < rank; ++k) block *= shape[k];
        if (__builtin_mul_overflow(shape[axis], count, &shape[axis]))
            fail<ShapeError>(op, "x ", x.shape(), " repeated ", repeats, " times has too many elements");
        y = repeat_blocks(y, block, count, shape);
    }
    return y;
}

}

/// x laid beside itself along every axis.
/// Shape    x (n, m), counts (a, b) -> y (a n, b m); more counts than axes: x has axes of size 1 in front;
///          fewer: the first axes are not repeated
/// Grad     dx = the sum of the repetitions of dy
/// Throws   ValueError: a negative count; ShapeError: too many axes or elements
/// See      repeat, repeat_interleave, expand
template <class T>
Tensor<T> tile(const Tensor<T>& x, const Dims& counts) {
    return detail::tile("tile", x, counts);
}

/// x laid beside itself along every axis: `tile`, with a count for each axis at least.
/// Shape    x (n, m), counts (c, a, b) -> y (c, a n, b m)
/// Grad     dx = the sum of the repetitions of dy
/// Throws   ShapeError: fewer counts than axes, too many axes or elements; ValueError: a negative count
/// See      tile, repeat_interleave, expand
template <class T>
Tensor<T> repeat(const Tensor<T>& x, const Dims& counts) {
    if (counts.rank() < x.rank())
        detail::fail<ShapeError>("repeat", "counts ", counts, " are fewer than the axes of x ", x.shape());
    return detail::tile("repeat", x, counts);
}

/// Every place of an axis `count` times in a row.
///   (a, b) -> (a, a, b, b) for count 2
/// Shape    x (..., n, ...) -> y (..., count n, ...)
/// Grad     dx = the sums of the repetitions in dy
/// Throws   ShapeError: axis outside [-rank, rank), or too many elements; ValueError: count negative
/// See      repeat
template <class T>
Tensor<T> repeat_interleave(const Tensor<T>& x, int64_t count, int64_t axis) {
    const int at = normalize_axis("repeat_interleave", axis, x.rank());
    if (count < 0) detail::fail<ValueError>("repeat_interleave", "count ", count, " is negative");
    Shape shape = x.shape();
    int64_t block = 1;
    for (int i = at + 1; i < x.rank(); ++i) block *= shape[i];
    if (__builtin_mul_overflow(shape[at], count, &shape[at]))
        detail::fail<ShapeError>("repeat_interleave", "x ", x.shape(), " has too many elements ", count,
                                 " times");
    return detail::repeat_blocks(x, block, count, shape);
}
/// Every element of the flattened tensor `count` times in a row.
template <class T>
Tensor<T> repeat_interleave(const Tensor<T>& x, int64_t count) {
    return repeat_interleave(reshape(x, {x.numel()}), count, 0);
}
/// Place i of an axis counts[i] times in a row.
/// Shape    x (..., n, ...), counts (n,) or of one element -> y (..., sum of counts, ...)
/// Grad     dx = the sums of the repetitions in dy;  saves the places
/// Throws   ShapeError: axis outside [-rank, rank), or counts of another length; ValueError: a negative count
template <class T>
Tensor<T> repeat_interleave(const Tensor<T>& x, const Tensor<int64_t>& counts, int64_t axis) {
    const int at = normalize_axis("repeat_interleave", axis, x.rank());
    const int64_t n = x.shape()[at];
    if (counts.rank() > 1 || (counts.numel() != n && counts.numel() != 1))
        detail::fail<ShapeError>("repeat_interleave", "counts ", counts.shape(), " are not one for each of ",
                                 n, " places of axis ", at);
    const Tensor<int64_t> each = detail::contiguous(expand(reshape(counts, {counts.numel()}), {n}));
    int64_t total = 0;
    for (int64_t i = 0; i < n; ++i) {
        if (each.data()[i] < 0)
            detail::fail<ValueError>("repeat_interleave", "count ", each.data()[i], " at ", i,
                                     " is negative");
        if (__builtin_add_overflow(total, each.data()[i], &total))
            detail::fail<ShapeError>("repeat_interleave", "the counts have no sum");
    }
    Tensor<int64_t> places = empty<int64_t>({total});
    simd::repeated_places(each.data(), n, detail::output(places));
    return index_select(x, at, places);
}

}
