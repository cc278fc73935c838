// A linear layer.
#pragma once

#include "../ops/matmul.hpp"
#include "init.hpp"
#include "module.hpp"
#include "stored_weight.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LinearOptions {
    bool bias = true;
};

/// y = x weight^T + bias
/// Shape    x (..., in) -> y (..., out); weight (out, in), or undefined where it is `stored`, bias (out,) or
///          undefined
/// Numeric  begins, as PyTorch's, even over [-b, b) with b = 1 / sqrt(in), weight and bias
/// See      store_
template <Floating T = float>
struct Linear {
    Tensor<T> weight, bias;
    StoredWeightPtr<T> stored = {};
    TAPEGRAD_FIELDS(weight, bias, stored);

    Linear() = default;
    /// One whose weight is not trained.
    explicit Linear(StoredWeightPtr<T> w, Tensor<T> b = {}) : bias(std::move(b)), stored(std::move(w)) {}
    /// Throws   ShapeError: a negative size
    Linear(int64_t in, int64_t out, Generator& generator, LinearOptions options = {})
        : weight(parameter(empty<T>({out, in}))) {
        detail::begin_linear(weight, bias, out, options.bias, generator);
    }

    Tensor<T> operator()(const Tensor<T>& x) const {
        return stored != nullptr ? stored->product(x, bias) : linear(x, weight, bias);
    }
};
Linear(int64_t, int64_t, Generator&)->Linear<float>;
Linear(int64_t, int64_t, Generator&, LinearOptions)->Linear<float>;

}
