// The fully visible sigmoid belief network: a logistic regression for each variable on those before it.
#pragma once

#include "../nn/masked_linear.hpp"
#include "binary.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// log p(x) = sum_d log Bernoulli(x_d; sigmoid(b_d + sum_{e < d} w_de x_e)), of variables that are 0 or 1.
/// Shape    x (B, D)
/// Numeric  begins as Linear
/// Source   Frey, Graphical Models for Machine Learning and Digital Communication, 1998
template <Floating T = float>
struct Fvsbn {
    MaskedLinear<T> layer;
    TAPEGRAD_FIELDS(layer);

    Fvsbn() = default;
    /// Throws   ShapeError: a negative size
    Fvsbn(int64_t variables, Generator& generator)
        : layer(arange<int64_t>(variables), arange<int64_t>(variables), SeenDegrees::below_own, generator) {}

    int64_t variables() const { return layer.mask.size(0); }
    Tensor<T> logits(const Tensor<T>& x) const {
        return layer.by_degrees(x, layer.degrees, SeenDegrees::below_own);
    }
    /// In nats; (B,).
    Tensor<T> log_prob(const Tensor<T>& x) const { return bernoulli_log_prob(logits(x), x); }

    /// Draws (n, D), D^2 / 2 products each.
    Tensor<T> sample(int64_t n, Generator& generator) const {
        return detail::sample_of<T>(*this, n, variables(), generator);
    }
    /// Draws what is not known, given what of it lies before.
    /// Shape    x (n, D), known (D,) or (n, D) -> (n, D)
    /// Throws   ShapeError: sizes differ
    Tensor<T> inpaint(const Tensor<T>& x, const Tensor<bool>& known, Generator& generator) const {
        const Tensor<bool> given = detail::known_of("Fvsbn", x, known, variables());
        const auto logits_of = [&](const Tensor<T>& y, int64_t d) {
            const Tensor<T> w = slice(slice(layer.weight, 0, d, d + 1), 1, 0, d);  // (1, d)
            return squeeze(linear(slice(y, 1, 0, d), w, slice(layer.bias, 0, d, d + 1)), 1);
        };
        return detail::draw_in_order(x, given, detail::natural_order(variables()), generator, logits_of);
    }
};
Fvsbn(int64_t, Generator&)->Fvsbn<float>;

}
