// The gamma distribution.
#pragma once

#include "../ops/gamma_sample.hpp"
#include "distribution.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The gamma distribution.
///   p(x) = rate^c x^(c - 1) exp(-rate x) / gamma(c), c the concentration, x > 0
/// Shape    concentration, rate broadcast together -> the batch; events ()
/// Grad     of all functions by parameters and values, of rsample by implicit reparameterization; no second
///          derivative of cdf and rsample by the concentration
/// Throws   ShapeError: the parameters do not broadcast; ValueError: one is not above 0
template <Floating T>
struct Gamma : detail::Reparameterized<Gamma<T>> {
    using Value = Tensor<T>;
    Tensor<T> concentration, rate;

    Gamma(const Tensor<T>& concentration_, const Tensor<T>& rate_) {
        const Shape batch = broadcast_shapes("Gamma", concentration_.shape(), rate_.shape());
        detail::check_parameter("Gamma", "concentration", concentration_, detail::Domain::positive);
        detail::check_parameter("Gamma", "rate", rate_, detail::Domain::positive);
        concentration = detail::in_batch(concentration_, batch);
        rate = detail::in_batch(rate_, batch);
    }

    Shape batch_shape() const { return rate.shape(); }
    Shape event_shape() const { return {}; }
    Tensor<T> mean() const { return concentration / rate; }
    Tensor<T> variance() const { return concentration / (rate * rate); }

    /// At least the smallest normal number, so that it has a logarithm.
    Tensor<T> rsample(const Shape& shape, Generator& generator) const {
        const Tensor<T> all_of = detail::in_batch(concentration, detail::appended(shape, batch_shape()));
        return maximum(exp(log_gamma_sample(all_of, generator)) / rate, std::numeric_limits<T>::min());
    }
    Tensor<T> log_prob(const Tensor<T>& value) const {
        return map(
            "gamma_log_prob",
            [](const auto& x, const auto& c, const auto& r) {
                return xlogy(c, r) + xlogy(c - 1, x) - r * x - lgamma(c);
            },
            value, concentration, rate);
    }
    Tensor<T> cdf(const Tensor<T>& value) const { return igamma(concentration, rate * value); }
    /// In nats.
    Tensor<T> entropy() const {
        return map(
            "gamma_entropy",
            [](const auto& c, const auto& r) { return c - log(r) + lgamma(c) + (1 - c) * digamma(c); },
            concentration, rate);
    }
};

/// Divergence of q from p, in nats.
template <class T>
Tensor<T> kl_divergence(const Gamma<T>& p, const Gamma<T>& q) {
    return map(
        "kl_gamma",
        [](const auto& a, const auto& r, const auto& b, const auto& s) {
            return b * log(r / s) + lgamma(b) - lgamma(a) + (a - b) * digamma(a) + (s - r) * (a / r);
        },
        p.concentration, p.rate, q.concentration, q.rate);
}

}
