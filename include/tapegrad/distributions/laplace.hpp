// The Laplace distribution.
#pragma once

#include "distribution.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The Laplace distribution, an exponential on either side.
///   p(x) = exp(-|x - loc| / scale) / (2 scale)
/// Shape    loc, scale broadcast together -> the batch; events ()
/// Grad     of all functions and of rsample, by parameters and values
/// Throws   ShapeError: the parameters do not broadcast; ValueError: loc NaN, scale not above 0
template <Floating T>
struct Laplace : detail::Reparameterized<Laplace<T>> {
    using Value = Tensor<T>;
    Tensor<T> loc, scale;

    Laplace(const Tensor<T>& loc_, const Tensor<T>& scale_) {
        const Shape batch = broadcast_shapes("Laplace", loc_.shape(), scale_.shape());
        detail::check_parameter("Laplace", "loc", loc_, detail::Domain::real);
        detail::check_parameter("Laplace", "scale", scale_, detail::Domain::positive);
        loc = detail::in_batch(loc_, batch);
        scale = detail::in_batch(scale_, batch);
    }

    Shape batch_shape() const { return loc.shape(); }
    Shape event_shape() const { return {}; }
    Tensor<T> mean() const { return loc; }
    Tensor<T> variance() const { return T(2) * scale * scale; }

    Tensor<T> rsample(const Shape& shape, Generator& generator) const {
        return icdf(detail::open_uniform<T>(detail::appended(shape, batch_shape()), generator));
    }
    Tensor<T> log_prob(const Tensor<T>& value) const {
        return map(
            "laplace_log_prob",
            [](const auto& x, const auto& m, const auto& s) { return -log(2 * s) - abs(x - m) / s; }, value,
            loc, scale);
    }
    Tensor<T> cdf(const Tensor<T>& value) const {
        return map(
            "laplace_cdf",
            [](const auto& x, const auto& m, const auto& s) {
                const auto z = (x - m) / s, half = 0.5 * exp(-abs(z));
                return where(z < 0, half, 1 - half);
            },
            value, loc, scale);
    }
    /// The number below which a share lies.
    Tensor<T> icdf(const Tensor<T>& share) const {
        return map(
            "laplace_icdf",
            [](const auto& p, const auto& m, const auto& s) {
                return m + s * where(p < 0.5, log(2 * p), -log(2 - 2 * p));
            },
            share, loc, scale);
    }
    /// In nats.
    Tensor<T> entropy() const { return log(scale) + 1.6931471805599453094; }  // 1 + log(2)
};

/// Divergence of q from p, in nats.
template <class T>
Tensor<T> kl_divergence(const Laplace<T>& p, const Laplace<T>& q) {
    return map(
        "kl_laplace",
        [](const auto& m, const auto& s, const auto& n, const auto& t) {
            const auto apart = abs(m - n);
            return log(t / s) + apart / t + s / t * exp(-apart / s) - 1;
        },
        p.loc, p.scale, q.loc, q.scale);
}

}
