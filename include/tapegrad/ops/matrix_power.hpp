// Powers of a matrix, and products of a chain of them.
#pragma once

#include "matmul.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A square matrix multiplied with itself.
///   y = x x ... x, n times; the identity for n = 0
/// Shape    x (..., m, m) -> y, same shape
/// Grad     that of the products: about 2 log2(n), as the forward has
/// Throws   ShapeError: x is not square; ValueError: n negative
template <Floating T>
Tensor<T> matrix_power(const Tensor<T>& x, int64_t n) {
    if (x.rank() < 2 || x.size(-1) != x.size(-2))
        detail::fail<ShapeError>("matrix_power", "x ", x.shape(), " is not square");
    if (n < 0)
        detail::fail<ValueError>("matrix_power", "n is ", n, "; take the power ", -n, " of the inverse of x");
    if (n == 0) return detail::copy(expand(eye<T>(x.size(-1)), x.shape()));
    Tensor<T> square = x, y;
    for (int64_t rest = n;;) {
        if (rest % 2 == 1) y = y.defined() ? matmul(y, square) : square;
        rest /= 2;
        if (rest == 0) return y;
        square = matmul(square, square);
    }
}

namespace detail {

/// The cheapest way to multiply a chain of matrices, by dynamic programming over its parts.
template <std::same_as<int64_t> Size>
class ChainOrder {
public:
    /// `sizes`: n + 1 sizes; matrix i is (sizes[i], sizes[i + 1]).
    explicit ChainOrder(const std::vector<Size>& sizes)
        : n_(sizes.size() - 1), cost_(n_ * n_), cut_(n_ * n_) {
        for (std::size_t length = 1; length < n_; ++length)
            for (std::size_t i = 0, j = length; j < n_; ++i, ++j) {
                double& best = cost_[i * n_ + j];
                for (std::size_t k = i; k < j; ++k) {
                    const double cost = cost_[i * n_ + k] + cost_[(k + 1) * n_ + j] +
                                        static_cast<double>(sizes[i]) * static_cast<double>(sizes[k + 1]) *
                                            static_cast<double>(sizes[j + 1]);
                    if (k > i && cost >= best) continue;
                    best = cost;
                    cut_[i * n_ + j] = k;
                }
            }
    }
    /// The product of matrices i to j ends a left part with this one.
    std::size_t cut(std::size_t i, std::size_t j) const { return cut_[i * n_ + j]; }

private:
    std::size_t n_;
    std::vector<double> cost_;
    std::vector<std::size_t> cut_;
};

template <class T>
Tensor<T> multiply_chain(std::span<const Tensor<T>> chain, const ChainOrder<int64_t>& order, std::size_t i,
                         std::size_t j) {
    if (i == j) return chain[i];
    const std::size_t k = order.cut(i, j);
    return matmul(multiply_chain(chain, order, i, k), multiply_chain(chain, order, k + 1, j));
}

}

/// Product of a chain of matrices, in the cheapest order; PyTorch's chain_matmul too.
///   y = x_0 x_1 ... x_n
/// Shape    matrices whose inner sizes agree; the first may be a vector, which is a row, and the last, which
/// is a
///          column -> y without those axes
/// Grad     as matmul
/// Throws   ShapeError: no matrices, a rank other than 2 (1 at the ends), inner sizes that differ
/// Source   Cormen et al., Introduction to Algorithms, matrix-chain multiplication
template <Floating T>
Tensor<T> multi_dot(std::span<const Tensor<T>> chain) {
    if (chain.empty()) detail::fail<ShapeError>("multi_dot", "no matrices");
    std::vector<int64_t> sizes;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const Shape& s = chain[i].shape();
        const bool end = i == 0 || i + 1 == chain.size();
        if (s.rank() != 2 && !(s.rank() == 1 && end))
            detail::fail<ShapeError>("multi_dot", "matrix ", i, ' ', s, " is not of rank 2",
                                     end ? ", nor a vector" : "");
        const bool row = s.rank() == 1 && i == 0, column = s.rank() == 1 && i > 0;
        const int64_t rows = row ? 1 : s[0], columns = column ? 1 : s.back();
        if (i == 0)
            sizes.push_back(rows);
        else if (sizes.back() != rows)
            detail::fail<ShapeError>("multi_dot", "matrix ", i - 1, ' ', chain[i - 1].shape(), " and matrix ",
                                     i, ' ', s, " do not multiply: inner sizes ", sizes.back(), " and ", rows,
                                     " differ");
        sizes.push_back(columns);
    }
    return detail::multiply_chain(chain, detail::ChainOrder(sizes), 0, chain.size() - 1);
}
template <Floating T>
Tensor<T> multi_dot(const std::vector<Tensor<T>>& chain) {
    return multi_dot(std::span<const Tensor<T>>(chain));
}
template <Floating T>
Tensor<T> multi_dot(std::initializer_list<Tensor<T>> chain) {
    return multi_dot(std::span<const Tensor<T>>(chain.begin(), chain.size()));
}

}
