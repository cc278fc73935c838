// Networks that never draw two points further apart: what residual flows are made of.
#pragma once

#include "../nn/weight_norm.hpp"
#include "../ops/activation.hpp"
#include "../ops/elementwise.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LipschitzOptions {
    double coefficient = 0.97;       // the largest singular value that a weight may have
    int64_t n_power_iterations = 5;  // of each call in training
};

/// y = x (weight min(1, coefficient / sigma))^T + bias, sigma the largest singular value of weight, as power iteration
/// knows it: it comes to it from below.
/// Shape    x (..., in) -> y (..., out); weight (out, in), bias (out,), u (out,), v (in,)
/// Numeric  begins as Linear, with 30 iterations from normal vectors. The singular vectors are buffers, moved by each
///          call in training and by none in evaluation
/// Source   Behrmann et al., Invertible Residual Networks, 2019; Gouk et al., 2018
/// See      SpectralNorm, which always divides by sigma
template <Floating T = float>
struct LipschitzLinear {
    LipschitzOptions options;
    Tensor<T> weight, bias;
    Buffer<T> u, v;
    bool training = true;
    TAPEGRAD_FIELDS(options, weight, bias, u, v, training);

    LipschitzLinear() = default;
    /// Throws   ShapeError: a negative size; ValueError: a coefficient that is not positive
    LipschitzLinear(int64_t in, int64_t out, Generator& generator, LipschitzOptions o = {}) : options(o) {
        if (!(options.coefficient > 0))
            detail::fail<ValueError>("LipschitzLinear", "the coefficient is ", options.coefficient,
                                     "; it must be positive");
        const Linear<T> layer(in, out, generator);
        weight = layer.weight;
        bias = layer.bias;
        u = zeros<T>({out});
        v = zeros<T>({in});
        init::normal_(u, generator);
        init::normal_(v, generator);
        iterate(30);
    }

    /// The weight that is multiplied with.
    Tensor<T> bounded_weight() const {
        if (training) iterate(options.n_power_iterations);
        const Tensor<T> sigma = detail::singular_value<T>(weight, u, v);
        return weight * clamp_max(static_cast<T>(options.coefficient) / sigma, T(1));
    }
    Tensor<T> operator()(const Tensor<T>& x) const { return linear(x, bounded_weight(), bias); }

private:
    void iterate(int64_t count) const { detail::iterate_power<T>(weight, u, v, count, 1e-12); }
};
LipschitzLinear(int64_t, int64_t, Generator&)->LipschitzLinear<float>;
LipschitzLinear(int64_t, int64_t, Generator&, LipschitzOptions)->LipschitzLinear<float>;

/// LipschitzLinear layers with x sigmoid(x) / 1.1 between them, whose slope is at most 1 and has a slope itself.
///   LipschitzNet<float> net({2, 64, 64, 2}, generator);
/// Shape    x (..., first) -> y (..., last)
/// Throws   ValueError: less than two sizes
/// Source   Chen et al., Residual Flows for Invertible Generative Modeling, 2019
template <Floating T = float>
struct LipschitzNet {
    std::vector<LipschitzLinear<T>> layers;
    TAPEGRAD_FIELDS(layers);

    LipschitzNet() = default;
    LipschitzNet(const std::vector<int64_t>& sizes, Generator& generator, LipschitzOptions options = {}) {
        if (sizes.size() < 2)
            detail::fail<ValueError>("LipschitzNet", sizes.size(), " sizes are no network; it needs two");
        for (std::size_t i = 0; i + 1 < sizes.size(); ++i)
            layers.emplace_back(sizes[i], sizes[i + 1], generator, options);
    }

    Tensor<T> operator()(const Tensor<T>& x) const {
        Tensor<T> y = x;
        for (std::size_t i = 0; i < layers.size(); ++i) y = layers[i](i == 0 ? y : silu(y) * (1 / 1.1));
        return y;
    }
};

}
