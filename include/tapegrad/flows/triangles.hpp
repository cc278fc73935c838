// Triangular matrices from the list of their entries beside the diagonal, row by row.
#pragma once

#include "../ops/diagonal.hpp"
#include "../ops/index_rows.hpp"
#include "../ops/movement.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

inline int64_t entries_beside_diagonal(int64_t n) { return n * (n - 1) / 2; }

/// The matrix (n, n) with `entries` above or below its diagonal and zeros elsewhere.
template <class T>
Tensor<T> strict_triangle(const Tensor<T>& entries, int64_t n, bool upper) {
    Tensor<int64_t> places = empty<int64_t>({entries_beside_diagonal(n)});
    int64_t* to = output(places);
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = upper ? i + 1 : 0; j < (upper ? n : i); ++j) *to++ = i * n + j;
    return reshape(index_copy(zeros<T>({n * n}), 0, places, entries), {n, n});
}
/// The upper triangle with its diagonal.
template <class T>
Tensor<T> upper_triangle(const Tensor<T>& entries, const Tensor<T>& on_diagonal) {
    return strict_triangle(entries, on_diagonal.size(0), true) + diag_embed(on_diagonal);
}
/// The lower triangle with ones on its diagonal.
template <class T>
Tensor<T> unit_lower_triangle(const Tensor<T>& entries, int64_t n) {
    return strict_triangle(entries, n, false) + eye<T>(n);
}

}
