// Adam.
#pragma once

#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct AdamOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 0;
    bool amsgrad = false;
    bool maximize = false;
    bool decoupled_weight_decay = false;  // as AdamW has it
};

namespace detail {

/// Of Adam and its kin.
template <class Options>
void check_adam(std::string_view optimizer, const Options& o) {
    check_not_negative(optimizer, {{"lr", o.lr}, {"eps", o.eps}, {"weight_decay", o.weight_decay}});
    check_decays(optimizer, {{"beta1", o.beta1}, {"beta2", o.beta2}});
}
/// 1 - beta^step: what a mean of `step` values that began at 0 is short of.
inline double debias(double beta, double step) { return 1 - std::pow(beta, step); }

struct AdamRule {
    static constexpr const char* name = "Adam";
    using Options = AdamOptions;
    template <class T>
    struct State {
        Buffer<int64_t> step;
        Buffer<T> exp_avg, exp_avg_sq, max_exp_avg_sq;
        TAPEGRAD_FIELDS(step, exp_avg, exp_avg_sq, max_exp_avg_sq);
    };

    static void check(const Options& o) { check_adam(name, o); }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        prepare(param.shape(), state.exp_avg, state.exp_avg_sq, kept_if(o.amsgrad, state.max_exp_avg_sq));
        const double step = count_step(state.step);
        const bool decoupled = o.decoupled_weight_decay;
        const simd::Slope<T> slope(o.maximize, decoupled ? 0 : o.weight_decay);
        const simd::Moments<T> moments(o.beta1, o.beta2);
        const auto keep = simd::constant<T>(decoupled ? 1 - o.lr * o.weight_decay : 1),
                   rate = simd::constant<T>(-o.lr / debias(o.beta1, step)),
                   grown = simd::constant<T>(1 / std::sqrt(debias(o.beta2, step))),
                   eps = simd::constant<T>(o.eps);
        const bool amsgrad = o.amsgrad;
        sweep(
            [=](const auto& g, auto& p, auto& m, auto& v, auto& top) TAPEGRAD_LAMBDA {
                moments(slope(g, p), m, v);
                top = max(top, v);
                p = fma(rate, m / (sqrt(amsgrad ? top : v) * grown + eps), p * keep);
            },
            param, grad, state.exp_avg, state.exp_avg_sq, kept_if(amsgrad, state.max_exp_avg_sq));
    }
};

}

/// torch.optim.Adam. A parameter without a gradient is left alone, and its steps are not counted.
///   g += weight_decay p
///   m += (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2
///   p -= lr / (1 - beta1^step) m / (sqrt(v) / sqrt(1 - beta2^step) + eps)
/// amsgrad divides by the largest v so far.
/// Throws   ValueError: a negative lr, eps or weight_decay, or a beta outside [0, 1)
/// Source   Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015; Reddi et al., On the Convergence
/// of
///          Adam and Beyond, 2018
/// See      AdamW, decay_groups
template <Floating T = float>
struct Adam : Optimizer<T, detail::AdamRule> {
    using Optimizer<T, detail::AdamRule>::Optimizer;
};
template <class P>
Adam(std::vector<P>, AdamOptions = {}) -> Adam<detail::parameter_element<P>>;

}
