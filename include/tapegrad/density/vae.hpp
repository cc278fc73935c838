// The variational autoencoder of pictures of two values, and the tighter bound of several draws.
#pragma once

#include "../nn/linear.hpp"
#include "binary.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct VaeOptions {
    int64_t hidden = 200, latent = 50;
};

/// log p(x) from below, with z ~ Normal(0, 1), x | z coins of logits, and draws of z from a normal that x decides.
///   bound_k(x) = E log (1 / k) sum_i p(x | z_i) p(z_i) / q(z_i | x)
/// Shape    x (B, D); two hidden layers of tanh on each side
/// Numeric  k = 1 is the evidence lower bound; the bound grows with k towards log p(x). Figures of it do not compare with
///          exact log-probabilities
/// Source   Kingma and Welling, Auto-Encoding Variational Bayes, 2014; Burda, Grosse and Salakhutdinov, Importance Weighted
///          Autoencoders, 2016
template <Floating T = float>
struct Vae {
    Linear<T> encoder1, encoder2, mean_layer, log_scale_layer, decoder1, decoder2, output;
    TAPEGRAD_FIELDS(encoder1, encoder2, mean_layer, log_scale_layer, decoder1, decoder2, output);

    Vae() = default;
    /// Throws   ValueError: no variable, no unit or no latent variable
    Vae(int64_t variables, const VaeOptions& o, Generator& generator) {
        if (variables < 1 || o.hidden < 1 || o.latent < 1)
            detail::fail<ValueError>("Vae", variables, " variables, ", o.hidden, " units and ", o.latent,
                                     " latent variables; there must be one or more");
        encoder1 = Linear<T>(variables, o.hidden, generator);
        encoder2 = Linear<T>(o.hidden, o.hidden, generator);
        mean_layer = Linear<T>(o.hidden, o.latent, generator);
        log_scale_layer = Linear<T>(o.hidden, o.latent, generator);
        decoder1 = Linear<T>(o.latent, o.hidden, generator);
        decoder2 = Linear<T>(o.hidden, o.hidden, generator);
        output = Linear<T>(o.hidden, variables, generator);
    }

    int64_t variables() const { return output.weight.size(0); }
    int64_t latent() const { return mean_layer.weight.size(0); }

    /// The normal of z that x decides.
    struct Posterior {
        Tensor<T> mean, log_scale;  // (B, latent)
    };
    Posterior encode(const Tensor<T>& x) const {
        const Tensor<T> h = tanh(encoder2(tanh(encoder1(x))));
        return {mean_layer(h), log_scale_layer(h)};
    }
    /// Logits of x.
    Tensor<T> decode(const Tensor<T>& z) const { return output(tanh(decoder2(tanh(decoder1(z))))); }

    /// The bound of `draws` draws for each sample, in nats; (B,).
    /// Throws   ValueError: no draws
    Tensor<T> bound(const Tensor<T>& x, int64_t draws, Generator& generator) const {
        if (draws < 1) detail::fail<ValueError>("Vae", draws, " draws; there must be one or more");
        return bound(x, randn<T>({draws, x.size(0), latent()}, generator));
    }
    /// The same with normal numbers (draws, B, latent) of one's own.
    Tensor<T> bound(const Tensor<T>& x, const Tensor<T>& normal) const {
        const Posterior q = encode(x);
        const Tensor<T> z = q.mean + exp(q.log_scale) * normal;  // (draws, B, latent)
        const Tensor<T> ratio = map(                             // log p(z) - log q(z | x)
            "log_ratio", [](const auto& v, const auto& e, const auto& l) { return (e * e - v * v) / 2 + l; },
            z, normal, q.log_scale);
        const Tensor<T> each = bernoulli_log_prob(decode(z), x) + sum(ratio, {-1});  // (draws, B)
        return logsumexp(each, {0}) - std::log(static_cast<double>(normal.size(0)));
    }

    /// Draws (n, D).
    Tensor<T> sample(int64_t n, Generator& generator) const {
        const no_grad constant;
        return bernoulli(sigmoid(decode(randn<T>({n, latent()}, generator))), generator);
    }
    /// Fills in what is not known, by turns z from x and x from z: the more turns, the nearer to draws given what is known.
    /// Shape    x (n, D), known (D,) or (n, D) -> (n, D)
    /// Throws   ShapeError: sizes differ
    Tensor<T> inpaint(const Tensor<T>& x, const Tensor<bool>& known, Generator& generator,
                      int64_t turns = 50) const {
        const no_grad constant;
        const Tensor<bool> given = detail::known_of("Vae", x, known, variables());
        Tensor<T> y = where(given, x, bernoulli<T>(0.5, x.shape(), generator));
        for (int64_t i = 0; i < turns; ++i) {
            const Posterior q = encode(y);
            const Tensor<T> z = q.mean + exp(q.log_scale) * randn<T>(q.mean.shape(), generator);
            y = where(given, x, bernoulli(sigmoid(decode(z)), generator));
        }
        return y;
    }
};

}
