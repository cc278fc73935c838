// The logistic distribution.
#pragma once

#include "../ops/activation.hpp"
#include "distribution.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The logistic distribution, whose share below x is a sigmoid.
///   p(x) = sigmoid(z) sigmoid(-z) / scale, z = (x - loc) / scale
/// Shape    loc, scale broadcast together -> the batch; events ()
/// Grad     of all functions and of rsample, by parameters and values
/// Throws   ShapeError: the parameters do not broadcast; ValueError: loc NaN, scale not above 0
template <Floating T>
struct Logistic : detail::Reparameterized<Logistic<T>> {
    using Value = Tensor<T>;
    Tensor<T> loc, scale;

    Logistic(const Tensor<T>& loc_, const Tensor<T>& scale_) {
        const Shape batch = broadcast_shapes("Logistic", loc_.shape(), scale_.shape());
        detail::check_parameter("Logistic", "loc", loc_, detail::Domain::real);
        detail::check_parameter("Logistic", "scale", scale_, detail::Domain::positive);
        loc = detail::in_batch(loc_, batch);
        scale = detail::in_batch(scale_, batch);
    }

    Shape batch_shape() const { return loc.shape(); }
    Shape event_shape() const { return {}; }
    Tensor<T> mean() const { return loc; }
    Tensor<T> variance() const { return scale * scale * T(3.2898681336964528729); }  // pi^2 / 3

    Tensor<T> rsample(const Shape& shape, Generator& generator) const {
        return icdf(detail::open_uniform<T>(detail::appended(shape, batch_shape()), generator));
    }
    Tensor<T> log_prob(const Tensor<T>& value) const {
        return map(
            "logistic_log_prob",
            [](const auto& x, const auto& m, const auto& s) {
                const auto z = (x - m) / s;
                return -z - 2 * softplus(-z) - log(s);
            },
            value, loc, scale);
    }
    Tensor<T> cdf(const Tensor<T>& value) const { return sigmoid((value - loc) / scale); }
    /// The number below which a share lies.
    Tensor<T> icdf(const Tensor<T>& share) const { return loc + scale * logit(share); }
    /// In nats.
    Tensor<T> entropy() const { return log(scale) + T(2); }
};

}
