// Parameters of 16 bits that are trained through copies of 32: an update that is smaller than half a step of
// bfloat16 (1/256 of the value) would be lost.
#pragma once

#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// float copies of parameters, for the optimizer.
///   MasterWeights masters(parameters<bfloat16>(model));
///   AdamW optimizer(masters.parameters());
///   loss.backward();
///   masters.take_gradients();
///   optimizer.step();
///   masters.write_back();
template <Real16 S>
class MasterWeights {
public:
    explicit MasterWeights(std::vector<Tensor<S>> parameters) : stored_(std::move(parameters)) {
        for (const Tensor<S>& p : stored_) {
            masters_.push_back(detail::cast<float>(p));
            masters_.back().requires_grad_();
        }
    }

    /// The copies, in the order of the parameters.
    const std::vector<Tensor<float>>& parameters() const { return masters_; }

    /// Moves the gradients of the parameters to the copies, divided by `scale`: the factor that a loss in
    /// float16 was multiplied with. A parameter without one leaves none.
    void take_gradients(float scale = 1) {
        for (std::size_t i = 0; i < stored_.size(); ++i) {
            const Tensor<S> gradient = stored_[i].grad();
            if (!gradient.defined()) {
                masters_[i].zero_grad();
                continue;
            }
            Tensor<float> g = detail::cast<float>(gradient);
            float* const out = detail::output(g);
            if (scale != 1)
                for (int64_t k = 0; k < g.numel(); ++k) out[k] /= scale;
            masters_[i].set_grad(std::move(g));
            stored_[i].zero_grad();
        }
    }
    /// Rounds the copies into the parameters, to nearest, ties to even; counts as a write.
    void write_back() {
        for (std::size_t i = 0; i < stored_.size(); ++i) {
            const Tensor<S> rounded = detail::cast<S>(masters_[i]);
            detail::assign(stored_[i], rounded);
        }
    }

private:
    std::vector<Tensor<S>> stored_;
    std::vector<Tensor<float>> masters_;
};

}
