// Rows of a table.
#pragma once

#include "index_rows.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The rows of `table` that `ids` name.
///   y[i, ...] = table[ids[i, ...]]
/// Shape    table (rows, n), ids (...) -> y (..., n)
/// Grad     dtable[r] = sum of dy over the places whose id is r, in their order;  saves ids
/// Throws   IndexError: an id outside [0, rows); ShapeError: table not of rank 2
/// See      index_select
template <Floating T>
Tensor<T> embedding(const Tensor<T>& table, const Tensor<int64_t>& ids) {
    if (table.rank() != 2)
        detail::fail<ShapeError>("embedding", "table ", table.shape(), " must have rank 2: (rows, width)");
    const Tensor<int64_t> packed = detail::contiguous(ids);
    const int64_t rows = table.size(0), wrong = simd::find_outside(packed.data(), packed.numel(), rows);
    if (wrong >= 0)
        detail::fail<IndexError>("embedding", "id ", packed.data()[wrong], " at place ", wrong,
                                 " is outside [0, ", rows, ")");
    const Tensor<T> y = detail::take_rows("embedding", table, 0, packed);
    Shape shape = ids.shape();
    shape.push_back(table.size(1));
    return ids.rank() == 1 ? y : reshape(y, shape);
}

}
