// Adam with decoupled weight decay.
#pragma once

#include "adam.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct AdamWOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 1e-2;
    bool amsgrad = false;
    bool maximize = false;
};

namespace detail {
struct AdamWRule : AdamRule {
    static constexpr const char* name = "AdamW";
    using Options = AdamWOptions;

    static void check(const Options& o) { check_adam(name, o); }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        AdamRule::update(param, grad, state,
                         {o.lr, o.beta1, o.beta2, o.eps, o.weight_decay, o.amsgrad, o.maximize, true});
    }
};
}

/// torch.optim.AdamW. A parameter without a gradient is left alone, and its steps are not counted.
///   p -= lr weight_decay p
///   m += (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2
///   p -= lr / (1 - beta1^step) m / (sqrt(v) / sqrt(1 - beta2^step) + eps)
/// amsgrad divides by the largest v so far.
/// Throws   ValueError: a negative lr, eps or weight_decay, or a beta outside [0, 1)
/// Source   Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019
/// See      Adam, decay_groups
template <Floating T = float>
struct AdamW : Optimizer<T, detail::AdamWRule> {
    using Optimizer<T, detail::AdamWRule>::Optimizer;
};
template <class P>
AdamW(std::vector<P>, AdamWOptions = {}) -> AdamW<detail::parameter_element<P>>;

}
