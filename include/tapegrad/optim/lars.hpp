// Momentum with steps in proportion to the size of the weights.
#pragma once

#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LARSOptions {
    double lr = 1e-1;
    double momentum = 0.9;
    double weight_decay = 0;
    double trust_coefficient = 1e-3;
    bool maximize = false;
};

namespace detail {
struct LARSRule {
    static constexpr const char* name = "LARS";
    using Options = LARSOptions;
    template <class T>
    struct State {
        Buffer<T> momentum_buffer;
        TAPEGRAD_FIELDS(momentum_buffer);
    };

    static void check(const Options& o) {
        check_not_negative(name, {{"lr", o.lr},
                                  {"momentum", o.momentum},
                                  {"weight_decay", o.weight_decay},
                                  {"trust_coefficient", o.trust_coefficient}});
    }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        const double weight = std::sqrt(simd::sum_of_squares(param.data(), param.numel())),
                     gradient = std::sqrt(simd::sum_of_squares(grad.data(), param.numel()));
        const double trust = weight > 0 && gradient > 0
                                 ? o.trust_coefficient * weight / (gradient + o.weight_decay * weight)
                                 : 1;
        const simd::Slope<T> slope(o.maximize, o.weight_decay);
        const auto rate = simd::constant<T>(o.lr * trust), keep = simd::constant<T>(o.momentum);
        sweep(
            [=](const auto& g, auto& p, auto& b) TAPEGRAD_LAMBDA {
                b = fma(slope(g, p), rate, b * keep);
                p = p - b;
            },
            param, grad, state.momentum_buffer);
    }
};
}

/// LARS. The norms are those of one parameter; where either is 0, the trust counts as 1.
///   trust = trust_coefficient |p| / (|g| + weight_decay |p|)
///   b = momentum b + lr trust (g + weight_decay p)
///   p -= b
/// Throws   ValueError: a negative option
/// Source   You et al., Large Batch Training of Convolutional Networks, 2017, algorithm 1
template <Floating T = float>
struct LARS : Optimizer<T, detail::LARSRule> {
    using Optimizer<T, detail::LARSRule>::Optimizer;
};
template <class P>
LARS(std::vector<P>, LARSOptions = {}) -> LARS<detail::parameter_element<P>>;

}
