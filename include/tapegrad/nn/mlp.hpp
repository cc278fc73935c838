// Linear layers with activations between them, from features and a context to other features.
#pragma once

#include "../ops/join.hpp"
#include "activation.hpp"
#include "linear.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// x and a context side by side; x alone where the network has none.
/// Throws   ValueError: a context for a network without one, or none for one with it
template <class T>
Tensor<T> beside_context(const char* net, const Tensor<T>& x, const Tensor<T>& context, int64_t features) {
    if (context.defined() != (features > 0))
        fail<ValueError>(
            net, context.defined() ? "a context for a network without one" : "the network needs a context");
    return features > 0 ? cat({x, context}, 1) : x;
}

}

struct MlpOptions {
    std::vector<int64_t> hidden = {64, 64};
    int64_t context = 0;  // features of the context, which stands beside the input; 0: there is none
};

/// y = last(act(... act(first(x, context))))
///   Mlp<> net(2, 4, {.hidden = {128, 128}}, generator);
/// Shape    x (n, in), context (n, its features) -> y (n, out)
/// Numeric  begins as Linear. The keys are "layers.0.weight", "layers.0.bias", "layers.1.weight", ...
/// See      ResidualNet
template <Floating T = float, class Activation = ReLU>
struct Mlp {
    std::vector<Linear<T>> layers;
    int64_t context_features = 0;
    Activation activation = {};
    TAPEGRAD_FIELDS(layers, context_features, activation);

    Mlp() = default;
    /// Throws   ValueError: a negative number of features of the context; ShapeError: a negative size
    Mlp(int64_t in, int64_t out, const MlpOptions& o, Generator& generator, Activation act = {})
        : context_features(o.context), activation(act) {
        if (o.context < 0) detail::fail<ValueError>("Mlp", "a context of ", o.context, " features");
        int64_t last = in + o.context;
        for (const int64_t units : o.hidden) {
            layers.emplace_back(last, units, generator);
            last = units;
        }
        layers.emplace_back(last, out, generator);
    }

    /// Throws   ValueError: a context for a network without one, or none for one with it; ShapeError: sizes
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        Tensor<T> h = layers[0](detail::beside_context("Mlp", x, context, context_features));
        for (std::size_t i = 1; i < layers.size(); ++i) h = layers[i](activation(h));
        return h;
    }
};

}
