// Gradients kept short.
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "../simd/optimizer.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The norm of all gradients as one vector; 0 without any.
/// Numeric  summed in double, in the same order for any number of threads
template <Floating T>
double grad_norm(std::span<const Tensor<T>> parameters) {
    double sum = 0;
    for (const Tensor<T>& p : parameters) {
        const Tensor<T> gradient = p.grad();
        if (gradient.defined())
            sum += simd::sum_of_squares(detail::contiguous(gradient).data(), gradient.numel());
    }
    return std::sqrt(sum);
}
template <Floating T>
double grad_norm(const std::vector<Tensor<T>>& parameters) {
    return grad_norm(std::span<const Tensor<T>>(parameters));
}

/// Scales the gradients so that their norm is at most `max_norm`; returns the norm before.
///   g *= min(1, max_norm / (norm + 1e-6))
/// Numeric  a norm of NaN makes every gradient NaN, as in PyTorch: look at what is returned
/// Throws   ValueError: max_norm negative or NaN
/// Source   Pascanu et al., On the Difficulty of Training Recurrent Neural Networks, 2013
template <Floating T>
double clip_grad_norm(std::span<const Tensor<T>> parameters, double max_norm) {
    if (!(max_norm >= 0))
        detail::fail<ValueError>("clip_grad_norm", "max_norm is ", max_norm, "; it must not be negative");
    const double norm = grad_norm(parameters), factor = max_norm / (norm + 1e-6);
    if (factor >= 1) return norm;
    for (Tensor<T> p : parameters) {
        if (!p.grad().defined()) continue;
        Tensor<T> gradient = detail::contiguous(p.grad());
        simd::scale_in_place(gradient.mutable_data(), gradient.numel(), static_cast<T>(factor));
        p.set_grad(std::move(gradient));
    }
    return norm;
}
template <Floating T>
double clip_grad_norm(const std::vector<Tensor<T>>& parameters, double max_norm) {
    return clip_grad_norm(std::span<const Tensor<T>>(parameters), max_norm);
}

}
