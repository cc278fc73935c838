// Eigenvalues and eigenvectors of a symmetric matrix: reflections make it tridiagonal, rotations diagonal.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "qr.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// The symmetric v (n, n) becomes the transpose of an orthogonal q, and d, e the diagonal of q^T v q and what
/// lies below it: e[i] beside d[i] and d[i + 1].
template <class T>
void tridiagonalize(int64_t n, T* v, T* d, T* e, T* work) {
    T* const factors = work + n;
    // Column k below the diagonal is mapped to (e[k], 0, ...); the vector of that stays in row k.
    for (int64_t k = 0; k + 1 < n; ++k) {
        const int64_t size = n - k - 1;
        T *const row = v + k * n + k + 1, *const corner = v + (k + 1) * n + k + 1;
        d[k] = v[k * n + k];
        T factor = T(0);
        e[k] = make_reflection(row, size, factor);
        factors[k] = factor;
        if (factor == T(0)) continue;
        // v - u w^T - w u^T with w = factor (v u - factor (u, v u) u / 2)
        for (int64_t i = 0; i < size; ++i) work[i] = factor * dot(corner + i * n, row, size);
        add_scaled(-factor / 2 * dot(work, row, size), row, work, size);
        for (int64_t i = 0; i < size; ++i) {
            add_scaled(-row[i], work, corner + i * n, size);
            add_scaled(-work[i], row, corner + i * n, size);
        }
    }
    if (n > 0) d[n - 1] = v[n * n - 1];
    // The product of the reflections, the last first, into the corner that it leaves other than 1.
    if (n > 0) v[n * n - 1] = T(1);
    for (int64_t k = n - 2; k >= 0; --k) {
        const int64_t size = n - k - 1;
        T *const row = v + k * n + k + 1, *const corner = v + (k + 1) * n + k + 1;
        // Its rows are those of the transpose: corner -= factor (corner u) u^T.
        for (int64_t i = 0; i < size; ++i)
            add_scaled(-factors[k] * dot(corner + i * n, row, size), row, corner + i * n, size);
        for (int64_t i = 0; i < size; ++i) row[i] = corner[i * n - 1] = T(0);
        v[k * n + k] = T(1);
    }
}

/// Rows a and b become c a + s b and c b - s a.
template <class T>
void rotate_rows(T* a, T* b, int64_t n, T c, T s) {
    for (int64_t i = 0; i < n; i += width<T>) {
        const bool whole = n - i >= width<T>;
        const Batch<T> x = whole ? Batch<T>::load(a + i) : load_partial(a + i, n - i);
        const Batch<T> y = whole ? Batch<T>::load(b + i) : load_partial(b + i, n - i);
        const Batch<T> turned = Batch<T>(c) * x + Batch<T>(s) * y, other = Batch<T>(c) * y - Batch<T>(s) * x;
        if (whole) {
            turned.store(a + i);
            other.store(b + i);
        } else {
            store_partial(turned, a + i, n - i);
            store_partial(other, b + i, n - i);
        }
    }
}

/// Of the tridiagonal matrix (d, e) the eigenvalues into d; its rotations turn the rows of v.
template <class T>
bool diagonalize(int64_t n, T* d, T* e, T* v) {
    T largest = T(0);
    for (int64_t i = 0; i < n; ++i)
        largest = std::fmax(largest, std::fmax(std::fabs(d[i]), i + 1 < n ? std::fabs(e[i]) : T(0)));
    // The reflections left errors of this size anyway.
    const T nothing = largest * std::numeric_limits<T>::epsilon() / 8;
    for (int64_t l = 0; l < n; ++l)
        for (int tries = 0;; ++tries) {
            int64_t m = l;  // the block from l to m hangs together
            while (m + 1 < n && std::fabs(e[m]) > nothing) ++m;
            if (m == l) break;
            if (tries == 100) return false;
            // One step of QL with the eigenvalue of the upper corner that is nearer to d[l] as the shift.
            const T half = (d[l + 1] - d[l]) / (2 * e[l]);
            T g = d[m] - d[l] + e[l] / (half + std::copysign(std::hypot(half, T(1)), half));
            T s = T(1), c = T(1), p = T(0);
            int64_t i = m - 1;
            for (; i >= l; --i) {
                const T f = s * e[i], b = c * e[i], r = std::hypot(f, g);
                if (i + 1 < m) e[i + 1] = r;
                if (r == T(0)) {  // it falls apart here
                    d[i + 1] -= p;
                    break;
                }
                s = f / r;
                c = g / r;
                g = d[i + 1] - p;
                const T other = (d[i] - g) * s + 2 * c * b;
                p = s * other;
                d[i + 1] = g + p;
                g = c * other - b;
                rotate_rows(v + (i + 1) * n, v + i * n, n, c, s);
            }
            if (i >= l) continue;
            d[l] -= p;
            e[l] = g;
        }
    return true;
}

/// Of each row, the element of largest modulus (the first of several) becomes positive: a choice of sign that
/// small changes of the matrix leave.
template <class T>
T sign_of_largest(const T* row, int64_t n) {
    int64_t best = 0;
    for (int64_t i = 1; i < n; ++i)
        if (std::fabs(row[i]) > std::fabs(row[best]) * (1 + 8 * std::numeric_limits<T>::epsilon())) best = i;
    return n > 0 && row[best] < T(0) ? T(-1) : T(1);
}

}

/// Eigenvalues in rising order, and eigenvectors of length 1.
///   a = v diag(w) v^T
/// Shape    a (n, n) row-major: its lower triangle is read, all of it is overwritten -> w (n,), v (n, n), columns
/// Numeric  |a - v diag(w) v^T| and |v^T v - 1| of the order of eps n |a|, eps n. The component of largest modulus
///          of an eigenvector is positive
/// Returns  false: no convergence, as for what is not finite
template <class T>
bool eigh(int64_t n, T* a, T* w, T* v) {
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = i + 1; j < n; ++j) a[i * n + j] = a[j * n + i];
    Scratch<T> work(4 * n);
    Scratch<int64_t> order(n);
    T *const d = work.data() + 2 * n, *const e = d + n;
    detail::tridiagonalize(n, a, d, e, work.data());
    if (!detail::diagonalize(n, d, e, a)) return false;
    for (int64_t i = 0; i < n; ++i) order[i] = i;
    std::sort(order.data(), order.data() + n,
              [d](int64_t i, int64_t j) { return d[i] < d[j] || (d[i] == d[j] && i < j); });
    for (int64_t j = 0; j < n; ++j) {
        const T* const row = a + order[j] * n;
        const T sign = detail::sign_of_largest(row, n);
        w[j] = d[order[j]];
        for (int64_t i = 0; i < n; ++i) v[i * n + j] = sign * row[i];
    }
    return true;
}

}
