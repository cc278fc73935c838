// The beta distribution.
#pragma once

#include "../ops/gamma_sample.hpp"
#include "distribution.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The beta distribution.
///   p(x) = x^(a - 1) (1 - x)^(b - 1) gamma(a + b) / (gamma(a) gamma(b)), a and b concentration1 and 0, 0 < x < 1
/// Shape    concentration1, concentration0 broadcast together -> the batch; events ()
/// Grad     of all functions by parameters and values, of rsample by implicit reparameterization of the two gamma
///          variates that it is made of; no second derivative of that by a concentration
/// Throws   ShapeError: the parameters do not broadcast; ValueError: one is not above 0
template <Floating T>
struct Beta : detail::Reparameterized<Beta<T>> {
    using Value = Tensor<T>;
    Tensor<T> concentration1, concentration0;

    Beta(const Tensor<T>& one, const Tensor<T>& zero) {
        const Shape batch = broadcast_shapes("Beta", one.shape(), zero.shape());
        detail::check_parameter("Beta", "concentration1", one, detail::Domain::positive);
        detail::check_parameter("Beta", "concentration0", zero, detail::Domain::positive);
        concentration1 = detail::in_batch(one, batch);
        concentration0 = detail::in_batch(zero, batch);
    }

    Shape batch_shape() const { return concentration1.shape(); }
    Shape event_shape() const { return {}; }
    Tensor<T> mean() const { return concentration1 / (concentration1 + concentration0); }
    Tensor<T> variance() const {
        const Tensor<T> total = concentration1 + concentration0;
        return concentration1 * concentration0 / (total * total * (total + T(1)));
    }

    Tensor<T> rsample(const Shape& shape, Generator& generator) const {
        const Shape all_of = detail::appended(shape, batch_shape());
        const Tensor<T> one = log_gamma_sample(detail::in_batch(concentration1, all_of), generator);
        return sigmoid(one - log_gamma_sample(detail::in_batch(concentration0, all_of), generator));
    }
    Tensor<T> log_prob(const Tensor<T>& value) const {
        return map(
            "beta_log_prob",
            [](const auto& x, const auto& a, const auto& b) {
                return xlogy(a - 1, x) + xlogy(b - 1, 1 - x) + lgamma(a + b) - lgamma(a) - lgamma(b);
            },
            value, concentration1, concentration0);
    }
    /// In nats.
    Tensor<T> entropy() const {
        return map(
            "beta_entropy",
            [](const auto& a, const auto& b) {
                return lgamma(a) + lgamma(b) - lgamma(a + b) + (a + b - 2) * digamma(a + b) -
                       (a - 1) * digamma(a) - (b - 1) * digamma(b);
            },
            concentration1, concentration0);
    }
};

/// Divergence of q from p, in nats.
template <class T>
Tensor<T> kl_divergence(const Beta<T>& p, const Beta<T>& q) {
    return map(
        "kl_beta",
        [](const auto& a, const auto& b, const auto& c, const auto& d) {
            const auto weights =
                lgamma(c) + lgamma(d) + lgamma(a + b) - lgamma(a) - lgamma(b) - lgamma(c + d);
            return weights + (a - c) * digamma(a) + (b - d) * digamma(b) + (c + d - a - b) * digamma(a + b);
        },
        p.concentration1, p.concentration0, q.concentration1, q.concentration0);
}

}
