// Linear layers with weights that are not trained: stored in 16, 8 or 4 bits and computed with in float, or packed
// once. They save memory and, where few rows meet the weights, the time to read them.
#pragma once

#include <bit>

#include "../simd/gemm_packed.hpp"
#include "../simd/gemm_stored.hpp"
#include "../simd/quantize.hpp"
#include "matmul.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct QuantizeOptions {
    int64_t group = 64;  // neighbours in a row that share a scale: a power of two from 32
};

/// A matrix in 8 bits and a scale for each group: w_ip = number scales_i,p/group. A number is -127 to 127 in two's
/// complement, as in GGUF's Q8_0.
template <std::same_as<float> T = float>
struct Quantized {
    Tensor<std::uint8_t> values;  // (out, in)
    Tensor<T> scales;             // (out, groups)
    int64_t group;

    const Shape& shape() const { return values.shape(); }
    simd::Int8Rows rows() const {
        return {reinterpret_cast<const std::int8_t*>(values.data()), values.size(1), scales.data(),
                scales.size(1), std::countr_zero(static_cast<std::uint64_t>(group))};
    }
};

/// A matrix in 4 bits and a scale for each group of 32 neighbours: w_ip = (number - 8) scales_i,p/32. Byte j of a
/// group holds element j in its low half and element j + 16 in its high half, as in GGUF's Q4_0.
template <std::same_as<float> T = float>
struct Quantized4 {
    Tensor<std::uint8_t> values;  // (out, groups, 16)
    Tensor<T> scales;             // (out, groups)
    int64_t in;

    Shape shape() const { return {values.size(0), in}; }
    simd::Int4Rows rows() const { return {values.data(), values.size(1), scales.data()}; }
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

namespace detail {

template <class T>
void check_stored(const char* op, const Tensor<T>& w) {
    if (w.rank() != 2) fail<ShapeError>(op, "w ", w.shape(), " must be a matrix (out, in)");
}
/// A group with an element that is not finite has a scale that is not.
template <class T>
void check_scales(const char* op, const Tensor<T>& scales) {
    for (int64_t i = 0; i < scales.numel(); ++i)
        if (!std::isfinite(scales.data()[i]))
            fail<ValueError>(op, "w holds a value that is not finite in row ", i / scales.size(1), ", group ",
                             i % scales.size(1));
}
template <class T, class Weight>
Tensor<T> widened(const Weight& w) {
    Tensor<T> y = empty<T>(w.shape());
    const auto rows = w.rows();
    const int64_t n = y.size(1);
    T* const to = output(y);
    parallel_for(y.size(0), 16384 / (n + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            for (int64_t p = 0; p < n; p += simd::width<T>)
                simd::store_partial(simd::load_row(rows, i, p, n - p), to + i * n + p,
                                    n - p < simd::width<T> ? n - p : simd::width<T>);
    });
    return y;
}

}

/// A matrix of floats in 8 bits.
///   scale = 0.007874 max |w| (1 / 127) of each group of a row, number = round(w / scale)
/// Shape    w (out, in) -> values (out, in), scales (out, ceil(in / group))
/// Grad     none
/// Numeric  |dequantize(quantize(w)) - w| <= scale / 2, and its rounding
/// Throws   ShapeError: w is no matrix; ValueError: a group that is no power of two or below 32, an element
///          that is not finite
template <std::same_as<float> T>
Quantized<T> quantize(const Tensor<T>& w, const QuantizeOptions& options = {}) {
    detail::check_stored("quantize", w);
    const int64_t group = options.group, out = w.size(0), in = w.size(1);
    if (group < simd::stored_run || !std::has_single_bit(static_cast<std::uint64_t>(group)))
        detail::fail<ValueError>("quantize", "the group is ", group, "; it must be a power of two from ",
                                 simd::stored_run);
    Quantized<T> q{empty<std::uint8_t>({out, in}), empty<T>({out, in / group + (in % group != 0 ? 1 : 0)}),
                   group};
    const Tensor<T> rows = detail::contiguous(w);
    simd::quantize_rows(rows.data(), in, out, in, group, detail::output(q.values), detail::output(q.scales));
    detail::check_scales("quantize", q.scales);
    return q;
}
/// A matrix of floats in 4 bits.
///   scale = -w / 8 for the w of the largest size in each group of 32 of a row,
///   number = min(15, round(w / scale) + 8)
/// Shape    w (out, in) -> values (out, ceil(in / 32), 16), scales (out, ceil(in / 32))
/// Grad     none
/// Numeric  |dequantize(quantize4(w)) - w| <= |scale| / 2 where w / scale < 7.5, |scale| where it is more; and
///          its rounding. The largest of a group stays itself
/// Throws   ShapeError: w is no matrix; ValueError: an element that is not finite
/// Source   ggml's Q4_0, with scales of 32 bits
template <std::same_as<float> T>
Quantized4<T> quantize4(const Tensor<T>& w) {
    detail::check_stored("quantize4", w);
    constexpr int64_t group = simd::Int4Rows::group;
    const int64_t out = w.size(0), in = w.size(1), groups = in / group + (in % group != 0 ? 1 : 0);
    Quantized4<T> q{empty<std::uint8_t>({out, groups, group / 2}), empty<T>({out, groups}), in};
    const Tensor<T> rows = detail::contiguous(w);
    simd::quantize_rows_to_4_bits(rows.data(), in, out, in, detail::output(q.values),
                                  detail::output(q.scales));
    detail::check_scales("quantize4", q.scales);
    return q;
}
/// The matrix that 8 bits stand for.
/// Shape    (out, in)
/// Grad     none
template <std::same_as<float> T>
Tensor<T> dequantize(const Quantized<T>& w) {
    return detail::widened<T>(w);
}
/// The matrix that 4 bits stand for.
/// Shape    (out, in)
/// Grad     none
template <std::same_as<float> T>
Tensor<T> dequantize(const Quantized4<T>& w) {
    return detail::widened<T>(w);
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
/// The same with weights in 4 bits.
template <std::same_as<float> T>
Tensor<T> linear(const Tensor<T>& x, const Quantized4<T>& w, const Tensor<T>& bias = {}) {
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
    detail::check_stored("pack", w);
    const int64_t out = w.size(0), in = w.size(1);
    Packed<T> packed{empty<T>({simd::packed_size<T>(in, out)}), out, in};
    simd::pack_matrix(in, out, detail::matrix_of(w).transposed(), detail::output(packed.panels));
    return packed;
}
/// The affine map of a linear layer with packed weights.
///   y = x w^T + bias
/// Shape    x (..., in), w (out, in), bias (out,) or undefined -> y (..., out)
/// Grad     none
/// Numeric  the bits of linear with the weights themselves, unless x has at most 8 rows
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
