// The affine map of a linear layer whose weight is under a mask.
#pragma once

#include "../simd/gemm_masked.hpp"
#include "elementwise.hpp"
#include "matmul.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A mask as it is given, (out, in): how products read a weight under it.
template <class T>
struct GivenMask {
    Tensor<T> mask;  // packed

    void forward(int64_t m, const simd::MatrixRef<T>& rows, const Tensor<T>& weight, T* y,
                 const auto& epilogue) const {
        simd::gemm_masked(m, weight.size(0), weight.size(1), rows, matrix_of(weight).transposed(),
                          matrix_of(mask).transposed(), y, weight.size(0), epilogue);
    }
    void backward(int64_t m, const simd::MatrixRef<T>& slopes, const Tensor<T>& weight, T* dx) const {
        simd::gemm_masked(m, weight.size(1), weight.size(0), slopes, matrix_of(weight), matrix_of(mask), dx,
                          weight.size(1));
    }
    /// The epilogue of the gradient of a weight: times the mask.
    auto epilogue() const {
        return [from = mask.data(), n = mask.size(1)](const simd::Batch<T>& v, int64_t row, int64_t col)
                   TAPEGRAD_LAMBDA {
                       const T* const at = from + row * n + col;
                       return v * (col + simd::width<T> <= n ? simd::Batch<T>::load(at)
                                                             : simd::load_partial(at, n - col));
                   };
    }
    Tensor<T> whole() const { return mask; }
};

/// The mask [in_i <= out_o], which is computed where it is needed.
template <class T>
struct DegreeMask {
    Tensor<T> in, out, in_negative, out_negative;  // packed

    DegreeMask(const Tensor<int64_t>& in_, const Tensor<int64_t>& out_)
        : in(cast<T>(in_)), out(cast<T>(out_)), in_negative(cast<T>(in_)), out_negative(cast<T>(out_)) {
        for (Tensor<T>* const degrees : {&in_negative, &out_negative})
            for (int64_t i = 0; i < degrees->numel(); ++i) output(*degrees)[i] *= T(-1);
    }

    void forward(int64_t m, const simd::MatrixRef<T>& rows, const Tensor<T>& weight, T* y,
                 const auto& epilogue) const {
        simd::gemm_by_degrees(m, weight.size(0), weight.size(1), rows, matrix_of(weight).transposed(),
                              in.data(), out.data(), y, weight.size(0), epilogue);
    }
    void backward(int64_t m, const simd::MatrixRef<T>& slopes, const Tensor<T>& weight, T* dx) const {
        simd::gemm_by_degrees(m, weight.size(1), weight.size(0), slopes, matrix_of(weight),
                              out_negative.data(), in_negative.data(), dx, weight.size(1));
    }
    auto epilogue() const {
        return [of_in = in.data(), of_out = out.data(), n = in.numel()](const simd::Batch<T>& v, int64_t row,
                                                                        int64_t col) TAPEGRAD_LAMBDA {
            const auto own = col + simd::width<T> <= n ? simd::Batch<T>::load(of_in + col)
                                                       : simd::load_partial(of_in + col, n - col);
            return where(own <= simd::Batch<T>(of_out[row]), v, simd::Batch<T>(T(0)));
        };
    }
    Tensor<T> whole() const {
        return evaluate(
            "degree_mask",
            [](const auto& i, const auto& o) TAPEGRAD_LAMBDA { return where(i <= o, i * 0 + 1, i * 0); },
            view_of(in, {1, in.numel()}, {0, 1}), view_of(out, {out.numel(), 1}, {1, 0}));
    }
};

/// The affine map with a weight under a mask of one of the two kinds.
template <class T, class Mask>
Tensor<T> linear_under(const char* name, const Tensor<T>& x, const Tensor<T>& weight, const Mask& mask,
                       const Tensor<T>& bias) {
    const auto product = [&](int64_t m, const simd::MatrixRef<T>& rows, T* y, const auto& epilogue) {
        mask.forward(m, rows, weight, y, epilogue);
    };
    const Tensor<T> y = affine(x, weight.shape(), bias, product);
    return record(
        name, y, {x, weight, bias},
        [x, weight, mask](const Tensor<T>& dy, Needs needs) {
            const int64_t outputs = weight.size(0), inputs = weight.size(1);
            std::array<Tensor<T>, 3> d;
            const Tensor<T> slope = folded(as_rows(dy));  // (rows, out)
            if (needs[0]) {
                d[0] = empty<T>(x.shape());
                mask.backward(slope.size(0), matrix_of(slope), weight, output(d[0]));
            }
            if (needs[1]) {
                const Tensor<T> rows = folded(as_rows(x));
                d[1] = empty<T>(weight.shape());
                simd::gemm(outputs, inputs, rows.size(0), matrix_of(slope).transposed(), matrix_of(rows),
                           output(d[1]), inputs, false, mask.epilogue());
            }
            if (needs[2]) d[2] = sum_to(dy, {outputs});
            return d;
        },
        [mask](const Tensor<T>& u, const Tensor<T>& w, const Tensor<T>& b) {
            return linear(u, w * mask.whole(), b);
        });
}

}

/// The affine map of a linear layer, some of whose weights count as 0.
///   y = x (weight * mask)^T + bias
/// Shape    x (..., in), weight and mask (out, in), bias (out,) or undefined -> y (..., out)
/// Grad     dx = dy (weight * mask), dweight = (dy^T x) * mask, dbias = sum of dy over rows; the mask is a constant;
///          saves x, weight, mask
/// Numeric  that of matmul. Weight and mask meet where products read them: neither direction makes a masked copy
/// Throws   ShapeError: sizes differ
/// See      linear, degree_linear
template <Floating T>
Tensor<T> masked_linear(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& mask,
                        const Tensor<T>& bias = {}) {
    if (weight.shape() != mask.shape())
        detail::fail<ShapeError>("masked_linear", "weight ", weight.shape(), " and mask ", mask.shape(),
                                 " differ");
    return detail::linear_under("masked_linear", x, weight,
                                detail::GivenMask<T>{detail::contiguous(mask.detach())}, bias);
}

/// The same with the mask of degrees, which no direction reads from memory.
///   y_o = sum_i [in_i <= out_o] weight_oi x_i + bias_o
/// Shape    x (..., n), weight (m, n), in (n,), out (m,), bias (m,) or undefined -> y (..., m)
/// Grad     as masked_linear;  saves x, weight
/// Numeric  as masked_linear, but that a hidden weight of NaN or infinity counts as 0 too; degrees up to 2^24 in size
/// Throws   ShapeError: sizes differ
/// Source   Germain et al., MADE: Masked Autoencoder for Distribution Estimation, 2015
template <Floating T>
Tensor<T> degree_linear(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<int64_t>& in,
                        const Tensor<int64_t>& out, const Tensor<T>& bias = {}) {
    if (in.rank() != 1 || out.rank() != 1 || weight.shape() != Shape{out.size(0), in.size(0)})
        detail::fail<ShapeError>("degree_linear", "weight ", weight.shape(), " and degrees ", in.shape(),
                                 " of inputs and ", out.shape(), " of outputs do not fit");
    return detail::linear_under("degree_linear", x, weight, detail::DegreeMask<T>(in, out), bias);
}

}
