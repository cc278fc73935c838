// The gradient of a batch that does not fit, from parts of it.
#pragma once

#include "../autograd/backward.hpp"
#include "../ops/elementwise.hpp"
#include "clip.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Sums losses and counts tokens over micro-batches, so that parts of unequal length weigh as in one batch: the mean
/// over all tokens, not the mean of means.
///   for (part : parts) accumulation.backward(cross_entropy(...), tokens in the part);
///   const double loss = accumulation.finish(parameters);
///   optimizer.step();
class GradientAccumulation {
public:
    /// Adds the gradient of `count` times a mean over `count` tokens. Of a part without tokens nothing is added, not
    /// even its loss of NaN.
    /// Throws   ValueError: a negative count; AutogradError: the loss has no graph
    template <Floating T>
    void backward(const Tensor<T>& mean_loss, int64_t count) {
        if (count < 0)
            detail::fail<ValueError>("GradientAccumulation", "count is ", count, "; it must not be negative");
        if (count == 0) return;
        const Tensor<T> total = mean_loss * static_cast<T>(count);
        total.backward();
        sum_ += static_cast<double>(total.item());
        count_ += count;
    }
    /// Tokens since `finish`.
    int64_t count() const { return count_; }

    /// Divides the gradients by the number of tokens and begins anew; returns the mean loss. The gradients are those
    /// of the mean over all tokens.
    /// Throws   ValueError: there were no tokens
    template <Floating T>
    double finish(std::span<const Tensor<T>> parameters) {
        if (count_ == 0) detail::fail<ValueError>("GradientAccumulation", "there were no tokens");
        const auto tokens = static_cast<double>(count_);
        const double mean = sum_ / tokens;
        detail::change_gradients(
            parameters, [&](T* g, int64_t n) { simd::scale_in_place(g, n, static_cast<T>(1 / tokens)); });
        sum_ = 0;
        count_ = 0;
        return mean;
    }
    template <Floating T>
    double finish(const std::vector<Tensor<T>>& parameters) {
        return finish(std::span<const Tensor<T>>(parameters));
    }

private:
    double sum_ = 0;
    int64_t count_ = 0;
};

}
