// Determinants, and their logarithms.
#pragma once

#include "prod.hpp"
#include "scan.hpp"
#include "solve.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class T>
struct SlogDet {
    Tensor<T> sign, logabsdet;
};

namespace detail {

/// The sign of the exchanges of rows.
inline bool odd_exchanges(const int64_t* pivots, int64_t n) {
    bool odd = false;
    for (int64_t j = 0; j < n; ++j) odd ^= pivots[j] != j + 1;
    return odd;
}

/// f(matrix, the diagonal of u as a pointer and its step, whether an odd number of rows was exchanged)
template <class T, class F>
void for_each_diagonal(const LuFactors<T>& factors, const F& f) {
    const int64_t n = factors.lu.size(-1);
    for (int64_t q = 0; q < numel_of(leading(factors.lu.shape())); ++q)
        f(q, factors.lu.data() + q * n * n, n + 1, odd_exchanges(factors.pivots.data() + q * n, n));
}

/// The determinant without a division: a polynomial at singular matrices too.
/// Source   Bird, A simple division-free algorithm for computing determinants, 2011
template <class T>
Tensor<T> det_of_products(const Tensor<T>& a) {
    const int64_t n = a.size(-1);
    Tensor<T> x = a;
    for (int64_t k = 1; k < n; ++k) {
        // Above the diagonal x, on it the negative sum of what follows there, below it zeros.
        const Tensor<T> d = diagonal(x, 0, -2, -1), rest = cumsum(d, -1) - sum(d, {-1}, true);
        x = matmul(triu(x, 1) + diag_embed(rest), a);
    }
    const Tensor<T> y = select(select(x, -1, 0), -1, 0);
    return n % 2 == 1 ? y : -y;
}
/// The determinant in operations.
template <class T>
Tensor<T> det_composed(const Tensor<T>& a) {
    if (a.size(-1) == 0) return ones<T>(leading(a.shape()));
    const LuFactors<T> factors = lu_factor(a);
    Tensor<T> signs = empty<T>(leading(a.shape()));
    bool singular = false;
    for_each_diagonal(factors, [&](int64_t q, const T* u, int64_t step, bool odd) {
        output(signs)[q] = odd ? T(-1) : T(1);
        for (int64_t j = 0; j < factors.lu.size(-1); ++j) singular |= u[j * step] == T(0);
    });
    return singular ? det_of_products(a) : prod(diagonal(factors.lu, 0, -2, -1), -1) * signs;
}

/// dy times the matrix of cofactors. Where a pivot is 0 it counts as eps, which changes them by as much.
template <class T>
Tensor<T> det_gradient(LuFactors<T> factors, const Tensor<T>& dy) {
    const int64_t n = factors.lu.size(-1);
    factors.lu = copy(factors.lu);
    Tensor<T> dets = empty<T>(dy.shape());
    T* const lu = output(factors.lu);
    for_each_diagonal(factors, [&](int64_t q, const T*, int64_t step, bool odd) {
        T* const u = lu + q * n * n;
        T largest = T(0), det = odd ? T(-1) : T(1);
        for (int64_t j = 0; j < n; ++j) largest = std::fmax(largest, std::fabs(u[j * step]));
        const T instead = (largest > T(0) ? largest : T(1)) * std::numeric_limits<T>::epsilon();
        for (int64_t j = 0; j < n; ++j) {
            if (u[j * step] == T(0)) u[j * step] = instead;
            det *= u[j * step];
        }
        output(dets)[q] = det;
    });
    const Tensor<T> weight = evaluate(
        "det", [](const auto& a, const auto& b) TAPEGRAD_LAMBDA { return a * b; }, dets, dy);
    const Tensor<T> weights =
        view_of(weight, with_matrix(dy.shape(), 1, 1), row_major(with_matrix(dy.shape(), 1, 1)));
    const Tensor<T> scaled = evaluate(
        "det", [](const auto& a, const auto& b) TAPEGRAD_LAMBDA { return a * b; }, weights, eye<T>(n));
    return solve_values(factors, scaled, true);
}

}

/// The determinant.
/// Shape    a (..., n, n) -> y (...); 1 for n = 0
/// Grad     dy times the cofactors of a, at singular matrices too;  saves the factors of a
/// Numeric  the product of the pivots of elimination, which over- and underflows where slogdet does not
/// Throws   ShapeError: a is not square
/// See      slogdet
template <Floating T>
Tensor<T> det(const Tensor<T>& a) {
    const int64_t n = detail::check_square("det", "a", a.shape());
    const LuFactors<T> factors = detail::lu_values(a);
    Tensor<T> y = empty<T>(detail::leading(a.shape()));
    detail::for_each_diagonal(factors, [&](int64_t q, const T* u, int64_t step, bool odd) {
        T product = odd ? T(-1) : T(1);
        for (int64_t j = 0; j < n; ++j) product *= u[j * step];
        detail::output(y)[q] = product;
    });
    return record(
        "det", y, {a},
        [lu = factors.lu, pivots = factors.pivots](const Tensor<T>& dy) {
            return detail::det_gradient(LuFactors<T>{lu, pivots}, dy);
        },
        [](const Tensor<T>& x) { return detail::det_composed(x); });
}

/// The determinant as its sign and the logarithm of its absolute value.
/// Shape    a (..., n, n) -> sign (...), -1, 0 or 1, and logabsdet (...), in nats; -inf where a is singular
/// Grad     of logabsdet: dy a^-T;  saves a and its factors. The sign has none
/// Throws   ShapeError: a is not square; in backward ValueError: a is singular
template <Floating T>
SlogDet<T> slogdet(const Tensor<T>& a) {
    const int64_t n = detail::check_square("slogdet", "a", a.shape());
    const LuFactors<T> factors = detail::lu_values(a);
    const Shape shape = detail::leading(a.shape());
    SlogDet<T> y{empty<T>(shape), empty<T>(shape)};
    detail::for_each_diagonal(factors, [&](int64_t q, const T* u, int64_t step, bool odd) {
        T sign = odd ? T(-1) : T(1), total = T(0);
        for (int64_t j = 0; j < n; ++j) {
            const T pivot = u[j * step];
            sign *= pivot < T(0) ? T(-1) : pivot > T(0) ? T(1) : pivot;  // 0 and NaN stay
            total += std::log(std::fabs(pivot));
        }
        detail::output(y.sign)[q] = sign;
        detail::output(y.logabsdet)[q] = total;
    });
    y.sign = record_constant("slogdet sign", y.sign, {a});
    y.logabsdet = record(
        "slogdet", y.logabsdet, {a}, [a, lu = factors.lu, pivots = factors.pivots](const Tensor<T>& dy) {
            detail::check_regular("slogdet", lu);
            return detail::solve_matrices(a, LuFactors<T>{lu, pivots},
                                          unsqueeze(unsqueeze(dy, -1), -1) * eye<T>(a.size(-1)), true);
        });
    return y;
}

}
