// Matrix products of vectors, matrices and broadcast batches of matrices, and the affine map of a linear
// layer.
#pragma once

#include "../simd/gemm_batched.hpp"
#include "../simd/gemm_few.hpp"
#include "movement.hpp"
#include "primitive.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class T>
simd::MatrixRef<T> matrix_of(const Tensor<T>& x) {
    return {x.data(), x.strides()[x.rank() - 2], x.strides()[x.rank() - 1]};
}

inline Shape leading(const Shape& shape) {
    return Shape(std::span<const int64_t>(shape.begin(), static_cast<std::size_t>(shape.rank() - 2)));
}

/// x (..., m, k) with its leading axes folded into the rows: (M, k), as a view where the strides allow one.
template <class T>
Tensor<T> folded(const Tensor<T>& x) {
    const Shape flat{numel_of(leading(x.shape())) * x.size(-2), x.size(-1)};
    Strides strides;
    if (reshape_strides(x.shape(), x.strides(), flat, strides)) return view_of(x, flat, strides);
    return view_of(copy(x), flat, row_major(flat));
}

/// Where matrix q of a batch lies: strides of an operand along the axes of the common batch.
struct BatchWalk {
    Shape shape;
    Strides a, b;
    int64_t c;
    simd::GemmOffsets operator()(int64_t q) const {
        simd::GemmOffsets at{0, 0, q * c};
        for (int axis = shape.rank() - 1; axis >= 0; --axis) {
            at.a += q % shape[axis] * a[axis];
            at.b += q % shape[axis] * b[axis];
            q /= shape[axis];
        }
        return at;
    }
};

/// a (..., m, k) times b (..., k, n), without a tape.
template <class T>
Tensor<T> product(const Tensor<T>& a, const Tensor<T>& b) {
    const int64_t m = a.size(-2), k = a.size(-1), n = b.size(-1);
    if (k == 1)  // nothing is summed: one pass at the speed of memory
        return evaluate(
            "matmul", [](const auto& u, const auto& v) TAPEGRAD_LAMBDA { return u * v; }, a, b);
    const Shape la = leading(a.shape()), lb = leading(b.shape());
    const Shape batch = broadcast_shapes("matmul", la, lb);
    Shape shape = batch;
    shape.push_back(m);
    shape.push_back(n);
    Tensor<T> y = empty<T>(shape);
    if (y.numel() == 0) return y;
    if (lb.empty()) {  // one matrix for all rows: one product
        const Tensor<T> rows = folded(a);
        simd::gemm(rows.size(0), n, k, matrix_of(rows), matrix_of(b), output(y), n);
        return y;
    }
    const auto walk = [&](const Tensor<T>& x, const Shape& own) {
        const Strides strides(std::span<const int64_t>(x.strides().begin(), own.size()));
        return expand_strides("matmul", own, strides, batch);
    };
    simd::gemm_batched(numel_of(batch), m, n, k, matrix_of(a), matrix_of(b), output(y), n,
                       BatchWalk{batch, walk(a, la), walk(b, lb), m * n});
    return y;
}

/// sum over all rows of a^T dy: the gradient of a matrix that every row was multiplied with. (..., k), (...,
/// n) -> (k, n)
template <class T>
Tensor<T> product_of_rows(const Tensor<T>& a, const Tensor<T>& dy) {
    const Tensor<T> left = folded(a), right = folded(dy);
    return product(view_of(left, {left.size(1), left.size(0)}, {left.strides()[1], left.strides()[0]}),
                   right);
}

/// A vector as one row.
template <class T>
Tensor<T> as_rows(const Tensor<T>& x) {
    return x.rank() == 1 ? view_of(x, {1, x.size(0)}, {0, x.strides()[0]}) : x;
}

template <class T>
void check_matmul(const Tensor<T>& a, const Tensor<T>& b) {
    if (a.rank() == 0 || b.rank() == 0)
        fail<ShapeError>("matmul", "a ", a.shape(), " and b ", b.shape(),
                         ": a tensor of rank 0 is no matrix; use *");
    const int64_t inner = b.size(b.rank() == 1 ? 0 : -2);
    if (a.size(-1) != inner)
        fail<ShapeError>("matmul", "a ", a.shape(), " and b ", b.shape(), " do not multiply: inner sizes ",
                         a.size(-1), " and ", inner, " differ");
}

/// An epilogue of gemm that adds a bias (n,).
template <class T>
struct AddBias {
    const T* bias;
    int64_t n;
    TAPEGRAD_INLINE simd::Batch<T> operator()(const simd::Batch<T>& v, int64_t, int64_t col) const {
        return v + (col + simd::width<T> <= n ? simd::Batch<T>::load(bias + col)
                                              : simd::load_partial(bias + col, n - col));
    }
};

