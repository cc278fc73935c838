// MADE as a density of variables that are 0 or 1, with one order of the variables or an ensemble of them.
#pragma once

#include "../ops/join.hpp"
#include "binary.hpp"
#include "made.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// log p(x) = sum_d log Bernoulli(x_d; sigmoid(net(x)_d))
///   MadeDensity<> model(784, {.hidden = {500}, .degrees = HiddenDegrees::random}, generator);
///   model.use_mask(step % 32, 32 masks that are drawn from a seed: before each training step)
///   model.ensemble_log_prob(x, 32)
/// Shape    x (B, D)
/// Source   Germain et al., MADE: Masked Autoencoder for Distribution Estimation, 2015
template <Floating T = float, class Activation = ReLU>
struct MadeDensity {
    Made<T, Activation> net;
    uint64_t mask_seed = 0;
    VariableOrder order = VariableOrder::natural;
    TAPEGRAD_FIELDS(net, mask_seed, order);

    MadeDensity() = default;
    /// Throws   as Made; ValueError: more than one output for a variable, or a context
    MadeDensity(int64_t variables, const MadeOptions& o, Generator& generator, uint64_t seed = 0)
        : net(variables, o, generator), mask_seed(seed), order(o.order) {
        if (o.outputs != 1 || o.context != 0)
            detail::fail<ValueError>("MadeDensity", o.outputs, " outputs and a context of ", o.context,
                                     "; a density of bits has one and none");
    }

    int64_t variables() const { return net.features(); }
    Tensor<T> logits(const Tensor<T>& x, Generator& generator = default_generator()) const {
        return net(x, {}, generator);
    }
    /// In nats; (B,).
    Tensor<T> log_prob(const Tensor<T>& x) const { return bernoulli_log_prob(logits(x), x); }

    /// Writes mask number i: an order of the variables where orders are random, and degrees of hidden units where those are.
    void use_mask(int64_t i) {
        Generator generator(mask_seed, static_cast<uint64_t>(i));
        net.set_order(detail::variable_degrees(variables(), order, generator), generator);
    }
    /// Log of the mean over the first masks of p(x), in nats; leaves the last of them in place.
    ///   logsumexp_i log p_i(x) - log masks
    /// Throws   ValueError: no mask
    Tensor<T> ensemble_log_prob(const Tensor<T>& x, int64_t masks) {
        if (masks < 1) detail::fail<ValueError>("MadeDensity", masks, " masks; there must be one or more");
        std::vector<Tensor<T>> each;
        for (int64_t i = 0; i < masks; ++i) {
            use_mask(i);
            each.push_back(log_prob(x));
        }
        return logsumexp(stack(each), {0}) - std::log(static_cast<double>(masks));
    }

    /// Draws (n, D); a pass for each variable.
    Tensor<T> sample(int64_t n, Generator& generator) const {
        return detail::sample_of<T>(*this, n, variables(), generator);
    }
    /// Draws what is not known, given what of it comes before in the order.
    /// Shape    x (n, D), known (D,) or (n, D) -> (n, D)
    /// Throws   ShapeError: sizes differ
    Tensor<T> inpaint(const Tensor<T>& x, const Tensor<bool>& known, Generator& generator) const {
        const Tensor<bool> given = detail::known_of("MadeDensity", x, known, variables());
        const std::vector<int64_t> places = to_vector(net.degrees());
        std::vector<int64_t> turn(places.size());
        for (std::size_t d = 0; d < places.size(); ++d)
            turn[static_cast<std::size_t>(places[d] - 1)] = static_cast<int64_t>(d);
        const auto logits_of = [&](const Tensor<T>& y, int64_t d) {
            return select(logits(y, generator), 1, d);
        };
        return detail::draw_in_order(x, given, turn, generator, logits_of);
    }
};

}
