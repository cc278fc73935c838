// A linear layer.
#pragma once

#include "../ops/matmul.hpp"
#include "init.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LinearOptions {
    bool bias = true;
};

/// y = x weight^T + bias
/// Shape    x (..., in) -> y (..., out); weight (out, in), bias (out,) or undefined
/// Numeric  begins, as PyTorch's, even over [-b, b) with b = 1 / sqrt(in), weight and bias
template <Floating T = float>
struct Linear {
    Tensor<T> weight, bias;
    TAPEGRAD_FIELDS(weight, bias);

    Linear() = default;
    /// Throws   ShapeError: a negative size
    Linear(int64_t in, int64_t out, Generator& generator, LinearOptions options = {})
        : weight(parameter(empty<T>({out, in}))) {
        detail::begin_linear(weight, bias, out, options.bias, generator);
    }

    Tensor<T> operator()(const Tensor<T>& x) const { return linear(x, weight, bias); }
};
Linear(int64_t, int64_t, Generator&)->Linear<float>;
Linear(int64_t, int64_t, Generator&, LinearOptions)->Linear<float>;

}
