// The densities of density_images, each as a density of rows of pixels.
#pragma once

#include <tapegrad/density.hpp>

#include "settings.hpp"

/// A model of pictures (n, 1, height, width).
template <class M>
struct OfRows {
    M model;
    int64_t height = 0, width = 0;
    TAPEGRAD_FIELDS(model, height, width);

    tapegrad::Tensor<float> log_prob(const tapegrad::Tensor<float>& x) const {
        return model.log_prob(reshape(x, {x.size(0), 1, height, width}));
    }
    tapegrad::Tensor<float> sample(int64_t n, tapegrad::Generator& generator) const {
        return flatten(model.sample(n, height, width, generator), 1);
    }
    tapegrad::Tensor<float> inpaint(const tapegrad::Tensor<float>& x, const tapegrad::Tensor<bool>& known,
                                    tapegrad::Generator& generator) const {
        return flatten(model.inpaint(reshape(x, {x.size(0), 1, height, width}),
                                     reshape(known, {height, width}), generator),
                       1);
    }
};

/// What a batch costs, in nats for each picture.
template <class M>
tapegrad::Tensor<float> training_loss(const M& model, const tapegrad::Tensor<float>& x, const Settings& s,
                                      tapegrad::Generator& generator) {
    if constexpr (std::is_same_v<M, tapegrad::OrderlessNade<>>)
        return model.loss(x, generator);
    else if constexpr (std::is_same_v<M, tapegrad::Vae<>>)
        return -mean(model.bound(x, s.draws, generator));
    else
        return -mean(model.log_prob(x));
}

/// Log-probabilities of test pictures; of a VAE a bound of a hundred draws.
template <class M>
tapegrad::Tensor<float> test_log_prob(M& model, const tapegrad::Tensor<float>& x, const Settings& s) {
    if constexpr (std::is_same_v<M, tapegrad::Vae<>>) {
        tapegrad::Generator generator(s.seed, 4);
        return model.bound(x, 100, generator);
    } else if constexpr (std::is_same_v<M, tapegrad::MadeDensity<>>) {
        return s.masks > 1 ? model.ensemble_log_prob(x, s.masks) : model.log_prob(x);
    } else {
        return model.log_prob(x);
    }
}
