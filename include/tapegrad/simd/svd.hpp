// Singular values and vectors of a tall matrix: rotations make its columns orthogonal, pair by pair.
#pragma once

#include "eigh.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// Rotates the rows of x (n, m) until they are orthogonal, and those of v (n, n) with them.
template <class T>
bool orthogonalize_rows(int64_t n, int64_t m, T* x, T* v) {
    const T eps = std::numeric_limits<T>::epsilon() * std::sqrt(static_cast<T>(m));
    for (int sweep = 0; sweep < 60; ++sweep) {
        bool turned = false;
        for (int64_t i = 0; i + 1 < n; ++i)
            for (int64_t j = i + 1; j < n; ++j) {
                T *const a = x + i * m, *const b = x + j * m;
                const T aa = dot(a, a, m), bb = dot(b, b, m), ab = dot(a, b, m);
                // What is that small has no direction any more.
                if (aa < std::numeric_limits<T>::min() || bb < std::numeric_limits<T>::min()) continue;
                if (std::fabs(ab) <= eps * std::sqrt(aa) * std::sqrt(bb)) continue;
                turned = true;
                // The smaller angle that makes (a, b) zero.
                const T half = (bb - aa) / (2 * ab);
                const T t = std::copysign(T(1), half) / (std::fabs(half) + std::hypot(half, T(1)));
                const T c = 1 / std::sqrt(1 + t * t), s = -c * t;
                rotate_rows(a, b, m, c, s);
                rotate_rows(v + i * n, v + j * n, n, c, s);
            }
        if (!turned) return true;
    }
    return false;
}

/// A unit vector orthogonal to the first `made` rows of u (.., m), in the next one.
template <class T>
void complete_row(int64_t made, int64_t m, T* u) {
    T* const row = u + made * m;
    T best = T(0);
    // Of the unit vectors, one that keeps at least 1 / sqrt(m) of its length.
    for (int64_t start = 0; start < m && best * best * static_cast<T>(m) < T(0.5); ++start) {
        for (int64_t i = 0; i < m; ++i) row[i] = i == start ? T(1) : T(0);
        for (int twice = 0; twice < 2; ++twice) {
            for (int64_t k = 0; k < made; ++k) add_scaled(-dot(u + k * m, row, m), u + k * m, row, m);
            const T norm = length(row, m);
            if (twice == 0) best = norm;
            if (norm == T(0)) break;
            for (int64_t i = 0; i < m; ++i) row[i] /= norm;
        }
    }
}

}

/// Singular values in falling order, with their vectors.
///   a = u diag(s) v^T, u and v with orthogonal columns of length 1
/// Shape    a (m, n) row-major, m >= n -> u (m, n), s (n,), v (n, n), columns
/// Numeric  s to the order of eps n |a|; small singular values of a matrix of well-scaled columns keep their
///          digits. The component of largest modulus of a column of v is positive
/// Returns  false: no convergence, as for what is not finite
/// Source   Hestenes, Inversion of Matrices by Biorthogonalization, 1958
template <class T>
bool svd(int64_t m, int64_t n, const T* a, T* u, T* s, T* v) {
    Scratch<T> work(2 * n * m + n * n + n);
    Scratch<int64_t> order(n);
    T *const x = work.data(), *const rows = x + n * m, *const turned = rows + n * m,
             *const norms = turned + n * n;
    // Scaled by a power of two, so that squares neither overflow nor vanish.
    T largest = T(0);
    for (int64_t i = 0; i < m * n; ++i) largest = std::fabs(a[i]) <= largest ? largest : std::fabs(a[i]);
    if (!(largest <= std::numeric_limits<T>::max())) return false;
    int exponent = 0;
    std::frexp(largest, &exponent);
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) x[j * m + i] = std::ldexp(a[i * n + j], -exponent);
    for (int64_t i = 0; i < n * n; ++i) turned[i] = i % (n + 1) == 0 ? T(1) : T(0);
    if (!detail::orthogonalize_rows(n, m, x, turned)) return false;
    for (int64_t j = 0; j < n; ++j) {
        norms[j] = detail::length(x + j * m, m);
        order[j] = j;
    }
    std::sort(order.data(), order.data() + n, [norms](int64_t i, int64_t j) {
        return norms[i] > norms[j] || (norms[i] == norms[j] && i < j);
    });
    for (int64_t j = 0; j < n; ++j) {
        const int64_t from = order[j];
        const T norm = norms[from], sign = detail::sign_of_largest(turned + from * n, n);
        T* const row = rows + j * m;
        s[j] = std::ldexp(norm, exponent);
        if (norm * norm >= std::numeric_limits<T>::min())
            for (int64_t i = 0; i < m; ++i) row[i] = sign * x[from * m + i] / norm;
        else
            detail::complete_row(j, m, rows);
        for (int64_t i = 0; i < m; ++i) u[i * n + j] = row[i];
        for (int64_t i = 0; i < n; ++i) v[i * n + j] = sign * turned[from * n + i];
    }
    return true;
}

}
