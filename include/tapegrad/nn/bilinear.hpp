// A layer that is linear in each of two inputs.
#pragma once

#include "../ops/bilinear.hpp"
#include "init.hpp"
#include "linear.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y_o = x^T weight_o z + bias_o
/// Shape    x (..., in1), z (..., in2) with equal leading axes -> y (..., out); weight (out, in1, in2), bias (out,)
///          or undefined
/// Numeric  begins, as PyTorch's, even over [-b, b) with b = 1 / sqrt(in1), weight and bias
template <Floating T = float>
struct Bilinear {
    Tensor<T> weight, bias;
    TAPEGRAD_FIELDS(weight, bias);

    Bilinear() = default;
    /// Throws   ShapeError: a negative size; ValueError: no first features
    Bilinear(int64_t in1, int64_t in2, int64_t out, Generator& generator, LinearOptions options = {})
        : weight(parameter(empty<T>({out, in1, in2}))) {
        if (in1 == 0) detail::fail<ValueError>("Bilinear", "in1 is 0");
        const double bound = 1 / std::sqrt(static_cast<double>(in1));
        init::uniform_(weight, generator, -bound, bound);
        if (!options.bias) return;
        bias = parameter(empty<T>({out}));
        init::uniform_(bias, generator, -bound, bound);
    }

    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& z) const {
        return bilinear(x, z, weight, bias);
    }
};
Bilinear(int64_t, int64_t, int64_t, Generator&)->Bilinear<float>;
Bilinear(int64_t, int64_t, int64_t, Generator&, LinearOptions)->Bilinear<float>;

}
