// The QR factors of a tall matrix, by reflections: a panel of columns makes a block of them, which is applied
// to the rest as products of matrices.
#pragma once

#include <cmath>

#include "gemm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t qr_panel = 32;  // columns of a block

template <class T>
T dot(const T* a, const T* b, int64_t n) {
    Batch<T> sum(T(0));
    for (int64_t i = 0; i < n; i += width<T>)
        sum = n - i < width<T> ? fma(load_partial(a + i, n - i), load_partial(b + i, n - i), sum)
                               : fma(Batch<T>::load(a + i), Batch<T>::load(b + i), sum);
    return reduce_add(sum);
}
/// b += factor a
template <class T>
void add_scaled(T factor, const T* a, T* b, int64_t n) {
    int64_t i = 0;
    for (; i + width<T> <= n; i += width<T>)
        fma(Batch<T>(factor), Batch<T>::load(a + i), Batch<T>::load(b + i)).store(b + i);
    if (i < n)
        store_partial(fma(Batch<T>(factor), load_partial(a + i, n - i), load_partial(b + i, n - i)), b + i,
                      n - i);
}

/// Length of n numbers, without overflow.
template <class T>
T length(const T* x, int64_t n) {
    T largest = T(0);
    for (int64_t i = 0; i < n; ++i) largest = std::fabs(x[i]) <= largest ? largest : std::fabs(x[i]);
    if (largest == T(0) || !(largest <= std::numeric_limits<T>::max())) return largest;
    int exponent = 0;
    std::frexp(largest, &exponent);
    if (std::abs(exponent) < std::numeric_limits<T>::max_exponent / 4) return std::sqrt(dot(x, x, n));
    T sum = T(0);
    for (int64_t i = 0; i < n; ++i) sum += std::ldexp(x[i], -exponent) * std::ldexp(x[i], -exponent);
    return std::ldexp(std::sqrt(sum), exponent);
}

/// x becomes v of the reflection 1 - factor v v^T, v_0 = 1, that maps x to (beta, 0, ...). Gives beta.
template <class T>
T make_reflection(T* x, int64_t n, T& factor) {
    using Limits = std::numeric_limits<T>;
    const T first = x[0], rest = n > 1 ? length(x + 1, n - 1) : T(0), norm = std::hypot(first, rest);
    factor = T(0);
    if (rest > T(0) && norm < Limits::min() / Limits::epsilon()) {  // what is near denormal has few digits
        for (int64_t i = 0; i < n; ++i) x[i] = std::ldexp(x[i], 3 * Limits::digits);
        return std::ldexp(make_reflection(x, n, factor), -3 * Limits::digits);
    }
    x[0] = T(1);
    if (rest == T(0)) return first;
    const T beta = first >= T(0) ? -norm : norm;
    factor = (beta - first) / beta;
    for (int64_t i = 1; i < n; ++i) x[i] /= first - beta;
    return beta;
}

/// The reflections of up to `qr_panel` columns: 1 - v t v^T.
template <class T>
struct ReflectionBlock {
    T* v;  // column j of it at v + j * rows: zeros, then 1, then the rest
    T t[qr_panel * qr_panel];
    int64_t rows, count;

    /// Makes them of the first columns of x (rows, ...), which become those of r.
    void make(T* x, int64_t ld) {
        for (int64_t i = 0; i < rows; ++i)
            for (int64_t j = 0; j < count; ++j) v[j * rows + i] = x[i * ld + j];
        for (int64_t j = 0; j < count; ++j) {
            T* const column = v + j * rows;
            for (int64_t i = 0; i < j; ++i) x[i * ld + j] = column[i];
            T factor = T(0);
            x[j * ld + j] = make_reflection(column + j, rows - j, factor);
            for (int64_t i = j + 1; i < rows; ++i) x[i * ld + j] = T(0);
            for (int64_t k = j + 1; k < count; ++k)
                add_scaled(-factor * dot(column + j, v + k * rows + j, rows - j), column + j,
                           v + k * rows + j, rows - j);
            for (int64_t i = 0; i < j; ++i) column[i] = T(0);
            // t of one more: its last column is -t v^T v_j, times the factor.
            T along[qr_panel];
            for (int64_t i = 0; i < j; ++i) along[i] = -factor * dot(v + i * rows + j, column + j, rows - j);
            for (int64_t i = 0; i < count; ++i) {
                T sum = i == j ? factor : T(0);
                for (int64_t k = i; k < j; ++k) sum += t[i * qr_panel + k] * along[k];
                t[i * qr_panel + j] = sum;
            }
        }
    }

    /// x (rows, columns) -= v t v^T x, or with t transposed; `work` has room for 2 count columns.
    void apply(bool transposed, T* x, int64_t ld, int64_t columns, T* work) const {
        if (columns <= 0) return;
        T* const turned = work + count * columns;
        const MatrixRef<T> tall{v, 1, rows}, small{t, qr_panel, 1};
        gemm(count, columns, rows, tall.transposed(), MatrixRef<T>{x, ld, 1}, work, columns);
        gemm(count, columns, count, transposed ? small.transposed() : small, MatrixRef<T>{work, columns, 1},
             turned, columns);
        for (int64_t i = 0; i < count * columns; ++i) turned[i] = -turned[i];
        gemm(rows, columns, count, tall, MatrixRef<T>{turned, columns, 1}, x, ld, true);
    }
};

}

/// a = q r, the columns of q orthogonal and of length 1; where r_jj is not a_jj itself, they have opposite signs.
/// Shape    a (m, n) row-major, m >= n, is overwritten -> q (m, n), r (n, n)
/// Numeric  |a - q r| and |q^T q - 1| of the order of eps n |a|, eps n, whatever a is
/// Source   Schreiber and Van Loan, A Storage-Efficient WY Representation, 1989
template <class T>
void qr(int64_t m, int64_t n, T* a, T* q, T* r) {
    using Block = detail::ReflectionBlock<T>;
    const int64_t blocks = detail::ceil_div(n, detail::qr_panel);
    Scratch<T> vectors(m * n), work(2 * detail::qr_panel * n);
    Scratch<Block> made(blocks);
    for (int64_t b = 0; b < blocks; ++b) {
        const int64_t at = b * detail::qr_panel, rest = n - at;
        Block& block = made[b];
        block.v = vectors.data() + at * m;
        block.rows = m - at;
        block.count = rest < detail::qr_panel ? rest : detail::qr_panel;
        T* const corner = a + at * n + at;
        block.make(corner, n);
        block.apply(true, corner + block.count, n, rest - block.count, work.data());
    }
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j) r[i * n + j] = j < i ? T(0) : a[i * n + j];
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) q[i * n + j] = i == j ? T(1) : T(0);
    for (int64_t b = blocks - 1; b >= 0; --b) {
        const int64_t at = b * detail::qr_panel;
        made[b].apply(false, q + at * n + at, n, n - at, work.data());
    }
}

}
