// Adam with Nesterov's momentum.
#pragma once

#include "adam.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct NAdamOptions {
    double lr = 2e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 0;
    double momentum_decay = 4e-3;
    bool decoupled_weight_decay = false;
    bool maximize = false;
};

namespace detail {
struct NAdamRule {
    static constexpr const char* name = "NAdam";
    using Options = NAdamOptions;
    template <class T>
    struct State {
        Buffer<int64_t> step;
        Buffer<double> mu_product;
        Buffer<T> exp_avg, exp_avg_sq;
        TAPEGRAD_FIELDS(step, mu_product, exp_avg, exp_avg_sq);
    };
    static Shape state_shape(std::string_view field, const Shape& parameter) {
        return field.starts_with("exp_") ? parameter : Shape{};
    }

    static void check(const Options& o) {
        check_adam(name, o);
        check_not_negative(name, {{"momentum_decay", o.momentum_decay}});
    }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        prepare(param.shape(), state.exp_avg, state.exp_avg_sq);
        double& product_of_mu = *kept(state.mu_product, {}, 1.0);
        const double step = count_step(state.step);
        const auto mu_at = [&](double t) {
            return o.beta1 * (1 - 0.5 * std::pow(0.96, t * o.momentum_decay));
        };
        const double mu = mu_at(step), next = mu_at(step + 1);
        const double product = product_of_mu *= mu;
        const bool decoupled = o.decoupled_weight_decay;
        const simd::Slope<T> slope(o.maximize, decoupled ? 0 : o.weight_decay);
        const simd::Moments<T> moments(o.beta1, o.beta2);
        const auto keep = simd::constant<T>(decoupled ? 1 - o.lr * o.weight_decay : 1),
                   of_slope = simd::constant<T>(-o.lr * (1 - mu) / (1 - product)),
                   of_mean = simd::constant<T>(-o.lr * next / (1 - product * next)),
                   grown = simd::constant<T>(1 / debias(o.beta2, step)), eps = simd::constant<T>(o.eps);
        sweep(
            [=](const auto& g, auto& p, auto& m, auto& v) TAPEGRAD_LAMBDA {
                const auto d = slope(g, p);
                moments(d, m, v);
                const auto root = sqrt(v * grown) + eps;
                p = fma(of_mean, m / root, fma(of_slope, d / root, p * keep));
            },
            param, grad, state.exp_avg, state.exp_avg_sq);
    }
};
}

/// torch.optim.NAdam.
///   g += weight_decay p, or p -= lr weight_decay p when it is decoupled
///   m += (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2
///   mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2);  M_t = mu_1 ... mu_t
///   p -= lr ((1 - mu_t) / (1 - M_t) g + mu_t+1 / (1 - M_t+1) m) / (sqrt(v / (1 - beta2^t)) + eps)
/// Throws   ValueError: a negative lr, eps, weight_decay or momentum_decay, or a beta outside [0, 1)
/// Source   Dozat, Incorporating Nesterov Momentum into Adam, 2016
template <Floating T = float>
struct NAdam : Optimizer<T, detail::NAdamRule> {
    using Optimizer<T, detail::NAdamRule>::Optimizer;
};
template <class P>
NAdam(std::vector<P>, NAdamOptions = {}) -> NAdam<detail::parameter_element<P>>;

}
