// Many matrix products of one shape: over the threads when each is small, each over the threads when they are
// large.
#pragma once

#include "gemm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// Where the matrices of one product begin, in elements from the first ones.
struct GemmOffsets {
    int64_t a, b, c;
};

/// Offsets of a batch with one axis; a stride of 0 broadcasts A or B.
struct GemmStrides {
    int64_t a, b, c;
    GemmOffsets operator()(int64_t index) const { return {index * a, index * b, index * c}; }
};

namespace detail {

/// Calls product(index) for products of `work` multiplications each.
template <class Product>
void for_each_product(int64_t count, int64_t work, const Product& product) {
    // A batch of few large products leaves threads idle at its end; one product at a time does not.
    if (work >= gemm_serial && count < 4 * num_threads()) {
        for (int64_t q = 0; q < count; ++q) product(q);
        return;
    }
    const int64_t grain = work > 0 ? ceil_div(gemm_serial / 2, work) : count;
    parallel_for(count, grain, [&](int64_t begin, int64_t end) {
        for (int64_t q = begin; q < end; ++q) product(q);
    });
}

}

/// Matrix products C = A B (+ C) of one shape and one set of strides; index q of `batch` is at offsets(q).
/// Shape    as gemm, `batch` times; `offsets` is callable with int64_t from several threads and returns
/// GemmOffsets
///          (an int64_t that counts up to six batch axes is split there). The C of two products are disjoint
/// Numeric  each product has the bits of gemm
/// The epilogue is gemm's, with the index first: `epilogue(int64_t index, Batch<T> value, int64_t row,
/// int64_t col)`.
template <class T, class Offsets, class Epilogue = Identity>
void gemm_batched(int64_t batch, int64_t m, int64_t n, int64_t k, MatrixRef<T> a, MatrixRef<T> b, T* c,
                  int64_t ldc, const Offsets& offsets, bool accumulate = false, Epilogue epilogue = {}) {
    detail::for_each_product(batch, m * n * (k > 0 ? k : 1), [&](int64_t index) {
        const GemmOffsets o = offsets(index);
        const MatrixRef<T> left{a.data + o.a, a.row_stride, a.col_stride};
        const MatrixRef<T> right{b.data + o.b, b.row_stride, b.col_stride};
        if constexpr (std::is_same_v<Epilogue, Identity>)
            gemm(m, n, k, left, right, c + o.c, ldc, accumulate);
        else
            gemm(m, n, k, left, right, c + o.c, ldc, accumulate,
                 [&](const Batch<T>& value, int64_t row, int64_t col) {
                     return epilogue(index, value, row, col);
                 });
    });
}

}
