// The affine map of a linear layer whose weight is under a mask.
#pragma once

#include "../simd/gemm_masked.hpp"
#include "elementwise.hpp"
#include "matmul.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// An epilogue of gemm that multiplies with a matrix (rows, n).
template <class T>
struct TimesMatrix {
    const T* factor;
    int64_t n;
    TAPEGRAD_INLINE simd::Batch<T> operator()(const simd::Batch<T>& v, int64_t row, int64_t col) const {
        const T* const from = factor + row * n + col;
        return v *
               (col + simd::width<T> <= n ? simd::Batch<T>::load(from) : simd::load_partial(from, n - col));
    }
};

}

/// The affine map of a linear layer, some of whose weights count as 0.
///   y = x (weight * mask)^T + bias
/// Shape    x (..., in), weight and mask (out, in), bias (out,) or undefined -> y (..., out)
/// Grad     dx = dy (weight * mask), dweight = (dy^T x) * mask, dbias = sum of dy over rows; the mask is a constant;
///          saves x, weight, mask
/// Numeric  that of matmul. Weight and mask meet where products read them: neither direction makes a masked copy
/// Throws   ShapeError: sizes differ
/// See      linear
template <Floating T>
Tensor<T> masked_linear(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& mask,
                        const Tensor<T>& bias = {}) {
    if (weight.shape() != mask.shape())
        detail::fail<ShapeError>("masked_linear", "weight ", weight.shape(), " and mask ", mask.shape(),
                                 " differ");
    const Tensor<T> kept = detail::contiguous(mask.detach());
    const auto product = [&](int64_t m, const simd::MatrixRef<T>& rows, T* y, const auto& epilogue) {
        simd::gemm_masked(m, weight.size(0), weight.size(1), rows, detail::matrix_of(weight).transposed(),
                          detail::matrix_of(kept).transposed(), y, weight.size(0), epilogue);
    };
    const Tensor<T> out = detail::affine(x, weight.shape(), bias, product);
    return record(
        "masked_linear", out, {x, weight, bias},
        [x, weight, kept](const Tensor<T>& dy, Needs needs) {
            const int64_t outputs = weight.size(0), inputs = weight.size(1);
            std::array<Tensor<T>, 3> d;
            const Tensor<T> slope = detail::folded(detail::as_rows(dy));  // (rows, out)
            if (needs[0]) {
                d[0] = empty<T>(x.shape());
                simd::gemm_masked(slope.size(0), inputs, outputs, detail::matrix_of(slope),
                                  detail::matrix_of(weight), detail::matrix_of(kept), detail::output(d[0]),
                                  inputs);
            }
            if (needs[1]) {
                const Tensor<T> rows = detail::folded(detail::as_rows(x));
                d[1] = empty<T>(weight.shape());
                simd::gemm(outputs, inputs, rows.size(0), detail::matrix_of(slope).transposed(),
                           detail::matrix_of(rows), detail::output(d[1]), inputs, false,
                           detail::TimesMatrix<T>{kept.data(), inputs});
            }
            if (needs[2]) d[2] = sum_to(dy, {outputs});
            return d;
        },
        [kept](const Tensor<T>& u, const Tensor<T>& w, const Tensor<T>& b) {
            return linear(u, w * kept, b);
        });
}

}
