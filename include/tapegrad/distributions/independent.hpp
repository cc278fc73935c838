// Axes of a batch as a part of the event.
#pragma once

#include "distribution.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The last axes of a batch as axes of the event: many independent draws are one, whose probability is the product.
///   Independent d(Normal(loc, scale), 1);   // vectors
/// Shape    the last `axes` axes of the batch of `base` go before its event
/// Throws   ShapeError: the batch has fewer axes
template <Distribution D>
struct Independent {
    using Value = typename D::Value;
    D base;
    int axes;

    Independent(D base_, int axes_) : base(std::move(base_)), axes(axes_) {
        const Shape batch = base.batch_shape();
        if (axes < 0 || axes > batch.rank())
            detail::fail<ShapeError>("Independent", axes, " axes of a batch ", batch);
    }

    Shape batch_shape() const { return detail::without_last(base.batch_shape(), axes); }
    Shape event_shape() const {
        return detail::appended(detail::last_of(base.batch_shape(), axes), base.event_shape());
    }
    auto mean() const requires requires { base.mean(); }
    { return base.mean(); }
    auto variance() const requires requires { base.variance(); }
    { return base.variance(); }
    Value sample(const Shape& shape, Generator& generator) const { return base.sample(shape, generator); }
    Value rsample(const Shape& shape, Generator& generator) const requires ReparameterizedDistribution<D> {
        return base.rsample(shape, generator);
    }
    auto log_prob(const Value& value) const { return detail::sum_last(base.log_prob(value), axes); }
    auto entropy() const requires requires { base.entropy(); }
    { return detail::sum_last(base.entropy(), axes); }
};

/// Divergence of q from p, in nats: the sum of that of the independent draws.
/// Throws   ShapeError: different numbers of axes
template <class D, class E>
auto kl_divergence(const Independent<D>& p, const Independent<E>& q) {
    if (p.axes != q.axes)
        detail::fail<ShapeError>("kl_divergence", p.axes, " and ", q.axes, " axes of a batch are one event");
    return detail::sum_last(kl_divergence(p.base, q.base), p.axes);
}

}
