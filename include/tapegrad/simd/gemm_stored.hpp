// Products of floats with weights that are stored in fewer bits: widened while panels are packed, or in registers
// where few vectors meet them.
#pragma once

#include "gemm_few.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// The right operand of A W^T: a panel's columns are rows of W.
template <class Rows>
struct StoredColumns {
    Rows w;
    void fill(int64_t p, int64_t terms, int64_t j, int64_t columns, float* to) const {
        constexpr int64_t breadth = GemmTile<float>::width, chunk = 64;
        float rows[static_cast<std::size_t>(breadth * chunk)];
        for (int64_t q = 0; q < terms; q += chunk) {
            const int64_t count = terms - q < chunk ? terms - q : chunk;
            for (int64_t l = 0; l < columns; ++l)
                for (int64_t i = 0; i < count; i += width<float>)
                    load_row(w, j + l, p + q + i, count - i).store(rows + l * chunk + i);
            pack(rows, chunk, int64_t{1}, columns, columns, count, to + q * breadth, breadth);
        }
    }
};
/// The right operand of A W.
template <class Rows>
struct StoredTerms {
    Rows w;
    void fill(int64_t p, int64_t terms, int64_t j, int64_t columns, float* to) const {
        constexpr int64_t breadth = GemmTile<float>::width;
        for (int64_t q = 0; q < terms; ++q)
            for (int64_t l = 0; l < columns; l += width<float>)
                load_row(w, p + q, j + l, columns - l).store(to + q * breadth + l);
    }
};

}

/// C = epilogue(A W^T), for weights as a linear layer holds them.
/// Shape    A (m, k) of any strides, W (n, k) -> C (m, n) at c[i * ldc + j]; C overlaps neither
/// Numeric  as gemm of the widened weights; at most few_vectors rows of A are summed in another order. The same bits
///          for any number of threads
template <class Rows, class Epilogue = Identity>
void gemm_stored(int64_t m, int64_t n, int64_t k, MatrixRef<float> a, const Rows& w, float* c, int64_t ldc,
                 const Epilogue& epilogue = {}) {
    if (m <= few_vectors) return gemm_few(m, n, k, a, w, c, ldc, epilogue);
    const detail::StoredColumns<Rows> columns{w};
    detail::gemm_of(m, n, k, a, MatrixRef<float>{nullptr, 0, 0}, c, ldc, false, epilogue,
                    detail::PanelSource<float>::of(columns));
}

/// C = A W: how a gradient goes back through the same weights.
/// Shape    A (m, k) of any strides, W (k, n) -> C (m, n) at c[i * ldc + j]
template <class Rows>
void gemm_stored_back(int64_t m, int64_t n, int64_t k, MatrixRef<float> a, const Rows& w, float* c,
                      int64_t ldc) {
    const detail::StoredTerms<Rows> terms{w};
    detail::gemm_blocks(m, n, k, a, MatrixRef<float>{nullptr, 0, 0}, c, ldc, false, {},
                        detail::PanelSource<float>::of(terms));
}

}
