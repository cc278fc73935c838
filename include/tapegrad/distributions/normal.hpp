// The normal distribution.
#pragma once

#include <cmath>

#include "../tensor/random.hpp"
#include "distribution.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The normal distribution.
///   p(x) = exp(-((x - loc) / scale)^2 / 2) / (scale sqrt(2 pi))
/// Shape    loc (mean), scale (standard deviation) broadcast together -> the batch; events ()
/// Grad     of all functions and of rsample, by parameters and values
/// Throws   ShapeError: the parameters do not broadcast; ValueError: loc NaN, scale not above 0
template <Floating T>
struct Normal : detail::Reparameterized<Normal<T>> {
    using Value = Tensor<T>;
    Tensor<T> loc, scale;

    Normal(const Tensor<T>& loc_, const Tensor<T>& scale_) {
        const Shape batch = broadcast_shapes("Normal", loc_.shape(), scale_.shape());
        detail::check_parameter("Normal", "loc", loc_, detail::Domain::real);
        detail::check_parameter("Normal", "scale", scale_, detail::Domain::positive);
        loc = detail::in_batch(loc_, batch);
        scale = detail::in_batch(scale_, batch);
    }

    Shape batch_shape() const { return loc.shape(); }
    Shape event_shape() const { return {}; }
    Tensor<T> mean() const { return loc; }
    Tensor<T> variance() const { return scale * scale; }

    Tensor<T> rsample(const Shape& shape, Generator& generator) const {
        return loc + scale * randn<T>(detail::appended(shape, batch_shape()), generator);
    }
    Tensor<T> log_prob(const Tensor<T>& value) const {
        return map(
            "normal_log_prob",
            [](const auto& x, const auto& m, const auto& s) {
                const auto z = (x - m) / s;
                return -0.5 * (z * z) - log(s) - 0.91893853320467274178;  // log(2 pi) / 2
            },
            value, loc, scale);
    }
    Tensor<T> cdf(const Tensor<T>& value) const {
        return map(
            "normal_cdf", [](const auto& x, const auto& m, const auto& s) { return ndtr((x - m) / s); },
            value, loc, scale);
    }
    /// The number below which a share lies.
    Tensor<T> icdf(const Tensor<T>& share) const {
        return map(
            "normal_icdf",
            [](const auto& p, const auto& m, const auto& s) {
                return m + s * erfinv(2 * p - 1) * 1.4142135623730950488;  // sqrt(2)
            },
            share, loc, scale);
    }
    /// In nats.
    Tensor<T> entropy() const { return log(scale) + 1.4189385332046727418; }  // (1 + log(2 pi)) / 2
};

/// Divergence of q from p, in nats: the mean of log p - log q over p.
template <class T>
Tensor<T> kl_divergence(const Normal<T>& p, const Normal<T>& q) {
    return map(
        "kl_normal",
        [](const auto& m, const auto& s, const auto& n, const auto& t) {
            const auto ratio = s / t, z = (m - n) / t;
            return 0.5 * (ratio * ratio + z * z - 1) - log(ratio);
        },
        p.loc, p.scale, q.loc, q.scale);
}

}
