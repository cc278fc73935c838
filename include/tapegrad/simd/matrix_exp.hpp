// The exponential of a matrix: its series for a 2^s-th part of the matrix, squared s times.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "gemm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// The series up to the power degree() of a matrix of norm up to bound<T> is as good as the type.
/// Source   Sastre, Ibanez, Defez and Ruiz, New scaling-squaring Taylor algorithms for computing the matrix exponential, 2015
template <class T>
inline constexpr int exp_degree = std::is_same_v<T, float> ? 8 : 16;
template <class T>
inline constexpr double exp_bound = std::is_same_v<T, float> ? 0.58 : 0.78;

}

/// exp(a) = 1 + a + a^2 / 2 + ...
/// Shape    a (n, n) row-major, is overwritten -> y (n, n)
/// Numeric  for normal matrices some n eps |exp(a)|; what is not finite in a gives NaN everywhere
template <class T>
void matrix_exp(int64_t n, T* a, T* y) {
    const int64_t size = n * n;
    double norm = 0;  // the largest sum of a row
    for (int64_t i = 0; i < n; ++i) {
        double sum = 0;
        for (int64_t j = 0; j < n; ++j) sum += std::fabs(static_cast<double>(a[i * n + j]));
        norm = sum <= norm ? norm : sum;
    }
    if (!(norm <= std::numeric_limits<double>::max())) {
        std::fill(y, y + size, std::numeric_limits<T>::quiet_NaN());
        return;
    }
    int squarings = 0;
    if (norm > detail::exp_bound<T>) std::frexp(norm / detail::exp_bound<T>, &squarings);
    for (int64_t i = 0; i < size; ++i) a[i] = std::ldexp(a[i], -squarings);

    // In powers of a^step, whose coefficients are polynomials of degree step - 1.
    constexpr int degree = detail::exp_degree<T>, step = degree == 8 ? 2 : 4;
    Scratch<T> memory(std::max<int64_t>(size, 1) * (step + 1));
    T* powers[std::size_t{step} + 1];  // from 1 on
    powers[1] = a;
    for (int k = 2; k <= step; ++k) powers[k] = memory.data() + (k - 2) * size;
    T* const other = memory.data() + (step - 1) * size;
    const auto multiply = [n](const T* left, const T* right, T* to) {
        gemm(n, n, n, MatrixRef<T>{left, n, 1}, MatrixRef<T>{right, n, 1}, to, n);
    };
    for (int k = 2; k <= step; ++k) multiply(powers[k - 1], a, powers[k]);
    double factorial[std::size_t{degree} + 1] = {1};
    for (int k = 1; k <= degree; ++k) factorial[k] = factorial[k - 1] * k;
    const auto weight = [&](int k) { return static_cast<T>(1 / factorial[k]); };
    for (int64_t i = 0; i < size; ++i) y[i] = weight(degree) * powers[step][i];
    for (int block = degree - step; block >= 0; block -= step) {
        // y = y + the terms of degree block to block + step - 1, then times a^step
        for (int64_t i = 0; i < size; ++i) {
            T sum = T(0);
            for (int k = step - 1; k > 0; --k) sum += weight(block + k) * powers[k][i];
            y[i] += sum + (i % (n + 1) == 0 ? weight(block) : T(0));
        }
        if (block == 0) break;
        multiply(y, powers[step], other);
        std::copy(other, other + size, y);
    }
    for (int k = 0; k < squarings; ++k) {
        multiply(y, y, other);
        std::copy(other, other + size, y);
    }
}

}
