// A distribution seen through invertible functions.
#pragma once

#include <tuple>

#include "distribution.hpp"
#include "transforms.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The distribution of f_n(... f_1(x)) where x has the distribution `base`.
///   log p(y) = log p_base(x) - sum_i log |df_i / dx_i|
///   TransformedDistribution d(Normal(loc, scale), ExpTransform());   // log-normal
/// Shape    as base; where a transform mixes more axes than an event of base has, those are of the event too
/// Grad     of all functions and of rsample, by the parameters of base and of the transforms, and values
/// Throws   ShapeError: the parameters of a transform do not broadcast to the shape of base, or there are fewer axes
///          than it mixes
template <Distribution D, class... Transforms>
struct TransformedDistribution {
    using Value = typename D::Value;
    using T = typename Value::value_type;
    static_assert((Transform<Transforms, T> && ...),
                  "TransformedDistribution: not a transform; see transforms.hpp");
    D base;
    std::tuple<Transforms...> transforms;

    explicit TransformedDistribution(D base_, Transforms... transforms_)
        : base(std::move(base_)), transforms(std::move(transforms_)...) {
        const Shape whole = detail::appended(base.batch_shape(), base.event_shape());
        if (event_rank() > whole.rank())
            detail::fail<ShapeError>("TransformedDistribution", "a transform mixes ", event_rank(),
                                     " axes, and base has the shape ", whole);
        const auto check = [&](const auto& f) {
            if constexpr (requires { f.shape(); })
                static_cast<void>(detail::expand_strides("TransformedDistribution", f.shape(),
                                                         row_major(f.shape()), whole));
        };
        std::apply([&](const auto&... f) { (check(f), ...); }, transforms);
    }

    Shape batch_shape() const {
        const Shape whole = detail::appended(base.batch_shape(), base.event_shape());
        return detail::without_last(whole, event_rank());
    }
    Shape event_shape() const {
        return detail::last_of(detail::appended(base.batch_shape(), base.event_shape()), event_rank());
    }

    Value sample(const Shape& shape, Generator& generator) const {
        const no_grad constant;
        return through(base.sample(shape, generator));
    }
    Value rsample(const Shape& shape, Generator& generator) const requires ReparameterizedDistribution<D> {
        return through(base.rsample(shape, generator));
    }
    /// Draws with their log_prob, for which no transform is inverted.
    DrawnWithLogProb<T> rsample_with_log_prob(const Shape& shape, Generator& generator) const requires
        ReparameterizedDistribution<D> {
        Value x = base.rsample(shape, generator);
        Tensor<T> total = of_event(base.log_prob(x), base.event_shape().rank());
        const auto step = [&](const auto& f) {
            const Value y = f(x);
            total = total - of_event(f.log_abs_det(x, y), f.event_dim);
            x = y;
        };
        std::apply([&](const auto&... f) { (step(f), ...); }, transforms);
        return {x, total};
    }
    Tensor<T> log_prob(const Value& value) const {
        Value y = value;
        Tensor<T> volume;
        backwards([&](const auto& f) {
            const Value x = f.inverse(y);
            const Tensor<T> one = of_event(f.log_abs_det(x, y), f.event_dim);
            volume = volume.defined() ? volume + one : one;
            y = x;
        });
        const Tensor<T> density = of_event(base.log_prob(y), base.event_shape().rank());
        return volume.defined() ? density - volume : density;
    }
    Tensor<T> cdf(const Value& value) const requires requires(const D& d, const Value& v) { d.cdf(v); }
    {
        Value y = value;
        backwards([&](const auto& f) { y = f.inverse(y); });
        return turned(base.cdf(y));
    }
    /// The number below which a share lies.
    Value icdf(const Tensor<T>& share) const requires requires(const D& d, const Value& v) { d.icdf(v); }
    { return through(base.icdf(turned(share))); }

private:
    int event_rank() const {
        int rank = base.event_shape().rank();
        ((rank = Transforms::event_dim > rank ? Transforms::event_dim : rank), ...);
        return rank;
    }
    /// The sum over what an event has more than `axes`.
    Tensor<T> of_event(const Tensor<T>& x, int axes) const {
        return detail::sum_last(x, event_rank() - axes);
    }
    Value through(Value x) const {
        std::apply([&](const auto&... f) { ((x = f(x)), ...); }, transforms);
        return x;
    }
    template <class F>
    void backwards(const F& f) const {
        constexpr std::size_t n = sizeof...(Transforms);
        [&]<std::size_t... I>(std::index_sequence<I...>) { (f(std::get<n - 1 - I>(transforms)), ...); }
        (std::make_index_sequence<n>());
    }
    /// A share as it is, or counted from the other end where the transforms fall together.
    Tensor<T> turned(const Tensor<T>& share) const {
        Tensor<T> sign(T(1));
        std::apply([&](const auto&... f) { ((sign = sign * f.sign()), ...); }, transforms);
        return sign * (share - T(0.5)) + T(0.5);
    }
};

}
