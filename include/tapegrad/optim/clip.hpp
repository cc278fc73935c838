// Clipping of gradients by their common norm.
#pragma once

#include <vector>

#include "../simd/optimizer.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Scales all gradients together so that their norm is at most `max_norm`; returns the norm before. Gradients are
/// scaled in place by max_norm / (norm + 1e-6) when that is below 1, as in PyTorch. A norm that is not finite scales
/// as the number says: look at what is returned.
/// Throws   ValueError: max_norm negative or NaN
template <Floating T>
double clip_grad_norm(const std::vector<Tensor<T>>& parameters, double max_norm) {
    if (!(max_norm >= 0)) detail::fail<ValueError>("clip_grad_norm", "max_norm is ", max_norm, "; it must be at least 0");
    std::vector<Tensor<T>> gradients;
    for (const Tensor<T>& p : parameters)
        if (p.grad().defined()) gradients.push_back(p.grad());
    double squares = 0;
    for (const Tensor<T>& g : gradients) squares += simd::sum_of_squares(detail::contiguous(g).data(), g.numel());
    const double norm = std::sqrt(squares), factor = max_norm / (norm + 1e-6);
    if (factor >= 1) return norm;
    for (Tensor<T>& g : gradients) {
        if (g.is_contiguous()) {
            simd::scale_in_place(g.mutable_data(), g.numel(), static_cast<T>(factor));
        } else {
            Tensor<T> scaled = detail::copy(g);
            simd::scale_in_place(detail::output(scaled), g.numel(), static_cast<T>(factor));
            detail::assign(g, scaled);
        }
    }
    return norm;
}

}
