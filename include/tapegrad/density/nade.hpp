// NADE: the neural autoregressive distribution estimator of variables that are 0 or 1.
#pragma once

#include "../nn/init.hpp"
#include "../nn/module.hpp"
#include "../ops/nade.hpp"
#include "binary.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Parameters of the recurrence of NADE as they begin: even over [-b, b), b = 1 / sqrt(inputs) of each.
template <class M>
void begin_nade(M& model, Shape output_weight, Shape bias, int64_t variables, int64_t hidden,
                Generator& generator) {
    using T = typename decltype(model.weight)::value_type;
    if (variables < 1 || hidden < 1)
        fail<ValueError>("Nade", variables, " variables and ", hidden, " units; there must be one or more");
    const auto fresh = [&](const Shape& shape, int64_t inputs) {
        Tensor<T> w = parameter(empty<T>(shape));
        const double bound = 1 / std::sqrt(static_cast<double>(inputs));
        init::uniform_(w, generator, -bound, bound);
        return w;
    };
    model.weight = fresh({variables, hidden}, variables);
    model.hidden_bias = fresh({hidden}, variables);
    model.output_weight = fresh(output_weight, hidden);
    model.bias = fresh(bias, hidden);
}

}

/// log p(x) = sum_d log Bernoulli(x_d; sigmoid(b_d + v_d . h_d)), h_d = sigmoid(c + sum_{e < d} x_e w_e)
/// Shape    x (B, D); weight and output_weight (D, H), bias (D,), hidden_bias (H,)
/// Numeric  O(D H) for a sample, in training and in drawing
/// Source   Larochelle and Murray, The Neural Autoregressive Distribution Estimator, 2011
template <Floating T = float>
struct Nade {
    Tensor<T> weight, hidden_bias, output_weight, bias;
    TAPEGRAD_FIELDS(weight, hidden_bias, output_weight, bias);

    Nade() = default;
    /// Throws   ValueError: no variable or no unit
    Nade(int64_t variables, int64_t hidden, Generator& generator) {
        detail::begin_nade(*this, {variables, hidden}, {variables}, variables, hidden, generator);
    }

    int64_t variables() const { return weight.size(0); }
    Tensor<T> logits(const Tensor<T>& x) const {
        return squeeze(nade(x, weight, unsqueeze(output_weight, 1), unsqueeze(bias, 1), hidden_bias), 2);
    }
    /// In nats; (B,).
    Tensor<T> log_prob(const Tensor<T>& x) const { return bernoulli_log_prob(logits(x), x); }

    /// Draws (n, D).
    Tensor<T> sample(int64_t n, Generator& generator) const {
        return detail::sample_of<T>(*this, n, variables(), generator);
    }
    /// Draws what is not known, given what of it lies before.
    /// Shape    x (n, D), known (D,) or (n, D) -> (n, D)
    /// Throws   ShapeError: sizes differ
    Tensor<T> inpaint(const Tensor<T>& x, const Tensor<bool>& known, Generator& generator) const {
        const Tensor<bool> given = detail::known_of("Nade", x, known, variables());
        Tensor<T> a = expand(hidden_bias.detach(), {x.size(0), hidden_bias.size(0)});
        int64_t taken = 0;  // variables that a has in it
        const auto logits_of = [&](const Tensor<T>& y, int64_t d) {
            for (; taken < d; ++taken) a = a + slice(y, 1, taken, taken + 1) * select(weight, 0, taken);
            const Tensor<T> v = slice(output_weight, 0, d, d + 1);  // (1, H)
            return squeeze(linear(sigmoid(a), v, slice(bias, 0, d, d + 1)), 1);
        };
        return detail::draw_in_order(x, given, detail::natural_order(variables()), generator, logits_of);
    }
};
Nade(int64_t, int64_t, Generator&)->Nade<float>;

}