/// The rows of x times the transpose of a matrix of the shape (out, in), plus the bias where it is defined:
/// product(m, rows, y, epilogue) writes m rows of y.
template <class T, class Product>
Tensor<T> affine(const Tensor<T>& x, const Shape& weight, const Tensor<T>& bias, const Product& product) {
    if (weight.rank() != 2 || x.rank() < 1 || x.size(-1) != weight[1])
        fail<ShapeError>("linear", "x ", x.shape(), " and weight ", weight,
                         " do not fit: the last size of x must be the second of weight (out, in)");
    if (bias.defined() && bias.shape() != Shape{weight[0]})
        fail<ShapeError>("linear", "bias ", bias.shape(), " for weight ", weight, "; it must be (", weight[0],
                         ",)");
    Shape shape = x.shape();
    shape[shape.rank() - 1] = weight[0];
    Tensor<T> y = empty<T>(shape);
    if (y.numel() == 0) return y;
    const Tensor<T> rows = folded(as_rows(x));
    if (bias.defined()) {
        const Tensor<T> packed = contiguous(bias);
        product(rows.size(0), matrix_of(rows), output(y), AddBias<T>{packed.data(), weight[0]});
    } else {
        product(rows.size(0), matrix_of(rows), output(y), simd::Identity());
    }
    return y;
}

}

/// Matrix product.
///   y_ij = sum_p a_ip b_pj
/// Shape    a (..., m, k), b (..., k, n) with leading axes that broadcast -> y (..., m, n); a vector counts
/// as a row
///          on the left and a column on the right, and that axis is dropped from y
/// Grad     da = dy b^T, db = a^T dy;  saves a, b
/// Numeric  |error| <= (k + 1) eps |a| |b|
/// Throws   ShapeError: inner sizes differ, leading axes do not broadcast, rank 0
template <Floating T>
Tensor<T> matmul(const Tensor<T>& a, const Tensor<T>& b) {
    detail::check_matmul(a, b);
    if (a.rank() == 1) return squeeze(matmul(unsqueeze(a, 0), b), b.rank() == 1 ? 0 : -2);
    if (b.rank() == 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1);
    return record("matmul", detail::product(a, b), {a, b}, [a, b](const Tensor<T>& dy, Needs needs) {
        std::array<Tensor<T>, 2> d;
        if (needs[0]) d[0] = matmul(dy, transpose(b, -2, -1));
        if (!needs[1]) return d;
        if (b.rank() == 2 && !grad_enabled())
            d[1] = detail::product_of_rows(a, dy);
        else
            d[1] = matmul(transpose(a, -2, -1), dy);
        return d;
    });
}

/// The affine map of a linear layer.
///   y = x weight^T + bias
/// Shape    x (..., in), weight (out, in), bias (out,) or undefined -> y (..., out)
/// Grad     dx = dy weight, dweight = dy^T x, dbias = sum of dy over rows;  saves x, weight
/// Numeric  that of matmul; 2 to 8 rows of floats are summed in another order
/// Throws   ShapeError: sizes differ
template <Floating T>
Tensor<T> linear(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& bias = {}) {
    const auto product = [&weight](int64_t m, const simd::MatrixRef<T>& rows, T* y, const auto& epilogue) {
        if constexpr (std::is_same_v<T, float>)
            if (m > 1 && m <= simd::few_vectors) {  // whatever the layout: so are the bits
                const Tensor<T> w = weight.strides()[1] == 1 ? weight : detail::contiguous(weight);
                return simd::gemm_few(m, w.size(0), w.size(1), rows,
                                      simd::FloatRows{w.data(), w.strides()[0]}, y, w.size(0), epilogue);
            }
        simd::gemm(m, weight.size(0), weight.size(1), rows, detail::matrix_of(weight).transposed(), y,
                   weight.size(0), false, epilogue);
    };
    const Tensor<T> y = detail::affine(x, weight.shape(), bias, product);
    return record(
        "linear", y, {x, weight, bias},
        [x, weight](const Tensor<T>& dy, Needs needs) {
            std::array<Tensor<T>, 3> d;
            if (needs[0])
                d[0] = detail::view_of(detail::product(detail::as_rows(dy), weight), x.shape(),
                                       row_major(x.shape()));
            if (needs[1]) d[1] = detail::product_of_rows(detail::as_rows(dy), detail::as_rows(x));
            if (needs[2]) d[2] = sum_to(dy, {weight.size(0)});
            return d;
        },
        [](const Tensor<T>& u, const Tensor<T>& w, const Tensor<T>& b) {
            const Tensor<T> z = matmul(u, transpose(w, 0, 1));
            return b.defined() ? z + b : z;
        });
}

}
