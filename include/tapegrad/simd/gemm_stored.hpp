// Products of floats with weights that are stored in fewer bits: widened while panels are packed, or in registers
// where a single vector meets them.
#pragma once

#include "gemm.hpp"
#include "stored_rows.hpp"

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

/// y_i = row i of W . x for neighbouring rows, which share the reads of x; `R` counts them.
template <class Rows, int... R>
TAPEGRAD_INLINE void stored_dots(int64_t k, const Rows& w, int64_t row, const float* x, float* y,
                                 std::integer_sequence<int, R...>) {
    using V = Batch<float>;
    constexpr int64_t step = width<float>;
    V even[] = {V((void(R), 0.0F))...}, odd[] = {V((void(R), 0.0F))...};
    int64_t p = 0;
    for (; p + 2 * step <= k; p += 2 * step) {
        const V a = V::load(x + p), b = V::load(x + p + step);
        ((even[R] = fma(w.widen(w.at(row + R, p), row + R, p), a, even[R]),
          odd[R] = fma(w.widen(w.at(row + R, p + step), row + R, p + step), b, odd[R])),
         ...);
    }
    for (; p < k; p += step) {
        const V a = load_partial(x + p, k - p < step ? k - p : step);
        ((even[R] = fma(load_row(w, row + R, p, k - p), a, even[R])), ...);
    }
    ((y[R] = fold_sum(even[R] + odd[R])), ...);
}
template <class Rows>
void stored_gemv(int64_t n, int64_t k, const Rows& w, const float* x, float* y) {
    parallel_for(n, (gemv_grain + k - 1) / k, [&](int64_t begin, int64_t end) {
        int64_t i = begin;
        for (; i + 4 <= end; i += 4) stored_dots(k, w, i, x, y + i, std::make_integer_sequence<int, 4>{});
        for (; i < end; ++i) stored_dots(k, w, i, x, y + i, std::make_integer_sequence<int, 1>{});
    });
}

}

/// C = epilogue(A W^T), for weights as a linear layer holds them.
/// Shape    A (m, k) of any strides, W (n, k) -> C (m, n) at c[i * ldc + j]; C overlaps neither
/// Numeric  as gemm of the widened weights; one row of A is summed in another order. The same bits for any number
///          of threads
template <class Rows, class Epilogue = Identity>
void gemm_stored(int64_t m, int64_t n, int64_t k, MatrixRef<float> a, const Rows& w, float* c, int64_t ldc,
                 const Epilogue& epilogue = {}) {
    if (m == 1 && k > 0) {
        Scratch<float> x(a.col_stride == 1 ? 0 : k);
        for (int64_t p = 0; p < x.size(); ++p) x[p] = a.data[p * a.col_stride];
        detail::stored_gemv(n, k, w, a.col_stride == 1 ? a.data : x.data(), c);
        if constexpr (!std::is_same_v<Epilogue, Identity>)
            detail::apply_epilogue(c, ldc, 0, 1, 0, n, epilogue);
        return;
    }
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
