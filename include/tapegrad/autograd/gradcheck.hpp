// `gradcheck`: recorded gradients against central differences, to any order.
#pragma once

#include <cmath>

#include "../core/random.hpp"
#include "backward.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct GradcheckOptions {
    int order = 1;       // 2 also checks the gradients of the gradients, 3 theirs
    double step = 1e-5;  // of the central difference, whose own error is about step^2 and 1e-16 / step
    double absolute = 1e-6;
    double relative = 1e-5;
    std::uint64_t seed = 0;  // of the random weights of the outputs
};

namespace detail {

using Doubles = std::vector<Tensor<double>>;

/// A fixed random tensor of a shape: the weights that make one number of an output.
inline Tensor<double> weights_like(const Tensor<double>& y, Generator& generator) {
    Tensor<double> w = empty<double>(y.shape());
    fill_normal(output(w), w.numel(), generator);
    return w;
}

inline double weighted_sum(const Doubles& outputs, std::uint64_t seed) {
    Generator generator(seed);
    double total = 0;
    for (const Tensor<double>& y : outputs) {
        const Tensor<double> w = weights_like(y, generator), packed = detail::contiguous(y);
        for (int64_t i = 0; i < y.numel(); ++i) total += w.data()[i] * packed.data()[i];
    }
    return total;
}

/// The gradient of `weighted_sum` by each input.
inline Doubles gradients_of(const Doubles& outputs, const Doubles& inputs, std::uint64_t seed) {
    Generator generator(seed);
    Doubles total;
    for (const Tensor<double>& x : inputs) total.push_back(zeros_like(x));
    for (const Tensor<double>& y : outputs) {
        const Tensor<double> w = weights_like(y, generator);
        if (!y.requires_grad()) continue;  // constant, as the high derivatives of a polynomial are
        const Doubles part = grad(y, inputs, {.create_graph = true}, w);
        for (std::size_t k = 0; k < inputs.size(); ++k) GradientTypeOf<double>::add(total[k], part[k]);
    }
    return total;
}

/// f differentiated `order` times, each result weighted to one number before the next.
template <class F>
Doubles differentiate(const F& f, const Doubles& inputs, int order, std::uint64_t seed) {
    if (order == 0) return {f(inputs)};
    return gradients_of(differentiate(f, inputs, order - 1, seed), inputs,
                        seed + static_cast<std::uint64_t>(order));
}

}

/// Compares the gradients of `f`, a function of a vector of tensors that returns one, with central differences.
/// Throws   AutogradError: they differ by more than absolute + relative * |difference|; names the input and the
///          element
template <class F>
void gradcheck(const F& f, const std::vector<Tensor<double>>& at, GradcheckOptions options = {}) {
    const enable_grad recording;
    detail::Doubles inputs;
    for (const Tensor<double>& x : at) inputs.push_back(detail::copy(x).requires_grad_());
    for (int order = 1; order <= options.order; ++order) {
        const auto below = [&] { return detail::differentiate(f, inputs, order - 1, options.seed); };
        const auto seed = options.seed + static_cast<std::uint64_t>(order);
        const detail::Doubles analytic = detail::gradients_of(below(), inputs, seed);
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            const Tensor<double> g = detail::contiguous(analytic[k]);
            for (int64_t i = 0; i < inputs[k].numel(); ++i) {
                const double x = inputs[k].data()[i], h = options.step * std::fmax(1.0, std::fabs(x));
                inputs[k].mutable_data()[i] = x + h;
                const double above = detail::weighted_sum(below(), seed);
                inputs[k].mutable_data()[i] = x - h;
                const double difference = (above - detail::weighted_sum(below(), seed)) / (2 * h);
                inputs[k].mutable_data()[i] = x;
                const double error = std::fabs(g.data()[i] - difference);
                if (!(error <= options.absolute + options.relative * std::fabs(difference)))
                    detail::fail<AutogradError>("gradcheck", "order ", order, ", input ", k, ", element ", i,
                                                ": recorded ", g.data()[i], ", difference ", difference);
            }
        }
    }
}

}
