// Linear layers with weights that are not trained: stored in 16 or 8 bits and computed with in float, or packed
// once. They save memory and, where few rows meet the weights, the time to read them.
#pragma once

#include <bit>

#include "../simd/gemm_packed.hpp"
#include "../simd/gemm_stored.hpp"
#include "../simd/quantize.hpp"
#include "matmul.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct QuantizeOptions {
    int64_t group = 64;  // neighbours in a row that share a scale: a power of two from 16
};

/// A matrix in 8 bits and a scale for each group: w_ip = (values_ip - 128) scales_i,p/group
template <std::same_as<float> T = float>
struct Quantized {
    Tensor<std::uint8_t> values;  // (out, in)
    Tensor<T> scales;             // (out, groups)
    int64_t group;

    const Shape& shape() const { return values.shape(); }
    simd::Uint8Rows rows() const {
        return {values.data(), values.size(1), scales.data(), scales.size(1),
                std::countr_zero(static_cast<std::uint64_t>(group))};
    }
};

/// A matrix (out, in), packed for products with its transpose.
template <Floating T>
struct Packed {
    Tensor<T> panels;
    int64_t out, in;
};

namespace detail {

template <std::same_as<float> T = float>
struct Bfloat16Matrix {
    Tensor<bfloat16> values;

    const Shape& shape() const { return values.shape(); }
    simd::Bfloat16Rows rows() const { return {values.data(), values.size(1)}; }
};

template <class T, class Weight>
Tensor<T> stored_linear(const Tensor<T>& x, const Weight& w, const Tensor<T>& bias);

/// x (..., out) times stored weights (out, in). Recorded.
template <class T, class Weight>
Tensor<T> stored_linear_back(const Tensor<T>& x, const Weight& w) {
    const int64_t out = w.shape()[0], in = w.shape()[1];
    Shape shape = x.shape();
    shape[shape.rank() - 1] = in;
    Tensor<T> y = empty<T>(shape);
    if (y.numel() > 0) {
        const Tensor<T> rows = folded(as_rows(x));
        simd::gemm_stored_back(rows.size(0), in, out, matrix_of(rows), w.rows(), output(y), in);
    }
    return record("linear", y, {x}, [w](const Tensor<T>& d) { return stored_linear(d, w, Tensor<T>()); });
}
/// x (..., in) times the transpose, plus a bias. Recorded.
template <class T, class Weight>
Tensor<T> stored_linear(const Tensor<T>& x, const Weight& w, const Tensor<T>& bias) {
    const auto product = [&w](int64_t m, const simd::MatrixRef<T>& rows, T* y, const auto& epilogue) {
        simd::gemm_stored(m, w.shape()[0], w.shape()[1], rows, w.rows(), y, w.shape()[0], epilogue);
    };
    return record("linear", affine(x, w.shape(), bias, product), {x, bias},
                  [w](const Tensor<T>& dy, Needs needs) {
                      std::array<Tensor<T>, 2> d;
                      if (needs[0]) d[0] = stored_linear_back(dy, w);
                      if (needs[1]) d[1] = sum_to(dy, {w.shape()[0]});
                      return d;
                  });
}

}

