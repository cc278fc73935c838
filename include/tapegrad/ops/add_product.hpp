// A tensor plus a product, each with a weight.
#pragma once

#include "products.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Weights of a sum of a tensor and a product.
struct AddProductOptions {
    double beta = 1;   // of the tensor; 0 leaves it out, with its NaN and Inf
    double alpha = 1;  // of the product
};

namespace detail {
template <class T>
Tensor<T> add_product(const char* op, const Tensor<T>& x, const Tensor<T>& product, AddProductOptions o) {
    if (broadcast_shapes(op, x.shape(), product.shape()) != product.shape())
        fail<ShapeError>(op, "x ", x.shape(), " does not broadcast to the product ", product.shape());
    const Tensor<T> y = o.alpha == 1 ? product : product * o.alpha;
    if (o.beta == 0) return y;
    return (o.beta == 1 ? x : x * o.beta) + y;
}
}

/// y = beta x + alpha a b for a matrix product.
/// Shape    x broadcastable to (n, m), a (n, k), b (k, m) -> y (n, m)
/// Grad     dx = beta dy, da = alpha dy b^T, db = alpha a^T dy;  saves a, b
/// Throws   ShapeError: other ranks, inner sizes that differ, or x does not broadcast
/// See      linear, baddbmm
template <Floating T>
Tensor<T> addmm(const Tensor<T>& x, const Tensor<T>& a, const Tensor<T>& b, AddProductOptions options = {}) {
    return detail::add_product("addmm", x, mm(a, b), options);
}
/// y = beta x + alpha a b for a matrix and a vector.
/// Shape    x broadcastable to (n,), a (n, m), b (m,) -> y (n,)
/// Grad     as addmm
/// Throws   ShapeError: other ranks, inner sizes that differ, or x does not broadcast
template <Floating T>
Tensor<T> addmv(const Tensor<T>& x, const Tensor<T>& a, const Tensor<T>& b, AddProductOptions options = {}) {
    return detail::add_product("addmv", x, mv(a, b), options);
}
/// y = beta x + alpha a b^T for two vectors.
/// Shape    x broadcastable to (n, m), a (n,), b (m,) -> y (n, m)
/// Grad     as addmm
/// Throws   ShapeError: other ranks, or x does not broadcast
template <Floating T>
Tensor<T> addr(const Tensor<T>& x, const Tensor<T>& a, const Tensor<T>& b, AddProductOptions options = {}) {
    return detail::add_product("addr", x, outer(a, b), options);
}
/// y = beta x + alpha a b for batches of matrices.
/// Shape    x broadcastable to (batch, n, m), a (batch, n, k), b (batch, k, m) -> y (batch, n, m)
/// Grad     as addmm
/// Throws   ShapeError: other ranks, batches or inner sizes that differ, or x does not broadcast
template <Floating T>
Tensor<T> baddbmm(const Tensor<T>& x, const Tensor<T>& a, const Tensor<T>& b,
                  AddProductOptions options = {}) {
    return detail::add_product("baddbmm", x, bmm(a, b), options);
}
/// y = beta x + alpha sum over the batch of a b.
/// Shape    x broadcastable to (n, m), a (batch, n, k), b (batch, k, m) -> y (n, m)
/// Grad     as addmm
/// Throws   ShapeError: other ranks, batches or inner sizes that differ, or x does not broadcast
template <Floating T>
Tensor<T> addbmm(const Tensor<T>& x, const Tensor<T>& a, const Tensor<T>& b, AddProductOptions options = {}) {
    return detail::add_product("addbmm", x, sum(bmm(a, b), 0), options);
}

}
