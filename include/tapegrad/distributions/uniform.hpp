// The uniform distribution.
#pragma once

#include <limits>

#include "../tensor/random.hpp"
#include "distribution.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Every number of an interval alike.
///   p(x) = 1 / (high - low) in [low, high), 0 outside
/// Shape    low, high broadcast together -> the batch; events ()
/// Grad     of all functions and of rsample, by parameters and values; 0 outside
/// Throws   ShapeError: the parameters do not broadcast; ValueError: one is NaN, or low not below high
template <Floating T>
struct Uniform : detail::Reparameterized<Uniform<T>> {
    using Value = Tensor<T>;
    Tensor<T> low, high;

    Uniform(const Tensor<T>& low_, const Tensor<T>& high_) {
        const Shape batch = broadcast_shapes("Uniform", low_.shape(), high_.shape());
        detail::check_parameter("Uniform", "low", low_, detail::Domain::real);
        detail::check_parameter("Uniform", "high", high_, detail::Domain::real);
        low = detail::in_batch(low_, batch);
        high = detail::in_batch(high_, batch);
        const Tensor<T> a = detail::contiguous(low), b = detail::contiguous(high);
        for (int64_t i = 0; i < a.numel(); ++i)
            if (!(a.data()[i] < b.data()[i]))
                detail::fail<ValueError>("Uniform", "low ", a.data()[i], " is not below high ", b.data()[i]);
    }

    Shape batch_shape() const { return low.shape(); }
    Shape event_shape() const { return {}; }
    Tensor<T> mean() const { return (low + high) * T(0.5); }
    Tensor<T> variance() const { return square(high - low) * T(1. / 12); }

    Tensor<T> rsample(const Shape& shape, Generator& generator) const {
        return low + (high - low) * rand<T>(detail::appended(shape, batch_shape()), generator);
    }
    Tensor<T> log_prob(const Tensor<T>& value) const {
        return map(
            "uniform_log_prob",
            [](const auto& x, const auto& a, const auto& b) {
                constexpr double outside = -std::numeric_limits<double>::infinity();
                return where(a <= x, where(x < b, -log(b - a), outside), outside);
            },
            value, low, high);
    }
    Tensor<T> cdf(const Tensor<T>& value) const {
        return map(
            "uniform_cdf",
            [](const auto& x, const auto& a, const auto& b) { return clamp((x - a) / (b - a), 0., 1.); },
            value, low, high);
    }
    /// The number below which a share lies.
    Tensor<T> icdf(const Tensor<T>& share) const { return low + (high - low) * share; }
    /// In nats.
    Tensor<T> entropy() const { return log(high - low); }
};

/// Divergence of q from p, in nats; infinite where p reaches beyond q.
template <class T>
Tensor<T> kl_divergence(const Uniform<T>& p, const Uniform<T>& q) {
    return map(
        "kl_uniform",
        [](const auto& a, const auto& b, const auto& c, const auto& d) {
            constexpr double beyond = std::numeric_limits<double>::infinity();
            return where(c <= a, where(b <= d, log((d - c) / (b - a)), beyond), beyond);
        },
        p.low, p.high, q.low, q.high);
}

}
