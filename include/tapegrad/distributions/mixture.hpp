// Mixtures of distributions of one family.
#pragma once

#include "../ops/indexing.hpp"
#include "categorical.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// One of several distributions of one family, drawn by its weight.
///   p(x) = sum_k mixing_k p_k(x)
///   MixtureSameFamily d(Categorical<float>({.logits = weights}), Normal(loc, scale));
/// Shape    mixing with the batch (batch...) of k classes, components with the batch (batch..., k) -> (batch...)
/// Grad     of log_prob, mean, variance, cdf by all parameters and values; draws have none
/// Throws   ShapeError: the batch of the components is not that of mixing with k behind it
template <Floating T, Distribution D>
struct MixtureSameFamily {
    using Value = typename D::Value;
    Categorical<T> mixing;
    D components;

    MixtureSameFamily(Categorical<T> mixing_, D components_)
        : mixing(std::move(mixing_)), components(std::move(components_)) {
        if (components.batch_shape() != mixing.probs.shape())
            detail::fail<ShapeError>("MixtureSameFamily", "components with the batch ",
                                     components.batch_shape(), " for weights ", mixing.probs.shape(),
                                     "; they must be the same");
    }

    Shape batch_shape() const { return mixing.batch_shape(); }
    Shape event_shape() const { return components.event_shape(); }

    Tensor<T> log_prob(const Value& value) const {
        return logsumexp(components.log_prob(for_all(value)) + mixing.logits, {-1});
    }
    Tensor<T> cdf(const Value& value) const requires requires(const D& d, const Value& v) { d.cdf(v); }
    { return sum(components.cdf(for_all(value)) * mixing.probs, {-1}); }
    Tensor<T> mean() const requires requires(const D& d) { d.mean(); }
    { return weighted(components.mean()); }
    Tensor<T> variance() const requires requires(const D& d) { d.mean(), d.variance(); }
    {
        const Tensor<T> means = components.mean();
        return weighted(components.variance() +
                        square(means - unsqueeze(weighted(means), axis_in(means.rank()))));
    }
    Value sample(const Shape& shape, Generator& generator) const {
        const no_grad constant;
        const Tensor<int64_t> drawn = mixing.sample(shape, generator);
        const Value all_of = components.sample(shape, generator);
        // The place of the component, for every element of the event.
        Shape places = drawn.shape();
        places.push_back(1);
        const int axis = places.rank() - 1;
        Shape whole = places;
        Tensor<int64_t> ids = unsqueeze(drawn, -1);
        for (const int64_t size : event_shape()) {
            ids = unsqueeze(ids, -1);
            whole.push_back(size);
        }
        return squeeze(gather(all_of, axis, contiguous(expand(ids, whole))), axis);
    }

private:
    int events() const { return event_shape().rank(); }
    /// The axis of the components among `rank`.
    int axis_in(int rank) const { return rank - 1 - events(); }
    Value for_all(const Value& value) const { return unsqueeze(value, value.rank() - events()); }
    Tensor<T> weighted(const Tensor<T>& x) const {
        Tensor<T> weights = mixing.probs;
        for (int i = 0; i < events(); ++i) weights = unsqueeze(weights, -1);
        return sum(x * weights, {axis_in(x.rank())});
    }
};

}
