// The Bernoulli distribution.
#pragma once

#include <limits>

#include "../ops/activation.hpp"
#include "../tensor/random.hpp"
#include "distribution.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// One of the two: probabilities, or numbers that a sigmoid (of one) or a softmax (of many) makes probabilities of.
template <Floating T>
struct ProbsOrLogits {
    Tensor<T> probs = {}, logits = {};
};

namespace detail {
template <class T>
void check_either(const char* distribution, const ProbsOrLogits<T>& given) {
    if (given.probs.defined() == given.logits.defined())
        fail<ValueError>(distribution, "give probs or logits, one of them");
}
/// Probabilities that have logarithms, as PyTorch's.
template <class T>
Tensor<T> inside(const Tensor<T>& probs) {
    constexpr T eps = std::numeric_limits<T>::epsilon();
    return clamp(probs, eps, 1 - eps);
}
}

/// 1 with a probability, else 0.
///   Bernoulli<float> d({.logits = x});
/// Shape    probs or logits -> the batch; events ()
/// Grad     of log_prob by probs or logits and value; draws have none
/// Numeric  probs count as at least eps and at most 1 - eps in logarithms
/// Throws   ValueError: neither or both are given, logits NaN, probs outside [0, 1]
template <Floating T>
struct Bernoulli {
    using Value = Tensor<T>;
    Tensor<T> probs, logits;

    explicit Bernoulli(const ProbsOrLogits<T>& given) {
        detail::check_either("Bernoulli", given);
        if (given.logits.defined()) {
            detail::check_parameter("Bernoulli", "logits", given.logits, detail::Domain::real);
            logits = given.logits;
            probs = sigmoid(logits);
        } else {
            detail::check_parameter("Bernoulli", "probs", given.probs, detail::Domain::probability);
            probs = given.probs;
            logits = logit(detail::inside(probs));
        }
    }

    Shape batch_shape() const { return probs.shape(); }
    Shape event_shape() const { return {}; }
    Tensor<T> mean() const { return probs; }
    Tensor<T> variance() const { return probs * (T(1) - probs); }

    Tensor<T> sample(const Shape& shape, Generator& generator) const {
        const no_grad constant;
        return bernoulli(detail::in_batch(probs.detach(), detail::appended(shape, batch_shape())), generator);
    }
    Tensor<T> log_prob(const Tensor<T>& value) const {
        return map(
            "bernoulli_log_prob", [](const auto& x, const auto& l) { return x * l - softplus(l); }, value,
            logits);
    }
    /// In nats.
    Tensor<T> entropy() const {
        return map(
            "bernoulli_entropy", [](const auto& p, const auto& l) { return softplus(l) - p * l; }, probs,
            logits);
    }
};

/// Divergence of q from p, in nats; infinite where p may be what q cannot.
template <class T>
Tensor<T> kl_divergence(const Bernoulli<T>& p, const Bernoulli<T>& q) {
    return map(
        "kl_bernoulli",
        [](const auto& a, const auto& l, const auto& b, const auto& m) {
            constexpr double never = std::numeric_limits<double>::infinity();
            const auto one = where(a == 0, 0, where(b == 0, never, a * (softplus(-m) - softplus(-l))));
            const auto zero = where(a == 1, 0, where(b == 1, never, (1 - a) * (softplus(m) - softplus(l))));
            return one + zero;
        },
        p.probs, p.logits, q.probs, q.logits);
}

}
