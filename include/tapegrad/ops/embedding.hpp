// Rows of a table.
#pragma once

#include "../simd/embedding.hpp"
#include "../tensor/creation.hpp"
#include "primitive.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// dtable (rows, n) = sum of the rows of dy (..., n) by id.
template <class T>
Tensor<T> scatter_rows(const Tensor<T>& dy, const Tensor<int64_t>& ids, int64_t rows);

}

/// The rows of `table` that `ids` name.
///   y[i, ...] = table[ids[i, ...]]
/// Shape    table (rows, n), ids (...) -> y (..., n)
/// Grad     dtable[r] = sum of dy over the places whose id is r, in their order;  saves ids
/// Throws   IndexError: an id outside [0, rows); ShapeError: table not of rank 2
template <Floating T>
Tensor<T> embedding(const Tensor<T>& table, const Tensor<int64_t>& ids) {
    if (table.rank() != 2)
        detail::fail<ShapeError>("embedding", "table ", table.shape(), " must have rank 2: (rows, width)");
    const int64_t rows = table.size(0), n = table.size(1);
    const Tensor<int64_t> packed = detail::contiguous(ids);
    const Tensor<T> from = detail::contiguous(table);
    Shape shape = ids.shape();
    shape.push_back(n);
    Tensor<T> y = empty<T>(shape);
    const int64_t wrong =
        simd::embedding(from.data(), rows, packed.data(), detail::output(y), packed.numel(), n);
    if (wrong >= 0)
        detail::fail<IndexError>("embedding", "id ", packed.data()[wrong], " at place ", wrong,
                                 " is outside [0, ", rows, ")");
    return record("embedding", y, {table},
                  [packed, rows](const Tensor<T>& dy) { return detail::scatter_rows(dy, packed, rows); });
}

template <class T>
Tensor<T> detail::scatter_rows(const Tensor<T>& dy, const Tensor<int64_t>& ids, int64_t rows) {
    const int64_t n = dy.size(-1);
    const Tensor<T> packed = detail::contiguous(dy);
    Tensor<T> table = zeros<T>({rows, n});
    simd::embedding_backward(packed.data(), ids.data(), output(table), rows, ids.numel(), n);
    return record("scatter_rows", table, {dy}, [ids](const Tensor<T>& d) { return embedding(d, ids); });
}

}
