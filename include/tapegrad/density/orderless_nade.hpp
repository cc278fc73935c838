// Orderless NADE: one network for every order of the variables, and ensembles of orders.
#pragma once

#include "../nn/linear.hpp"
#include "../ops/join.hpp"
#include "../ops/sort.hpp"
#include "binary.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Logits of all variables from those that are known and a mask that says which are: p(x_d | known) for every d that is not.
///   OrderlessNade<> model(784, {500, 500}, generator);
///   model.loss(x, generator)                          orders and numbers of known variables drawn anew for each sample
///   model.ensemble_log_prob(x, orders)
/// Shape    x (B, D)
/// Source   Uria, Murray and Larochelle, A Deep and Tractable Density Estimator, 2014
template <Floating T = float>
struct OrderlessNade {
    std::vector<Linear<T>> layers;
    TAPEGRAD_FIELDS(layers);

    OrderlessNade() = default;
    /// Throws   ValueError: no variable or no hidden layer
    OrderlessNade(int64_t variables, const std::vector<int64_t>& hidden, Generator& generator) {
        if (variables < 1 || hidden.empty())
            detail::fail<ValueError>("OrderlessNade", variables, " variables and ", hidden.size(),
                                     " hidden layers; there must be one or more");
        int64_t in = 2 * variables;  // values, and which of them are known
        for (const int64_t units : hidden) {
            layers.emplace_back(in, units, generator);
            in = units;
        }
        layers.emplace_back(in, variables, generator);
    }

    int64_t variables() const { return layers.back().weight.size(0); }
    /// `known` (B, D) or (D,) of 0 and 1; what is not known of x is not read.
    Tensor<T> logits(const Tensor<T>& x, const Tensor<T>& known) const {
        const Tensor<T> mask = expand(known, x.shape());
        Tensor<T> h = cat({where(mask == 0, T(0), x), mask}, -1);  // (B, 2 D)
        for (std::size_t i = 0; i + 1 < layers.size(); ++i) h = relu(layers[i](h));
        return layers.back()(h);
    }

    /// An estimate without bias of -log p(x) under a random order, in nats, the mean over the batch.
    ///   D / (D - d) sum over the D - d unknown of -log p(x_i | d known),  d even over 0 .. D - 1
    Tensor<T> loss(const Tensor<T>& x, Generator& generator) const {
        const int64_t n = variables();
        const Tensor<int64_t> turn = argsort(argsort(rand<T>(x.shape(), generator)));  // (B, D)
        const Tensor<int64_t> count = randint(0, n, {x.size(0), 1}, generator);
        const Tensor<T> known = where(turn < count, ones<T>({}), zeros<T>({}));  // (B, D)
        const Tensor<T> share = static_cast<T>(n) / (static_cast<T>(n) - detail::cast<T>(count));
        const Tensor<T> each = map(
            "orderless_loss",
            [](const auto& l, const auto& v, const auto& k, const auto& w) {
                return (1 - k) * w * (softplus(l) - v * l);
            },
            logits(x, known), x, known, share);
        return sum(each) / static_cast<T>(x.size(0));
    }

    /// In nats, with the variables in this order; (B,). A pass for each variable.
    Tensor<T> log_prob(const Tensor<T>& x, const std::vector<int64_t>& order) const {
        check(order);
        Tensor<T> known = zeros<T>({variables()}), total = zeros<T>({x.size(0)});
        for (const int64_t d : order) {
            const Tensor<T> l = slice(logits(x, known), 1, d, d + 1);
            total = total + bernoulli_log_prob(l, slice(x, 1, d, d + 1));
            known = detail::copy(known);
            detail::output(known)[d] = T(1);
        }
        return total;
    }
    Tensor<T> log_prob(const Tensor<T>& x) const { return log_prob(x, detail::natural_order(variables())); }
    /// Log of the mean over orders of p(x), in nats.
    ///   logsumexp_i log p_i(x) - log orders
    /// Throws   ValueError: no order, or one without each variable once
    Tensor<T> ensemble_log_prob(const Tensor<T>& x, const std::vector<std::vector<int64_t>>& orders) const {
        if (orders.empty()) detail::fail<ValueError>("OrderlessNade", "an ensemble of no orders");
        std::vector<Tensor<T>> each;
        for (const auto& order : orders) each.push_back(log_prob(x, order));
        return logsumexp(stack(each), {0}) - std::log(static_cast<double>(orders.size()));
    }

    /// Draws (n, D) in a random order.
    Tensor<T> sample(int64_t n, Generator& generator) const {
        return detail::sample_of<T>(*this, n, variables(), generator);
    }
    /// Draws what is not known given all that is, the rest in a random order.
    /// Shape    x (n, D), known (D,) -> (n, D)
    /// Throws   ShapeError: sizes differ
    Tensor<T> inpaint(const Tensor<T>& x, const Tensor<bool>& known, Generator& generator) const {
        if (known.rank() != 1)
            detail::fail<ShapeError>("OrderlessNade", "known ", known.shape(), " is no vector");
        const Tensor<bool> given = detail::known_of("OrderlessNade", x, known, variables());
        std::vector<int64_t> order;  // first what is known
        for (const bool first : {true, false})
            for (const int64_t d : to_vector(randperm(variables(), generator)))
                if (known.data()[d * known.strides()[0]] == first) order.push_back(d);
        Tensor<T> seen = zeros<T>({variables()});
        std::size_t taken = 0;
        return detail::draw_in_order(x, given, order, generator, [&](const Tensor<T>& y, int64_t d) {
            seen = detail::copy(seen);
            for (; order[taken] != d; ++taken) detail::output(seen)[order[taken]] = T(1);
            return select(logits(y, seen), 1, d);
        });
    }

private:
    void check(const std::vector<int64_t>& order) const {
        std::vector<bool> met(static_cast<std::size_t>(variables()));
        bool right = std::ssize(order) == variables();
        for (const int64_t d : order) {
            right = right && d >= 0 && d < variables() && !met[static_cast<std::size_t>(d)];
            if (right) met[static_cast<std::size_t>(d)] = true;
        }
        if (!right)
            detail::fail<ValueError>("OrderlessNade", "an order must have each of 0 .. ", variables() - 1,
                                     " once");
    }
};

}