/// A matrix of floats in 8 bits.
///   scale = 0.007874 max |w| (1 / 127) of each group of a row, value = round(w / scale) + 128
/// Shape    w (out, in) -> values (out, in), scales (out, ceil(in / group))
/// Grad     none
/// Numeric  |dequantize(quantize(w)) - w| <= scale / 2, and its rounding
/// Throws   ShapeError: w is no matrix; ValueError: a group that is no power of two or below 16, an element
///          that is not finite
template <std::same_as<float> T>
Quantized<T> quantize(const Tensor<T>& w, const QuantizeOptions& options = {}) {
    if (w.rank() != 2) detail::fail<ShapeError>("quantize", "w ", w.shape(), " must be a matrix (out, in)");
    const int64_t group = options.group, out = w.size(0), in = w.size(1);
    if (group < 16 || !std::has_single_bit(static_cast<std::uint64_t>(group)))
        detail::fail<ValueError>("quantize", "the group is ", group, "; it must be a power of two from 16");
    Quantized<T> q{empty<std::uint8_t>({out, in}), empty<T>({out, in / group + (in % group != 0 ? 1 : 0)}),
                   group};
    const Tensor<T> rows = detail::contiguous(w);
    simd::quantize_rows(rows.data(), in, out, in, group, detail::output(q.values), detail::output(q.scales));
    for (int64_t i = 0; i < q.scales.numel(); ++i)
        if (!std::isfinite(q.scales.data()[i]))
            detail::fail<ValueError>("quantize", "w holds a value that is not finite in row ",
                                     i / q.scales.size(1), ", group ", i % q.scales.size(1));
    return q;
}
/// The matrix that 8 bits stand for.
/// Shape    (out, in)
/// Grad     none
template <std::same_as<float> T>
Tensor<T> dequantize(const Quantized<T>& w) {
    Tensor<T> y = empty<T>(w.shape());
    const auto rows = w.rows();
    const int64_t n = y.size(1);
    T* const to = detail::output(y);
    for (int64_t i = 0; i < y.size(0); ++i)
        for (int64_t p = 0; p < n; p += simd::width<T>)
            simd::store_partial(simd::load_row(rows, i, p, n - p), to + i * n + p,
                                n - p < simd::width<T> ? n - p : simd::width<T>);
    return y;
}

/// The affine map of a linear layer with weights in 8 bits, computed in float.
///   y = x w^T + bias
/// Shape    x (..., in), w (out, in), bias (out,) or undefined -> y (..., out)
/// Grad     dx = dy w, dbias = sum of dy over rows;  saves w
/// Numeric  that of linear with dequantize(w)
/// Throws   ShapeError: sizes differ
template <std::same_as<float> T>
Tensor<T> linear(const Tensor<T>& x, const Quantized<T>& w, const Tensor<T>& bias = {}) {
    return detail::stored_linear(x, w, bias);
}
/// The same with weights in bfloat16.
template <std::same_as<float> T>
Tensor<T> linear(const Tensor<T>& x, const Tensor<bfloat16>& w, const Tensor<T>& bias = {}) {
    return detail::stored_linear(x, detail::Bfloat16Matrix<T>{detail::contiguous(w)}, bias);
}

/// The weights of a linear layer, packed once for many products: linear() packs them each time, which takes
/// longer than the product itself when x has few rows.
/// Shape    w (out, in)
/// Grad     none
/// Throws   ShapeError: w is no matrix
template <Floating T>
Packed<T> pack(const Tensor<T>& w) {
    if (w.rank() != 2) detail::fail<ShapeError>("pack", "w ", w.shape(), " must be a matrix (out, in)");
    const int64_t out = w.size(0), in = w.size(1);
    Packed<T> packed{empty<T>({simd::packed_size<T>(in, out)}), out, in};
    simd::pack_matrix(in, out, detail::matrix_of(w).transposed(), detail::output(packed.panels));
    return packed;
}
/// The affine map of a linear layer with packed weights.
///   y = x w^T + bias
/// Shape    x (..., in), w (out, in), bias (out,) or undefined -> y (..., out)
/// Grad     none
/// Numeric  the bits of linear with the weights themselves, unless x has one row
/// Throws   ShapeError: sizes differ
template <Floating T>
Tensor<T> linear(const Tensor<T>& x, const Packed<T>& w, const Tensor<T>& bias = {}) {
    const auto product = [&w](int64_t m, const simd::MatrixRef<T>& rows, T* y, const auto& epilogue) {
        simd::gemm_packed(m, w.out, w.in, rows, w.panels.data(), y, w.out, epilogue);
    };
    return record_constant("linear of packed weights", detail::affine(x, {w.out, w.in}, bias, product),
                           {x, bias});
}

}
