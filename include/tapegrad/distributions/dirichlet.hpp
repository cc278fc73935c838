// The Dirichlet distribution.
#pragma once

#include "../ops/gamma_sample.hpp"
#include "../ops/softmax.hpp"
#include "distribution.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The Dirichlet distribution, of vectors of probabilities.
///   p(x) = gamma(sum c) prod_i x_i^(c_i - 1) / gamma(c_i), c the concentration, sum x = 1
/// Shape    concentration (batch..., k) -> the batch; events (k,)
/// Grad     of all functions by parameters and values, of rsample by implicit reparameterization of the gamma
///          variates that it is made of; no second derivative of that by the concentration
/// Throws   ShapeError: rank 0; ValueError: a concentration is not above 0
template <Floating T>
struct Dirichlet : detail::Reparameterized<Dirichlet<T>> {
    using Value = Tensor<T>;
    Tensor<T> concentration;

    explicit Dirichlet(const Tensor<T>& concentration_) : concentration(concentration_) {
        if (concentration.rank() == 0)
            detail::fail<ShapeError>("Dirichlet", "a number alone is no concentration");
        detail::check_parameter("Dirichlet", "concentration", concentration, detail::Domain::positive);
    }

    Shape batch_shape() const { return detail::without_last(concentration.shape(), 1); }
    Shape event_shape() const { return {concentration.size(-1)}; }
    Tensor<T> mean() const { return concentration / sum(concentration, {-1}, true); }
    Tensor<T> variance() const {
        const Tensor<T> total = sum(concentration, {-1}, true);
        return concentration * (total - concentration) / (total * total * (total + T(1)));
    }

    Tensor<T> rsample(const Shape& shape, Generator& generator) const {
        const Tensor<T> all_of =
            detail::in_batch(concentration, detail::appended(shape, concentration.shape()));
        return softmax(log_gamma_sample(all_of, generator), -1);
    }
    Tensor<T> log_prob(const Tensor<T>& value) const {
        return sum(xlogy(concentration - T(1), value) - lgamma(concentration), {-1}) +
               lgamma(sum(concentration, {-1}));
    }
    /// In nats.
    Tensor<T> entropy() const {
        const Tensor<T> total = sum(concentration, {-1});
        const Tensor<T> parts = map(
            "dirichlet_entropy", [](const auto& c) { return lgamma(c) - (c - 1) * digamma(c); },
            concentration);
        return sum(parts, {-1}) - lgamma(total) +
               (total - static_cast<T>(concentration.size(-1))) * digamma(total);
    }
};

/// Divergence of q from p, in nats.
template <class T>
Tensor<T> kl_divergence(const Dirichlet<T>& p, const Dirichlet<T>& q) {
    const Tensor<T> total = sum(p.concentration, {-1}, true);
    const Tensor<T> parts = map(
        "kl_dirichlet",
        [](const auto& a, const auto& b, const auto& s) {
            return lgamma(b) - lgamma(a) + (a - b) * (digamma(a) - digamma(s));
        },
        p.concentration, q.concentration, total);
    return sum(parts, {-1}) + lgamma(squeeze(total, -1)) - lgamma(sum(q.concentration, {-1}));
}

}
