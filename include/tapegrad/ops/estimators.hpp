// Gradients that are not the derivative of the value: estimators for steps without one, and signals turned
// round. `x.detach()` stops a gradient; an estimator of one's own is a `record` with any backward.
#pragma once

#include "elementwise.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// `value` going forward, the gradient of `surrogate` going back: the straight-through estimator.
///   straight_through(round(x), x): rounds, and has the gradient of x
/// Shape    value and surrogate of one shape -> y, same shape
/// Grad     dsurrogate = dy; none by value
/// Throws   ShapeError: the shapes differ
/// Source   Bengio et al., Estimating or Propagating Gradients Through Stochastic Neurons, 2013
template <Floating T>
Tensor<T> straight_through(const Tensor<T>& value, const Tensor<T>& surrogate) {
    if (value.shape() != surrogate.shape())
        detail::fail<ShapeError>("straight_through", "value ", value.shape(), " and surrogate ",
                                 surrogate.shape(), " differ");
    return record("straight_through", value.requires_grad() ? value.detach() : value, {surrogate},
                  [](const Tensor<T>& dy) { return dy; });
}

/// x going forward, its gradient times `scale` going back.
/// Shape    x (any) -> y, same shape
/// Grad     dx = scale dy
template <Floating T>
Tensor<T> scale_gradient(const Tensor<T>& x, double scale) {
    return record("scale_gradient", x.requires_grad() ? x.detach() : x, {x},
                  [scale](const Tensor<T>& dy) { return dy * scale; });
}

/// x going forward, the opposite of its gradient, times `scale`, going back: what lies before learns to do badly.
/// Shape    x (any) -> y, same shape
/// Grad     dx = -scale dy
/// Source   Ganin and Lempitsky, Unsupervised Domain Adaptation by Backpropagation, 2015
template <Floating T>
Tensor<T> reverse_gradient(const Tensor<T>& x, double scale = 1) {
    return scale_gradient(x, -scale);
}

/// x going forward, its gradient kept within [-limit, limit], element by element, going back.
/// Shape    x (any) -> y, same shape
/// Grad     dx = min(max(dy, -limit), limit)
template <Floating T>
Tensor<T> clip_gradient(const Tensor<T>& x, double limit) {
    return record("clip_gradient", x.requires_grad() ? x.detach() : x, {x},
                  [limit](const Tensor<T>& dy) { return clamp(dy, -limit, limit); });
}

}
