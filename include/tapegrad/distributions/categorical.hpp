// The distribution of one of several classes.
#pragma once

#include "../ops/indexing.hpp"
#include "../ops/softmax.hpp"
#include "bernoulli.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A class with its probability.
///   Categorical<float> d({.logits = scores});
/// Shape    probs or logits (batch..., k) -> the batch; events (), classes in [0, k). probs need not add up to 1
/// Grad     of log_prob by probs or logits; draws have none
/// Throws   ShapeError: rank 0; ValueError: neither or both are given, logits NaN, probs negative or all 0;
///          log_prob: IndexError: a class outside [0, k)
template <Floating T>
struct Categorical {
    using Value = Tensor<int64_t>;
    Tensor<T> probs, logits;  // normalized: the logits are logarithms of the probs

    explicit Categorical(const ProbsOrLogits<T>& given) {
        detail::check_either("Categorical", given);
        const Tensor<T>& x = given.logits.defined() ? given.logits : given.probs;
        if (x.rank() == 0) detail::fail<ShapeError>("Categorical", "a number alone is no list of classes");
        if (given.logits.defined()) {
            detail::check_parameter("Categorical", "logits", x, detail::Domain::real);
            logits = log_softmax(x, -1);
            probs = exp(logits);
        } else {
            detail::check_parameter("Categorical", "probs", x, detail::Domain::nonnegative);
            const Tensor<T> total = sum(x, {-1}, true);
            detail::check_parameter("Categorical", "the sum of probs", total, detail::Domain::positive);
            probs = x / total;
            logits = log(detail::inside(probs));
        }
    }

    Shape batch_shape() const { return detail::without_last(probs.shape(), 1); }
    Shape event_shape() const { return {}; }

    Tensor<int64_t> sample(const Shape& shape, Generator& generator) const {
        const int64_t k = probs.size(-1), draws = numel_of(shape), batches = numel_of(batch_shape());
        const Tensor<int64_t> ids =
            multinomial(reshape(detail::contiguous(probs.detach()), {batches, k}), draws, true, generator);
        return reshape(contiguous(transpose(ids)), detail::appended(shape, batch_shape()));
    }
    Tensor<T> log_prob(const Tensor<int64_t>& value) const {
        const Shape shape = broadcast_shapes("Categorical", value.shape(), batch_shape());
        const Tensor<T> rows = detail::in_batch(logits, detail::appended(shape, {logits.size(-1)}));
        return squeeze(gather(rows, -1, unsqueeze(detail::in_batch(value, shape), -1)), -1);
    }
    /// In nats.
    Tensor<T> entropy() const {
        // A class that never comes has 0, where 0 times -inf would be NaN.
        return -sum(probs * clamp_min(logits, std::numeric_limits<T>::lowest()), {-1});
    }
};

/// Divergence of q from p, in nats; infinite where p has a class that q has not.
template <class T>
Tensor<T> kl_divergence(const Categorical<T>& p, const Categorical<T>& q) {
    return sum(map(
                   "kl_categorical",
                   [](const auto& a, const auto& l, const auto& b, const auto& m) {
                       constexpr double never = std::numeric_limits<double>::infinity();
                       return where(a == 0, 0, where(b == 0, never, a * (l - m)));
                   },
                   p.probs, p.logits, q.probs, q.logits),
               {-1});
}

}
