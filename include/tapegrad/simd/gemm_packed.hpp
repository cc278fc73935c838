// A right operand packed once for many products: what a product of few rows spends most of its time on.
#pragma once

#include "gemm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// The panels of a (k, n), one block of gemm behind the other: column blocks, in them blocks of k.
template <class T>
struct PackedPanels {
    static constexpr int64_t breadth = GemmTile<T>::width;
    int64_t k, n;
    const T* data;

    static constexpr int64_t padded(int64_t columns) { return ceil_div(columns, breadth) * breadth; }
    /// Where the panels of the block at (p, j) begin.
    int64_t offset(int64_t p, int64_t j) const {
        return j * k + padded(n - j < gemm_columns ? n - j : gemm_columns) * p;
    }
    PanelSource<T> source() const {
        PanelSource<T> s;
        s.self = this;
        s.ready = [](const void* self, int64_t p, int64_t j) {
            const auto* const panels = static_cast<const PackedPanels*>(self);
            return panels->data + panels->offset(p, j);
        };
        return s;
    }
};
static_assert(gemm_columns % GemmTile<float>::width == 0 && gemm_columns % GemmTile<double>::width == 0);

}

/// The elements that pack_matrix writes.
template <class T>
int64_t packed_size(int64_t k, int64_t n) {
    return detail::PackedPanels<T>::padded(n) * k + detail::pack_slack<T>;
}

/// Packs B (k, n) of any strides for gemm_packed.
template <class T>
void pack_matrix(int64_t k, int64_t n, MatrixRef<T> b, T* to) {
    using namespace detail;
    constexpr int64_t breadth = GemmTile<T>::width;
    const PackedPanels<T> all{k, n, to};
    const int64_t depth = gemm_terms(k), wide = ceil_div(n, breadth);
    // In order, for a panel may write behind its end.
    for (int64_t p = 0; p < k; p += depth)
        parallel_for(wide, ceil_div(pack_grain, breadth * depth), [&](int64_t begin, int64_t end) {
            for (int64_t t = begin; t < end; ++t) {
                const int64_t j = t * breadth, first = j / gemm_columns * gemm_columns;
                const int64_t terms = k - p < depth ? k - p : depth,
                              columns = n - j < breadth ? n - j : breadth;
                pack(b.data + p * b.row_stride + j * b.col_stride, b.col_stride, b.row_stride, columns,
                     columns, terms, to + all.offset(p, first) + (j - first) * terms, breadth);
            }
        });
}

/// C = epilogue(A B) for a B that pack_matrix wrote.
/// Shape    A (m, k) of any strides -> C (m, n) at c[i * ldc + j]; C overlaps neither
/// Numeric  the bits of gemm, save with one row, which gemm sums in another order
template <class T, class Epilogue = Identity>
void gemm_packed(int64_t m, int64_t n, int64_t k, MatrixRef<T> a, const T* packed, T* c, int64_t ldc,
                 const Epilogue& epilogue = {}) {
    const detail::PackedPanels<T> panels{k, n, packed};
    detail::gemm_of(m, n, k, a, MatrixRef<T>{nullptr, 0, 0}, c, ldc, false, epilogue, panels.source());
}

}
