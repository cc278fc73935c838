// Batches of matrices (..., m, n): what the operations of linear algebra check, and how they name one of them.
#pragma once

#include <cmath>

#include "diagonal.hpp"
#include "indexing.hpp"
#include "matmul.hpp"
#include "slicing.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

inline void check_matrices(const char* op, const char* name, const Shape& shape) {
    if (shape.rank() < 2) fail<ShapeError>(op, name, ' ', shape, " is no matrix");
}
/// The size of square matrices.
inline int64_t check_square(const char* op, const char* name, const Shape& shape) {
    check_matrices(op, name, shape);
    const int64_t n = shape.back();
    if (shape[shape.rank() - 2] != n) fail<ShapeError>(op, name, ' ', shape, " is not square");
    return n;
}

inline Shape with_matrix(Shape batch, int64_t rows, int64_t columns) {
    batch.push_back(rows);
    batch.push_back(columns);
    return batch;
}

/// Matrix q of a batch in a message: `a (3, 3)`, or `a[1, 0] of shape (2, 2, 3, 3)`.
[[gnu::cold, gnu::noinline]] inline std::string matrix_name(const char* name, const Shape& shape, int64_t q) {
    if (shape.rank() == 2) return text(name, ' ', shape);
    std::string place;
    for (int axis = shape.rank() - 3; axis >= 0; --axis) {
        place = text(q % shape[axis], place.empty() ? "" : ", ", place);
        q /= shape[axis];
    }
    return text(name, '[', place, "] of shape ", shape);
}

/// Strides of the matrices of x along the axes of a batch that x broadcasts to.
template <class T>
Strides batch_strides(const char* op, const Tensor<T>& x, const Shape& batch) {
    const Shape own = leading(x.shape());
    return expand_strides(op, own, Strides(std::span<const int64_t>(x.strides().begin(), own.size())), batch);
}
/// Where matrix q of a batch lies.
inline int64_t batch_offset(const Shape& batch, const Strides& strides, int64_t q) {
    int64_t at = 0;
    for (int axis = batch.rank() - 1; axis >= 0; --axis) {
        at += q % batch[axis] * strides[axis];
        q /= batch[axis];
    }
    return at;
}

/// x as one of a batch that it broadcasts to, without a tape.
template <class T>
Tensor<T> batch_view(const char* op, const Tensor<T>& x, const Shape& batch) {
    const Shape shape = with_matrix(batch, x.size(-2), x.size(-1));
    return view_of(x, shape, expand_strides(op, x.shape(), x.strides(), shape));
}

/// f(q) for each of `count` matrices, `work` multiplications each, over the threads.
template <class F>
void for_each_matrix(int64_t count, int64_t work, const F& f) {
    if (count == 1)
        f(0);
    else
        simd::detail::for_each_product(count, work, f);
}

/// The first place that is not 0, or -1.
inline int64_t first_failure(const Scratch<int64_t>& failures) {
    for (int64_t q = 0; q < failures.size(); ++q)
        if (failures[q] != 0) return q;
    return -1;
}

/// Throws   ValueError: an element is not finite, as `op` needs them
template <class T>
void check_finite(const char* op, const Tensor<T>& packed) {
    const int64_t size = packed.size(-2) * packed.size(-1);
    const T* const x = packed.data();
    T sum = T(0);  // NaN when one of them is not finite
    for (int64_t i = 0; i < packed.numel(); ++i) sum += x[i] * T(0);
    if (sum == T(0)) return;
    int64_t i = 0;
    while (std::isfinite(x[i])) ++i;
    fail<ValueError>(op, matrix_name("a", packed.shape(), i / size), " holds ", x[i], " at (",
                     i % size / packed.size(-1), ", ", i % packed.size(-1), ')');
}

}
