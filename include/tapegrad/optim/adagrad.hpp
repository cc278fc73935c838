// Gradients over the root of the sum of their squares.
#pragma once

#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct AdagradOptions {
    double lr = 1e-2;
    double lr_decay = 0;
    double weight_decay = 0;
    double initial_accumulator_value = 0;
    double eps = 1e-10;
    bool maximize = false;
};

namespace detail {
struct AdagradRule {
    static constexpr const char* name = "Adagrad";
    using Options = AdagradOptions;
    template <class T>
    struct State {
        Buffer<int64_t> step;
        Buffer<T> sum;
        TAPEGRAD_FIELDS(step, sum);
    };

    static void check(const Options& o) {
        check_not_negative(name, {{"lr", o.lr},
                                  {"lr_decay", o.lr_decay},
                                  {"weight_decay", o.weight_decay},
                                  {"initial_accumulator_value", o.initial_accumulator_value},
                                  {"eps", o.eps}});
    }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        kept(state.sum, param.shape(), static_cast<T>(o.initial_accumulator_value));
        const double step = count_step(state.step);
        const simd::Slope<T> slope(o.maximize, o.weight_decay);
        const auto rate = simd::constant<T>(-o.lr / (1 + (step - 1) * o.lr_decay)),
                   eps = simd::constant<T>(o.eps);
        sweep(
            [=](const auto& g, auto& p, auto& sum) TAPEGRAD_LAMBDA {
                const auto d = slope(g, p);
                sum = fma(d, d, sum);
                p = fma(rate, d / (sqrt(sum) + eps), p);
            },
            param, grad, state.sum);
    }
};
}

/// torch.optim.Adagrad.
///   g += weight_decay p
///   s += g^2, from initial_accumulator_value
///   p -= lr / (1 + (step - 1) lr_decay) g / (sqrt(s) + eps)
/// Throws   ValueError: a negative option
/// Source   Duchi et al., Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, 2011
template <Floating T = float>
struct Adagrad : Optimizer<T, detail::AdagradRule> {
    using Optimizer<T, detail::AdagradRule>::Optimizer;
};
template <class P>
Adagrad(std::vector<P>, AdagradOptions = {}) -> Adagrad<detail::parameter_element<P>>;

}
