// AdamW: Adam with the decay of the weights apart from the gradient.
#pragma once

#include "../simd/optimizer.hpp"
#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// PyTorch's defaults.
struct AdamWOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 1e-2;
};

/// p *= 1 - lr decay;  m, v = running means of g and g^2;  p -= lr m' / (sqrt(v') + eps), m' and v' without their bias
/// towards 0. Equal to torch.optim.AdamW.
///   AdamW optimizer(parameters(model), {.lr = 1e-3});
/// A parameter without a gradient is left alone, its decay and its step count too.
/// Source   Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2017
template <Floating T = float>
class AdamW : public OptimizerBase<T, AdamWOptions> {
public:
    using Base = OptimizerBase<T, AdamWOptions>;
    using typename Base::Group;

    explicit AdamW(std::vector<Tensor<T>> parameters, AdamWOptions options = {})
        : AdamW(std::vector<Group>{{std::move(parameters), options}}) {}
    explicit AdamW(std::vector<Group> groups)
        : Base(std::move(groups)), mean_(this->count()), square_(this->count()), steps_(this->count(), 0) {}

    /// One update from the gradients as they are.
    void step() {
        this->for_each_gradient([&](const AdamWOptions& o, Tensor<T>& p, const Tensor<T>& g, std::size_t i) {
            if (!mean_[i].defined()) {
                mean_[i] = zeros_like(p);
                square_[i] = zeros_like(p);
            }
            const auto t = static_cast<double>(++steps_[i]);
            const simd::AdamwStep<T> numbers{
                static_cast<T>(o.lr),           static_cast<T>(o.beta1),
                static_cast<T>(o.beta2),        static_cast<T>(o.eps),
                static_cast<T>(o.weight_decay), static_cast<T>(1 - std::pow(o.beta1, t)),
                static_cast<T>(1 - std::pow(o.beta2, t)),
            };
            simd::adamw(p.mutable_data(), g.data(), mean_[i].mutable_data(), square_[i].mutable_data(), p.numel(), numbers);
        });
    }

    /// "exp_avg.<i>", "exp_avg_sq.<i>" and "step" (one number for each parameter): all that a resumed run needs.
    StateDict state_dict() const {
        StateDict state;
        Base::save_buffers(state, "exp_avg", mean_);
        Base::save_buffers(state, "exp_avg_sq", square_);
        state.add("step", from_vector(steps_));
        return state;
    }
    /// Throws   IndexError, DtypeError, ShapeError: not the state of an optimizer of these parameters
    void load_state_dict(const StateDict& state) {
        const Tensor<int64_t> steps = state.get<int64_t>("step");
        if (steps.numel() != static_cast<int64_t>(steps_.size()))
            detail::fail<ShapeError>("AdamW", "state of ", steps.numel(), " parameters for ", steps_.size());
        this->load_buffers(state, "exp_avg", mean_);
        this->load_buffers(state, "exp_avg_sq", square_);
        steps_ = to_vector(steps);
    }

private:
    std::vector<Tensor<T>> mean_, square_;
    std::vector<int64_t> steps_;
};
template <class T>
AdamW(std::vector<Tensor<T>>) -> AdamW<T>;
template <class T>
AdamW(std::vector<Tensor<T>>, AdamWOptions) -> AdamW<T>;

}
