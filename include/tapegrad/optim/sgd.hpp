// Stochastic gradient descent, with momentum.
#pragma once

#include "../simd/optimizer.hpp"
#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// PyTorch's defaults, but for the learning rate, which it leaves to the caller.
struct SgdOptions {
    double lr = 1e-3;
    double momentum = 0;
    double dampening = 0;
    double weight_decay = 0;
    bool nesterov = false;
};

/// g += decay p;  b = momentum b + (1 - dampening) g;  p -= lr b, or lr (g + momentum b) for Nesterov. The first b is g.
/// Equal to torch.optim.SGD.
/// Throws   ValueError: Nesterov without momentum or with dampening
/// Source   Sutskever et al., On the importance of initialization and momentum in deep learning, 2013
template <Floating T = float>
class SGD : public OptimizerBase<T, SgdOptions> {
public:
    using Base = OptimizerBase<T, SgdOptions>;
    using typename Base::Group;

    explicit SGD(std::vector<Tensor<T>> parameters, SgdOptions options = {})
        : SGD(std::vector<Group>{{std::move(parameters), options}}) {}
    explicit SGD(std::vector<Group> groups) : Base(std::move(groups)), buffers_(this->count()) {
        for (const Group& group : this->groups())
            if (group.options.nesterov && (group.options.momentum <= 0 || group.options.dampening != 0))
                detail::fail<ValueError>("SGD", "Nesterov needs a momentum above 0 and no dampening");
    }

    /// One update from the gradients as they are.
    void step() {
        this->for_each_gradient([&](const SgdOptions& o, Tensor<T>& p, const Tensor<T>& g, std::size_t i) {
            const bool first = !buffers_[i].defined();
            if (first && o.momentum != 0) buffers_[i] = empty_like(p);
            T* const buffer = o.momentum != 0 ? buffers_[i].mutable_data() : nullptr;
            simd::sgd(p.mutable_data(), g.data(), buffer, p.numel(),
                      simd::SgdStep<T>{static_cast<T>(o.lr), static_cast<T>(o.momentum), static_cast<T>(o.dampening),
                                       static_cast<T>(o.weight_decay), o.nesterov, first});
        });
    }

    /// "momentum_buffer.<i>" of the parameters that have one.
    StateDict state_dict() const {
        StateDict state;
        Base::save_buffers(state, "momentum_buffer", buffers_);
        return state;
    }
    /// Throws   DtypeError, ShapeError: not the state of an optimizer of these parameters
    void load_state_dict(const StateDict& state) { this->load_buffers(state, "momentum_buffer", buffers_); }

private:
    std::vector<Tensor<T>> buffers_;
};
template <class T>
SGD(std::vector<Tensor<T>>) -> SGD<T>;
template <class T>
SGD(std::vector<Tensor<T>>, SgdOptions) -> SGD<T>;

}
