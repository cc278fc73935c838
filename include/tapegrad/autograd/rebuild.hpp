// `rebuild`: memory that does not grow with depth. Steps that have inverses, behind each other, of which only the last
// result is kept: backward computes what went into each step from what came out.
#pragma once

#include "backward.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// An invertible function of one tensor: step.forward(x), step.inverse(y), and step.parameters(), the tensors beside x
/// of which its result is a function.
template <class S, class T>
concept InvertibleStep = requires(const S& s, const Tensor<T>& x) {
    { s.forward(x) } -> std::same_as<Tensor<T>>;
    { s.inverse(x) } -> std::same_as<Tensor<T>>;
    { s.parameters() } -> std::same_as<std::vector<Tensor<T>>>;
};

/// y = the last step of ... of the first step of x.
///   y = rebuild(steps, x);      // as x = step.forward(x) for each, with the memory of one
/// Shape    x (any) -> y
/// Grad     by x and by every parameter of a step, of first order;  saves y and the steps. From the last step to the
///          first: x_i = inverse(y_i), forward(x_i) again, recorded, and its gradients
/// Numeric  gradients are those at the rebuilt x_i: as exact as the inverses of the steps behind are together. A step
///          must compute the same each time: nothing random, no moments of the batch
/// Throws   in backward AutogradError: a parameter was written to since, or a gradient of a gradient is asked for
/// Source   Gomez et al., The Reversible Residual Network, 2017
/// See      checkpoint, which needs no inverse and keeps the inputs
template <class T, InvertibleStep<T> Step>
Tensor<T> rebuild(const std::vector<Step>& steps, const Tensor<T>& x) {
    Tensor<T> y = x.detach();
    {
        const no_grad values;
        for (const Step& step : steps) y = step.forward(y);
    }
    std::vector<Tensor<T>> given{x};
    for (const Step& step : steps)
        for (Tensor<T>& p : step.parameters()) given.push_back(std::move(p));
    const std::vector<detail::Input> inputs(given.begin(), given.end());
    return record(
        "rebuild", y, std::span<const detail::Input>(inputs),
        [steps](const Tensor<T>& dy, const Tensor<T>& last) {
            if (grad_enabled())
                detail::fail<AutogradError>("rebuild",
                                            "there are no gradients of gradients, for what went "
                                            "into the steps is not kept; use the steps themselves");
            Tensor<T> y_i = last, d = dy;
            std::vector<Tensor<T>> gradients;  // from the last to the first
            for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
                y_i = step->inverse(y_i).detach();
                const enable_grad recording;
                std::vector<Tensor<T>> by{detail::with_node(y_i, nullptr).detach().requires_grad_()};
                const Tensor<T> out = step->forward(by[0]);
                std::vector<Tensor<T>> parameters = step->parameters();
                for (const Tensor<T>& p : parameters)
                    if (p.requires_grad()) by.push_back(p);
                std::vector<Tensor<T>> parts = grad(out, by, {}, d);
                d = std::move(parts[0]);
                std::size_t k = parts.size();
                for (auto p = parameters.rbegin(); p != parameters.rend(); ++p)
                    gradients.push_back(p->requires_grad() ? std::move(parts[--k]) : Tensor<T>());
            }
            gradients.push_back(std::move(d));
            std::reverse(gradients.begin(), gradients.end());
            return gradients;
        });
}

}
