// Signs of momentum.
#pragma once

#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LionOptions {
    double lr = 1e-4;
    double beta1 = 0.9;
    double beta2 = 0.99;
    double weight_decay = 0;
    bool maximize = false;
};

namespace detail {
struct LionRule {
    static constexpr const char* name = "Lion";
    using Options = LionOptions;
    template <class T>
    struct State {
        Buffer<T> exp_avg;
        TAPEGRAD_FIELDS(exp_avg);
    };

    static void check(const Options& o) {
        check_not_negative(name, {{"lr", o.lr}, {"weight_decay", o.weight_decay}});
        check_decays(name, {{"beta1", o.beta1}, {"beta2", o.beta2}});
    }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        const simd::Slope<T> slope(o.maximize, 0);
        const auto now = simd::constant<T>(1 - o.beta1), later = simd::constant<T>(1 - o.beta2),
                   keep = simd::constant<T>(1 - o.lr * o.weight_decay), rate = simd::constant<T>(-o.lr);
        sweep(
            [=](const auto& g, auto& p, auto& m) TAPEGRAD_LAMBDA {
                const auto d = slope(g, p);
                p = fma(rate, sign(towards(m, d, now)), p * keep);
                m = towards(m, d, later);
            },
            param, grad, state.exp_avg);
    }
};
}

/// Lion. It wants a learning rate a third to a tenth of AdamW's, and as much more weight decay. The defaults
/// are the authors'; optax decays by 1e-3.
///   p -= lr (sign(beta1 m + (1 - beta1) g) + weight_decay p)
///   m = beta2 m + (1 - beta2) g
/// Throws   ValueError: a negative lr or weight_decay, or a beta outside [0, 1)
/// Source   Chen et al., Symbolic Discovery of Optimization Algorithms, 2023, algorithm 2
template <Floating T = float>
struct Lion : Optimizer<T, detail::LionRule> {
    using Optimizer<T, detail::LionRule>::Optimizer;
};
template <class P>
Lion(std::vector<P>, LionOptions = {}) -> Lion<detail::parameter_element<P>>;

}
