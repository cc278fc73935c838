// Gradients over the root of their mean square.
#pragma once

#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct RMSpropOptions {
    double lr = 1e-2;
    double alpha = 0.99;
    double eps = 1e-8;
    double weight_decay = 0;
    double momentum = 0;
    bool centered = false;
    bool maximize = false;
};

namespace detail {
struct RMSpropRule {
    static constexpr const char* name = "RMSprop";
    using Options = RMSpropOptions;
    template <class T>
    struct State {
        Buffer<T> square_avg, momentum_buffer, grad_avg;
        TAPEGRAD_FIELDS(square_avg, momentum_buffer, grad_avg);
    };

    static void check(const Options& o) {
        check_not_negative(name, {{"lr", o.lr},
                                  {"alpha", o.alpha},
                                  {"eps", o.eps},
                                  {"weight_decay", o.weight_decay},
                                  {"momentum", o.momentum}});
    }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        const simd::Slope<T> slope(o.maximize, o.weight_decay);
        const bool centered = o.centered, moves = o.momentum > 0;
        const auto old = simd::constant<T>(o.alpha), fresh = simd::constant<T>(1 - o.alpha),
                   eps = simd::constant<T>(o.eps), rate = simd::constant<T>(-o.lr),
                   keep = simd::constant<T>(o.momentum);
        sweep(
            [=](const auto& g, auto& p, auto& v, auto& mean, auto& b) TAPEGRAD_LAMBDA {
                const auto d = slope(g, p);
                v = fma(d * d, fresh, v * old);
                mean = towards(mean, d, fresh);
                b = fma(b, keep, d / (sqrt(centered ? fma(-mean, mean, v) : v) + eps));
                p = fma(b, rate, p);
            },
            param, grad, state.square_avg, kept_if(centered, state.grad_avg),
            kept_if(moves, state.momentum_buffer));
    }
};
}

/// torch.optim.RMSprop.
///   g += weight_decay p
///   v = alpha v + (1 - alpha) g^2;  m += (1 - alpha) (g - m), used when it is centered
///   b = momentum b + g / (sqrt(v - m^2) + eps), with m = 0 when it is not centered
///   p -= lr b
/// Throws   ValueError: a negative lr, alpha, eps, weight_decay or momentum
/// Source   Hinton, Neural Networks for Machine Learning, lecture 6e; centered: Graves, Generating Sequences
/// With
///          Recurrent Neural Networks, 2013
template <Floating T = float>
struct RMSprop : Optimizer<T, detail::RMSpropRule> {
    using Optimizer<T, detail::RMSpropRule>::Optimizer;
};
template <class P>
RMSprop(std::vector<P>, RMSpropOptions = {}) -> RMSprop<detail::parameter_element<P>>;

}
