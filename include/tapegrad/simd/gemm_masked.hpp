// Products with a matrix under a mask: its elements meet those of the mask while panels are packed, so that the
// masked matrix never lies in memory.
#pragma once

#include "gemm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// The right operand w * mask, element by element.
template <class T>
struct MaskedPanels {
    MatrixRef<T> w, mask;
    void fill(int64_t p, int64_t terms, int64_t j, int64_t columns, T* to) const {
        constexpr int64_t breadth = GemmTile<T>::width, chunk = 64;  // a mask that stays in the first cache
        T kept[static_cast<std::size_t>(breadth * chunk + pack_slack<T>)];
        for (int64_t q = 0; q < terms; q += chunk) {
            const int64_t count = terms - q < chunk ? terms - q : chunk;
            T* const panel = to + q * breadth;
            pack(w.at(p + q, j).data, w.col_stride, w.row_stride, columns, columns, count, panel, breadth);
            pack(mask.at(p + q, j).data, mask.col_stride, mask.row_stride, columns, columns, count, kept,
                 breadth);
            for (int64_t i = 0; i < count * breadth; i += breadth)
                for (int64_t l = i; l < i + columns; l += width<T>)
                    (Batch<T>::load(panel + l) * Batch<T>::load(kept + l)).store(panel + l);
        }
    }
};

/// The right operand w, of which element (i, j) counts where term_i <= lane_j.
template <class T>
struct DegreePanels {
    MatrixRef<T> w;
    const T *terms, *lanes;
    int64_t n;  // lanes
    void fill(int64_t p, int64_t count, int64_t j, int64_t columns, T* to) const {
        constexpr int64_t breadth = GemmTile<T>::width;
        pack(w.at(p, j).data, w.col_stride, w.row_stride, columns, columns, count, to, breadth);
        for (int64_t l = 0; l < columns; l += width<T>) {
            const int64_t at = j + l;
            const Batch<T> lane =
                at + width<T> <= n ? Batch<T>::load(lanes + at) : load_partial(lanes + at, n - at);
            for (int64_t i = 0; i < count; ++i) {
                T* const here = to + i * breadth + l;
                where(Batch<T>(terms[p + i]) <= lane, Batch<T>::load(here), Batch<T>(T(0))).store(here);
            }
        }
    }
};

}

/// C = epilogue(A (W * M)), the product with a matrix under a mask.
/// Shape    A (m, k) of any strides, W and M (k, n) of any strides -> C (m, n) at c[i * ldc + j]; C overlaps none
/// Numeric  as gemm of the masked matrix, bit for bit with several rows. The same bits for any number of threads
template <class T, class Epilogue = Identity>
void gemm_masked(int64_t m, int64_t n, int64_t k, MatrixRef<T> a, MatrixRef<T> w, MatrixRef<T> mask, T* c,
                 int64_t ldc, const Epilogue& epilogue = {}) {
    const detail::MaskedPanels<T> panels{w, mask};
    detail::gemm_of(m, n, k, a, MatrixRef<T>{nullptr, 0, 0}, c, ldc, false, epilogue,
                    detail::PanelSource<T>::of(panels));
}

/// The same where M_ij = [term_i <= lane_j], which is read nowhere: W has only what it costs itself.
/// Shape    terms (k,), lanes (n,), both packed
template <class T, class Epilogue = Identity>
void gemm_by_degrees(int64_t m, int64_t n, int64_t k, MatrixRef<T> a, MatrixRef<T> w, const T* terms,
                     const T* lanes, T* c, int64_t ldc, const Epilogue& epilogue = {}) {
    const detail::DegreePanels<T> panels{w, terms, lanes, n};
    detail::gemm_of(m, n, k, a, MatrixRef<T>{nullptr, 0, 0}, c, ldc, false, epilogue,
                    detail::PanelSource<T>::of(panels));
}

}
