// Adam with decoupled weight decay.
#pragma once

#include "../simd/optimizer.hpp"
#include "../tensor/creation.hpp"
#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct AdamWOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 1e-2;
    bool amsgrad = false;
};

namespace detail {
template <class T>
struct AdamWState {
    Buffer<int64_t> step;
    Buffer<T> exp_avg, exp_avg_sq, max_exp_avg_sq;
    TAPEGRAD_FIELDS(step, exp_avg, exp_avg_sq, max_exp_avg_sq);
};
}

/// torch.optim.AdamW. A parameter without a gradient is left alone, and its steps are not counted.
///   p -= lr weight_decay p
///   m += (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2
///   p -= lr / (1 - beta1^step) m / (sqrt(v) / sqrt(1 - beta2^step) + eps)
/// Throws   ValueError: a negative lr, eps or weight_decay, or a beta outside [0, 1)
/// Source   Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019
/// See      decay_groups
template <Floating T = float>
class AdamW : public Optimizer<T, AdamWOptions, detail::AdamWState<T>> {
    using Base = Optimizer<T, AdamWOptions, detail::AdamWState<T>>;

public:
    using Group = typename Base::Group;

    explicit AdamW(std::vector<Group> groups) : Base(std::move(groups)) {
        for (const Group& group : this->groups()) check(group.options);
    }
    explicit AdamW(std::vector<Tensor<T>> parameters, AdamWOptions options = {})
        : AdamW(std::vector<Group>{{std::move(parameters), options}}) {}

    /// Updates every parameter that has a gradient.
    void step() {
        this->for_each(
            [](Tensor<T>& p, const Tensor<T>& g, detail::AdamWState<T>& state, const AdamWOptions& o) {
                if (!state.step.defined()) {
                    state.step = zeros<int64_t>({});
                    state.exp_avg = zeros<T>(p.shape());
                    state.exp_avg_sq = zeros<T>(p.shape());
                }
                if (o.amsgrad && !state.max_exp_avg_sq.defined()) state.max_exp_avg_sq = zeros<T>(p.shape());
                const int64_t step = ++*state.step.mutable_data();
                simd::adamw_step(p.mutable_data(), g.data(), state.exp_avg.mutable_data(),
                                 state.exp_avg_sq.mutable_data(),
                                 o.amsgrad ? state.max_exp_avg_sq.mutable_data() : nullptr, p.numel(), step,
                                 simd::AdamW{o.lr, o.beta1, o.beta2, o.eps, o.weight_decay});
            });
    }

private:
    static void check(const AdamWOptions& o) {
        if (!(o.lr >= 0 && o.eps >= 0 && o.weight_decay >= 0))
            detail::fail<ValueError>("AdamW", "lr ", o.lr, ", eps ", o.eps, " and weight_decay ",
                                     o.weight_decay, " must not be negative");
        if (!(o.beta1 >= 0 && o.beta1 < 1 && o.beta2 >= 0 && o.beta2 < 1))
            detail::fail<ValueError>("AdamW", "beta1 ", o.beta1, " and beta2 ", o.beta2,
                                     " must be in [0, 1)");
    }
};
template <class T>
AdamW(std::vector<Tensor<T>>, AdamWOptions) -> AdamW<T>;
template <class T>
AdamW(std::vector<Tensor<T>>) -> AdamW<T>;
template <class T>
AdamW(std::vector<ParameterGroup<T, AdamWOptions>>) -> AdamW<T>;

}
