// Products of vectors, matrices and batches of matrices under the names that say which they take.
#pragma once

#include "contract.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Throws   ShapeError: x has another rank
inline void check_rank(const char* op, const char* name, const Shape& x, int rank) {
    if (x.rank() == rank) return;
    static constexpr const char* kinds[] = {"number", "vector", "matrix", "batch of matrices"};
    fail<ShapeError>(op, name, ' ', x, " is no ", kinds[rank], ": it must have rank ", rank);
}
/// Throws   ShapeError: an axis of a and one of b of different sizes
inline void check_inner(const char* op, const Shape& a, int i, const Shape& b, int j) {
    if (a[i] != b[j])
        fail<ShapeError>(op, "a ", a, " and b ", b, " do not multiply: inner sizes ", a[i], " and ", b[j],
                         " differ");
}

}

/// Product of two vectors, summed.
///   y = sum_i a_i b_i
/// Shape    a (n,), b (n,) -> y ()
/// Grad     da = dy b, db = dy a;  saves a, b
/// Throws   ShapeError: ranks other than 1, or sizes that differ
/// See      vdot, inner, matmul
template <Floating T>
Tensor<T> dot(const Tensor<T>& a, const Tensor<T>& b) {
    detail::check_rank("dot", "a", a.shape(), 1);
    detail::check_rank("dot", "b", b.shape(), 1);
    detail::check_inner("dot", a.shape(), 0, b.shape(), 0);
    return matmul(a, b);
}
/// `dot`, which for real numbers it is.
template <Floating T>
Tensor<T> vdot(const Tensor<T>& a, const Tensor<T>& b) {
    return dot(a, b);
}

/// Product summed over the last axes.
///   y_ij = sum_k a_ik b_jk
/// Shape    a (..., n), b (..., n) -> y with the axes of a but the last, then those of b; a number times b
/// when a has
///          rank 0, and the other way round
/// Grad     da, db = products of dy and the other;  saves a, b
/// Throws   ShapeError: last sizes that differ, more than eight axes left
/// See      matmul, tensordot
template <Floating T>
Tensor<T> inner(const Tensor<T>& a, const Tensor<T>& b) {
    if (a.rank() == 0 || b.rank() == 0) return a * b;
    detail::check_inner("inner", a.shape(), a.rank() - 1, b.shape(), b.rank() - 1);
    const int64_t n = a.size(-1);
    Shape rows = a.shape(), columns = b.shape();
    rows.erase(a.rank() - 1);
    columns.erase(b.rank() - 1);
    const Shape shape = detail::joined(rows, columns);
    const Tensor<T> x = detail::in_shape(a, {numel_of(rows), n}),
                    z = detail::in_shape(b, {numel_of(columns), n});
    return detail::in_shape(matmul(x, transpose(z)), shape);
}

/// Every product of an element of a and one of b.
///   y_ij = a_i b_j
/// Shape    a (n,), b (m,) -> y (n, m)
/// Grad     da = dy b, db = dy^T a;  saves a, b
/// Throws   ShapeError: ranks other than 1
/// See      kron, einsum
template <Floating T>
Tensor<T> outer(const Tensor<T>& a, const Tensor<T>& b) {
    detail::check_rank("outer", "a", a.shape(), 1);
    detail::check_rank("outer", "b", b.shape(), 1);
    return matmul(unsqueeze(a, 1), unsqueeze(b, 0));
}

/// Kronecker product: every element of a times the whole of b.
///   y_{ip+k, jq+l} = a_ij b_kl  for b (p, q)
/// Shape    a (n, m), b (p, q) -> y (n p, m q); any ranks up to 4, the shorter shape with axes of 1 in front
/// Grad     da, db = sums of dy times the other;  saves a, b
/// Throws   ShapeError: more than four axes
/// See      outer
template <class T>
Tensor<T> kron(const Tensor<T>& a, const Tensor<T>& b) {
    const int rank = a.rank() > b.rank() ? a.rank() : b.rank();
    if (2 * rank > max_rank)
        detail::fail<ShapeError>("kron", "a ", a.shape(), " and b ", b.shape(), ": at most four axes each");
    Shape coarse, fine, shape;
    for (int axis = 0; axis < rank; ++axis) {
        const int i = axis + a.rank() - rank, j = axis + b.rank() - rank;
        const int64_t n = i < 0 ? 1 : a.shape()[i], m = j < 0 ? 1 : b.shape()[j];
        coarse.push_back(n);
        coarse.push_back(1);
        fine.push_back(1);
        fine.push_back(m);
        shape.push_back(n * m);
    }
    return reshape(reshape(a, coarse) * reshape(b, fine), shape);
}

/// Matrix times vector.
/// Shape    a (n, m), b (m,) -> y (n,)
/// Grad     as matmul
/// Throws   ShapeError: other ranks, or inner sizes that differ
template <Floating T>
Tensor<T> mv(const Tensor<T>& a, const Tensor<T>& b) {
    detail::check_rank("mv", "a", a.shape(), 2);
    detail::check_rank("mv", "b", b.shape(), 1);
    detail::check_inner("mv", a.shape(), 1, b.shape(), 0);
    return matmul(a, b);
}
/// Matrix times matrix; nothing broadcasts.
/// Shape    a (n, k), b (k, m) -> y (n, m)
/// Grad     as matmul
/// Throws   ShapeError: other ranks, or inner sizes that differ
template <Floating T>
Tensor<T> mm(const Tensor<T>& a, const Tensor<T>& b) {
    detail::check_rank("mm", "a", a.shape(), 2);
    detail::check_rank("mm", "b", b.shape(), 2);
    detail::check_inner("mm", a.shape(), 1, b.shape(), 0);
    return matmul(a, b);
}
/// A batch of matrices times another, one by one; nothing broadcasts.
/// Shape    a (batch, n, k), b (batch, k, m) -> y (batch, n, m)
/// Grad     as matmul
/// Throws   ShapeError: other ranks, batches or inner sizes that differ
template <Floating T>
Tensor<T> bmm(const Tensor<T>& a, const Tensor<T>& b) {
    detail::check_rank("bmm", "a", a.shape(), 3);
    detail::check_rank("bmm", "b", b.shape(), 3);
    if (a.size(0) != b.size(0))
        detail::fail<ShapeError>("bmm", "a ", a.shape(), " and b ", b.shape(),
                                 " hold different numbers of "
                                 "matrices");
    detail::check_inner("bmm", a.shape(), 2, b.shape(), 1);
    return matmul(a, b);
}

}
