// Gradients kept short.
#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "../simd/optimizer.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Calls f(gradient), contiguous, for those that there are.
template <class T, class F>
void for_each_gradient(std::span<const Tensor<T>> parameters, const F& f) {
    for (const Tensor<T>& p : parameters)
        if (const Tensor<T> gradient = p.grad(); gradient.defined()) f(contiguous(gradient));
}
/// Writes what change(elements, count) makes of each gradient.
template <class T, class F>
void change_gradients(std::span<const Tensor<T>> parameters, const F& change) {
    for (Tensor<T> p : parameters)  // first what may find no memory
        if (const Tensor<T> gradient = p.grad(); gradient.defined()) p.set_grad(contiguous(gradient));
    for (const Tensor<T>& p : parameters)
        if (Tensor<T> gradient = p.grad(); gradient.defined())
            change(gradient.mutable_data(), gradient.numel());
}

}

struct GradNormOptions {
    double norm_type = 2;             // any p > 0; infinity for the largest magnitude
    bool error_if_nonfinite = false;  // clip_grad_norm throws, and changes nothing
};

/// The norm of all gradients as one vector; 0 without any.
///   (sum_i |g_i|^p)^(1/p)
/// Numeric  summed in double, in the same order for any number of threads
/// Throws   ValueError: norm_type not above 0
template <Floating T>
double grad_norm(std::span<const Tensor<T>> parameters, const GradNormOptions& options = {}) {
    const double p = options.norm_type;
    if (!(p > 0)) detail::fail<ValueError>("grad_norm", "norm_type is ", p, "; it must be above 0");
    double sum = 0, largest = 0;
    if (p == 2) {
        detail::for_each_gradient(
            parameters, [&](const Tensor<T>& g) { sum += simd::sum_of_squares(g.data(), g.numel()); });
        return std::sqrt(sum);
    }
    detail::for_each_gradient(parameters, [&](const Tensor<T>& g) {
        const double m = simd::largest_magnitude(g.data(), g.numel());
        if (!(m <= largest) && !std::isnan(largest)) largest = m;
    });
    if (std::isinf(p) || !(largest > 0) || !std::isfinite(largest)) return largest;
    // Over the largest, so that no power overflows.
    detail::for_each_gradient(parameters, [&](const Tensor<T>& g) {
        sum += simd::sum_of_powers(g.data(), g.numel(), p, 1 / largest);
    });
    return largest * std::pow(sum, 1 / p);
}
template <Floating T>
double grad_norm(const std::vector<Tensor<T>>& parameters, const GradNormOptions& options = {}) {
    return grad_norm(std::span<const Tensor<T>>(parameters), options);
}

/// Scales the gradients so that their norm is at most `max_norm`; returns the norm before.
///   g *= min(1, max_norm / (norm + 1e-6))
/// Numeric  a norm of NaN makes every gradient NaN, as in PyTorch: look at what is returned
/// Throws   ValueError: max_norm negative or NaN, norm_type not above 0; error_if_nonfinite, and the norm is not finite
/// Source   Pascanu et al., On the Difficulty of Training Recurrent Neural Networks, 2013
template <Floating T>
double clip_grad_norm(std::span<const Tensor<T>> parameters, double max_norm,
                      const GradNormOptions& options = {}) {
    if (!(max_norm >= 0))
        detail::fail<ValueError>("clip_grad_norm", "max_norm is ", max_norm, "; it must not be negative");
    const double norm = grad_norm(parameters, options), factor = max_norm / (norm + 1e-6);
    if (options.error_if_nonfinite && !std::isfinite(norm))
        detail::fail<ValueError>("clip_grad_norm", "the norm of the gradients is ", norm,
                                 "; they cannot be clipped");
    if (factor >= 1) return norm;
    detail::change_gradients(
        parameters, [factor](T* g, int64_t n) { simd::scale_in_place(g, n, static_cast<T>(factor)); });
    return norm;
}
template <Floating T>
double clip_grad_norm(const std::vector<Tensor<T>>& parameters, double max_norm,
                      const GradNormOptions& options = {}) {
    return clip_grad_norm(std::span<const Tensor<T>>(parameters), max_norm, options);
}

/// Holds every element of the gradients in [-clip_value, clip_value]; NaN stays NaN.
/// Throws   ValueError: clip_value negative or NaN
template <Floating T>
void clip_grad_value(std::span<const Tensor<T>> parameters, double clip_value) {
    if (!(clip_value >= 0))
        detail::fail<ValueError>("clip_grad_value", "clip_value is ", clip_value,
                                 "; it must not be negative");
    const auto low = simd::constant<T>(-clip_value), high = simd::constant<T>(clip_value);
    detail::change_gradients(parameters, [=](T* g, int64_t n) {
        simd::update<T>(
            n, [=](auto& v) TAPEGRAD_LAMBDA { v = min(max(v, low), high); }, g);
    });
}
template <Floating T>
void clip_grad_value(const std::vector<Tensor<T>>& parameters, double clip_value) {
    clip_grad_value(std::span<const Tensor<T>>(parameters), clip_value);
}

}
