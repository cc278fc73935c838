// Adam that trusts its mean square as far as its variance allows.
#pragma once

#include "adam.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct RAdamOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 0;
    bool decoupled_weight_decay = false;
    bool maximize = false;
};

namespace detail {
struct RAdamRule {
    static constexpr const char* name = "RAdam";
    using Options = RAdamOptions;
    template <class T>
    struct State {
        Buffer<int64_t> step;
        Buffer<T> exp_avg, exp_avg_sq;
        TAPEGRAD_FIELDS(step, exp_avg, exp_avg_sq);
    };

    static void check(const Options& o) { check_adam(name, o); }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        prepare(param.shape(), state.exp_avg, state.exp_avg_sq);
        const double step = count_step(state.step);
        const double second = debias(o.beta2, step), longest = 2 / (1 - o.beta2) - 1;
        const double length = longest - 2 * step * std::pow(o.beta2, step) / second;
        const bool adapts = length > 5;
        const double trust = adapts ? std::sqrt((length - 4) * (length - 2) * longest /
                                                ((longest - 4) * (longest - 2) * length) * second)
                                    : 1;
        const bool decoupled = o.decoupled_weight_decay;
        const simd::Slope<T> slope(o.maximize, decoupled ? 0 : o.weight_decay);
        const simd::Moments<T> moments(o.beta1, o.beta2);
        const auto keep = simd::constant<T>(decoupled ? 1 - o.lr * o.weight_decay : 1),
                   rate = simd::constant<T>(-o.lr * trust / debias(o.beta1, step)),
                   eps = simd::constant<T>(o.eps);
        sweep(
            [=](const auto& g, auto& p, auto& m, auto& v) TAPEGRAD_LAMBDA {
                moments(slope(g, p), m, v);
                p = fma(rate, adapts ? m / (sqrt(v) + eps) : m, p * keep);
            },
            param, grad, state.exp_avg, state.exp_avg_sq);
    }
};
}

/// torch.optim.RAdam.
///   g += weight_decay p, or p -= lr weight_decay p when it is decoupled
///   m += (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2
///   r_inf = 2 / (1 - beta2) - 1;  r = r_inf - 2 step beta2^step / (1 - beta2^step)
///   r > 5   p -= lr / (1 - beta1^step) m sqrt(1 - beta2^step) / (sqrt(v) + eps)
///                sqrt((r - 4) (r - 2) r_inf / ((r_inf - 4) (r_inf - 2) r))
///   else    p -= lr / (1 - beta1^step) m
/// Throws   ValueError: a negative lr, eps or weight_decay, or a beta outside [0, 1)
/// Source   Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, 2020
template <Floating T = float>
struct RAdam : Optimizer<T, detail::RAdamRule> {
    using Optimizer<T, detail::RAdamRule>::Optimizer;
};
template <class P>
RAdam(std::vector<P>, RAdamOptions = {}) -> RAdam<detail::parameter_element<P>>;

}
