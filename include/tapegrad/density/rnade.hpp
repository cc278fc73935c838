// RNADE: the neural autoregressive density estimator of real numbers.
#pragma once

#include "../ops/indexing.hpp"
#include "../ops/softmax.hpp"
#include "nade.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// log p(x) = sum_d log sum_m w_dm Normal(x_d; mu_dm, sigma_dm), from the hidden units of NADE: w a softmax, sigma an exp
/// Shape    x (B, D); weight (D, H), hidden_bias (H,), output_weight (D, 3 M, H), bias (D, 3 M): of the weights, the means and
///          the logarithms of the deviations
/// Numeric  O(D H M) for a sample. Units are sigmoids and their sums are not scaled anew for each variable, as the paper's
///          are: give it numbers of mean 0 and variance 1
/// Source   Uria, Murray and Larochelle, RNADE: The Real-Valued Neural Autoregressive Density-Estimator, 2013
template <Floating T = float>
struct Rnade {
    Tensor<T> weight, hidden_bias, output_weight, bias;
    TAPEGRAD_FIELDS(weight, hidden_bias, output_weight, bias);

    Rnade() = default;
    /// Throws   ValueError: no variable, no unit or no component
    Rnade(int64_t variables, int64_t hidden, int64_t components, Generator& generator) {
        if (components < 1) detail::fail<ValueError>("Rnade", components, " components");
        detail::begin_nade(*this, {variables, 3 * components, hidden}, {variables, 3 * components}, variables,
                           hidden, generator);
    }

    int64_t variables() const { return weight.size(0); }
    int64_t components() const { return bias.size(1) / 3; }

    /// In nats; (B,).
    Tensor<T> log_prob(const Tensor<T>& x) const {
        const auto [scores, means, logs] =
            chunk<3>(nade(x, weight, output_weight, bias, hidden_bias), -1);  // (B, D, M) each
        const Tensor<T> each = map(
            "normal_component",
            [](const auto& v, const auto& s, const auto& m, const auto& l) {
                constexpr double half_log_two_pi = 0.91893853320467274178;
                const auto z = (v - m) * exp(-l);
                return s - z * z / 2 - l - half_log_two_pi;
            },
            unsqueeze(x, 2), scores, means, logs);
        return sum(logsumexp(each, {-1}) - logsumexp(scores, {-1}), {-1});
    }

    /// Draws (n, D).
    Tensor<T> sample(int64_t n, Generator& generator) const {
        return detail::sample_of<T>(*this, n, variables(), generator);
    }
    /// Draws what is not known, given what of it lies before.
    /// Shape    x (n, D), known (D,) or (n, D) -> (n, D)
    /// Throws   ShapeError: sizes differ
    Tensor<T> inpaint(const Tensor<T>& x, const Tensor<bool>& known, Generator& generator) const {
        const Tensor<bool> given = detail::known_of("Rnade", x, known, variables());
        Tensor<T> a = expand(hidden_bias.detach(), {x.size(0), hidden_bias.size(0)});
        int64_t taken = 0;  // variables that a has in it
        return detail::fill_in_order(
            x, given, detail::natural_order(variables()), [&](const Tensor<T>& y, int64_t d) {
                for (; taken < d; ++taken) a = a + slice(y, 1, taken, taken + 1) * select(weight, 0, taken);
                const auto [scores, means, logs] =
                    chunk<3>(linear(sigmoid(a), select(output_weight, 0, d), select(bias, 0, d)), -1);
                const Tensor<int64_t> which = multinomial(softmax(scores, -1), 1, true, generator);  // (n, 1)
                const auto of_drawn = [&](const Tensor<T>& all_of) {
                    return squeeze(gather(all_of, 1, which), 1);
                };
                return of_drawn(means) + exp(of_drawn(logs)) * randn<T>({x.size(0)}, generator);
            });
    }
};
Rnade(int64_t, int64_t, int64_t, Generator&)->Rnade<float>;

}
