// Adam with the largest gradient in place of the mean square.
#pragma once

#include "adam.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct AdamaxOptions {
    double lr = 2e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 0;
    bool maximize = false;
};

namespace detail {
struct AdamaxRule {
    static constexpr const char* name = "Adamax";
    using Options = AdamaxOptions;
    template <class T>
    struct State {
        Buffer<int64_t> step;
        Buffer<T> exp_avg, exp_inf;
        TAPEGRAD_FIELDS(step, exp_avg, exp_inf);
    };

    static void check(const Options& o) { check_adam(name, o); }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        prepare(param.shape(), state.exp_avg, state.exp_inf);
        const double step = count_step(state.step);
        const simd::Slope<T> slope(o.maximize, o.weight_decay);
        const auto fresh = simd::constant<T>(1 - o.beta1), keep = simd::constant<T>(o.beta2),
                   eps = simd::constant<T>(o.eps), rate = simd::constant<T>(-o.lr / debias(o.beta1, step));
        sweep(
            [=](const auto& g, auto& p, auto& m, auto& u) TAPEGRAD_LAMBDA {
                const auto d = slope(g, p);
                m = towards(m, d, fresh);
                u = max(u * keep, abs(d) + eps);
                p = fma(rate, m / u, p);
            },
            param, grad, state.exp_avg, state.exp_inf);
    }
};
}

/// torch.optim.Adamax.
///   g += weight_decay p
///   m += (1 - beta1) (g - m);  u = max(beta2 u, |g| + eps)
///   p -= lr / (1 - beta1^step) m / u
/// Throws   ValueError: a negative lr, eps or weight_decay, or a beta outside [0, 1)
/// Source   Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015, algorithm 2
template <Floating T = float>
struct Adamax : Optimizer<T, detail::AdamaxRule> {
    using Optimizer<T, detail::AdamaxRule>::Optimizer;
};
template <class P>
Adamax(std::vector<P>, AdamaxOptions = {}) -> Adamax<detail::parameter_element<P>>;

}
