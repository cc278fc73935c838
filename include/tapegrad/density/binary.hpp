// Pictures of two values: their log-probability, and drawing one variable after the other.
#pragma once

#include <numbers>

#include "../ops/activation.hpp"
#include "../ops/reduce.hpp"
#include "../ops/slicing.hpp"
#include "../tensor/random.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Log-probability of variables of 0 and 1, each a coin of its own logit, summed over the last axis, in nats.
///   sum_d x_d l_d - log(1 + e^(l_d))
/// Shape    logits, x (..., D) -> (...)
/// Grad     by both; saves them
template <Floating T>
Tensor<T> bernoulli_log_prob(const Tensor<T>& logits, const Tensor<T>& x) {
    return sum(map(
                   "bernoulli_log_prob", [](const auto& l, const auto& v) { return v * l - softplus(l); },
                   logits, x),
               {-1});
}

/// Nats of a whole picture as bits for each of its variables.
inline double bits_per_dimension(double log_prob, int64_t variables) {
    return -log_prob / (static_cast<double>(variables) * std::numbers::ln2);
}

namespace detail {

/// What is known of draws, as (n, D).
template <class T>
Tensor<bool> known_of(const char* model, const Tensor<T>& x, const Tensor<bool>& known, int64_t variables) {
    if (x.rank() != 2 || x.size(1) != variables)
        fail<ShapeError>(model, "x ", x.shape(), " is not (n, ", variables, ")");
    if (known.shape() != x.shape() && known.shape() != Shape{variables})
        fail<ShapeError>(model, "known ", known.shape(), " is neither (", variables, ",) nor ", x.shape());
    return expand(known, x.shape());
}
inline bool holds_everywhere(const Tensor<bool>& x) {
    const Tensor<bool> packed = contiguous(x);
    for (int64_t i = 0; i < packed.numel(); ++i)
        if (!packed.data()[i]) return false;
    return true;
}
/// Fills in the variables that are not known, in an order: draw(y, d) (n,) reads those of y (n, D) that came before d; the
/// others are 0.
template <class T, class Draw>
Tensor<T> fill_in_order(const Tensor<T>& x, const Tensor<bool>& known, const std::vector<int64_t>& order,
                        const Draw& draw) {
    const no_grad constant;
    Tensor<T> y = zeros<T>(x.shape());
    for (const int64_t d : order) {
        const Tensor<bool> given = select(known, 1, d);
        const Tensor<T> value = select(x, 1, d);
        Tensor<T> place = select(y, 1, d);
        assign(place, holds_everywhere(given) ? value : where(given, value, draw(y, d)));
    }
    return y;
}
/// The same with a coin for each, of logits_of(y, d) (n,).
template <class T, class Logits>
Tensor<T> draw_in_order(const Tensor<T>& x, const Tensor<bool>& known, const std::vector<int64_t>& order,
                        Generator& generator, const Logits& logits_of) {
    return fill_in_order(x, known, order, [&](const Tensor<T>& y, int64_t d) {
        return bernoulli(sigmoid(logits_of(y, d)), generator);
    });
}
inline std::vector<int64_t> natural_order(int64_t variables) {
    std::vector<int64_t> order(static_cast<std::size_t>(variables));
    for (std::size_t d = 0; d < order.size(); ++d) order[d] = static_cast<int64_t>(d);
    return order;
}

/// Draws of a model that fills in what is missing of none.
template <class T, class M>
Tensor<T> sample_of(const M& model, int64_t n, int64_t variables, Generator& generator) {
    return model.inpaint(zeros<T>({n, variables}), zeros<bool>({variables}), generator);
}

}

}
