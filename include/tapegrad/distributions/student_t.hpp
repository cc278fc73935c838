// Student's distribution.
#pragma once

#include <limits>

#include "../ops/gamma_sample.hpp"
#include "../tensor/random.hpp"
#include "distribution.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Student's distribution: of a mean of few normal numbers, with heavy tails.
///   p(x) = gamma((df + 1) / 2) / (gamma(df / 2) sqrt(pi df) scale) (1 + z^2 / df)^(-(df + 1) / 2), z = (x - loc) / scale
/// Shape    df (degrees of freedom), loc, scale broadcast together -> the batch; events ()
/// Grad     of all functions by parameters and values, of rsample by implicit reparameterization; no second
///          derivative of that by df
/// Numeric  the mean is NaN where df <= 1, the variance infinite where df <= 2, NaN where df <= 1
/// Throws   ShapeError: the parameters do not broadcast; ValueError: loc NaN, df or scale not above 0
template <Floating T>
struct StudentT : detail::Reparameterized<StudentT<T>> {
    using Value = Tensor<T>;
    Tensor<T> df, loc, scale;

    StudentT(const Tensor<T>& df_, const Tensor<T>& loc_, const Tensor<T>& scale_) {
        const Shape batch = broadcast_shapes(
            "StudentT", broadcast_shapes("StudentT", df_.shape(), loc_.shape()), scale_.shape());
        detail::check_parameter("StudentT", "df", df_, detail::Domain::positive);
        detail::check_parameter("StudentT", "loc", loc_, detail::Domain::real);
        detail::check_parameter("StudentT", "scale", scale_, detail::Domain::positive);
        df = detail::in_batch(df_, batch);
        loc = detail::in_batch(loc_, batch);
        scale = detail::in_batch(scale_, batch);
    }

    Shape batch_shape() const { return df.shape(); }
    Shape event_shape() const { return {}; }
    Tensor<T> mean() const {
        return map(
            "student_t_mean",
            [](const auto& n, const auto& m) {
                return where(n <= 1, std::numeric_limits<double>::quiet_NaN(), m);
            },
            df, loc);
    }
    Tensor<T> variance() const {
        return map(
            "student_t_variance",
            [](const auto& n, const auto& s) {
                constexpr double none = std::numeric_limits<double>::quiet_NaN(),
                                 infinity = std::numeric_limits<double>::infinity();
                const auto enough = where(n <= 2, 3, n);
                return where(n <= 1, none, where(n <= 2, infinity, s * s * enough / (enough - 2)));
            },
            df, scale);
    }

    Tensor<T> rsample(const Shape& shape, Generator& generator) const {
        const Shape all_of = detail::appended(shape, batch_shape());
        const Tensor<T> normal = randn<T>(all_of, generator);
        // A normal number over the root of a chi-squared one by df, which is a gamma variate of df / 2 by df / 2.
        const Tensor<T> chi = log_gamma_sample(detail::in_batch(df, all_of) * T(0.5), generator);
        return loc + scale * normal * exp(T(0.5) * (log(df * T(0.5)) - chi));
    }
    Tensor<T> log_prob(const Tensor<T>& value) const {
        return map(
            "student_t_log_prob",
            [](const auto& x, const auto& n, const auto& m, const auto& s) {
                const auto z = (x - m) / s, half = 0.5 * (n + 1);
                return lgamma(half) - lgamma(0.5 * n) - half * log1p(z * z / n) - log(s) - 0.5 * log(n) -
                       0.57236494292470008707;  // log(pi) / 2
            },
            value, df, loc, scale);
    }
    /// In nats.
    Tensor<T> entropy() const {
        return map(
            "student_t_entropy",
            [](const auto& n, const auto& s) {
                const auto half = 0.5 * n, more = 0.5 * (n + 1);
                return log(s) + more * (digamma(more) - digamma(half)) + 0.5 * log(n) + lgamma(half) -
                       lgamma(more) + 0.57236494292470008707;  // log(gamma(1 / 2))
            },
            df, scale);
    }
};

}
