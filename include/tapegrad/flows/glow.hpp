// Glow: a density of images by normalised channels, mixed by 1x1 convolutions and coupled, at several scales.
//
//   Generator generator(1);
//   Glow<float> model({3, 32, 32}, generator, {.scales = 3, .steps = 8, .hidden = 64});
//   const auto loss = mean(model.bits_per_dim(images));     // images of integers in [0, 256)
//   const auto drawn = model.sample(16, generator, 0.7);
#pragma once

#include "act_norm.hpp"
#include "conv1x1.hpp"
#include "dequantization.hpp"
#include "flow.hpp"
#include "image_coupling.hpp"
#include "multi_scale.hpp"
#include "rebuilt.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct GlowOptions {
    int64_t scales = 3;
    int64_t steps = 32;     // of each scale
    int64_t hidden = 512;   // channels of the networks of the couplings
    int64_t levels = 256;   // of the integers that the images are of
    bool rebuilds = false;  // steps keep nothing for backward, which computes it again (RebuiltList)
};

template <Floating T>
using GlowStep = Composed<ActNorm<T>, Conv1x1<T>, ImageCoupling<T>>;

/// The steps of one scale, and the prior of the half that leaves there.
template <Floating T>
struct GlowStage {
    ComposedList<GlowStep<T>> steps;
    std::optional<SplitPrior<T>> prior;
    bool rebuilds = false;
    TAPEGRAD_FIELDS(steps, prior, rebuilds);

    GlowStage() = default;
    GlowStage(int64_t channels, const GlowOptions& options, bool is_last, Generator& generator)
        : rebuilds(options.rebuilds) {
        for (int64_t i = 0; i < options.steps; ++i)
            steps.bijectors.emplace_back(ActNorm<T>(channels), Conv1x1<T>(channels, generator),
                                         ImageCoupling<T>(channels, options.hidden, generator));
        if (!is_last) prior.emplace(channels);
    }

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        // Handles to the same parameters.
        Mapped<T> y = rebuilds ? RebuiltList<GlowStep<T>>(steps.bijectors).forward(x, context)
                               : steps.forward(x, context);
        if (!prior) return y;
        Mapped<T> split = prior->forward(y.value, context);
        return {std::move(split.value), y.log_det + split.log_det};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& context = {}) const {
        if (!prior) return steps.inverse(y, context);
        const Mapped<T> split = prior->inverse(y, context);
        Mapped<T> x = steps.inverse(split.value, context);
        return {std::move(x.value), x.log_det + split.log_det};
    }
};

/// A density of images of integers.
///   z = scales((x + u) / levels - 1/2), each number of z normal with mean 0 and deviation 1
/// Shape    images (n, channels, height, width), height and width multiples of 2^scales
/// Numeric  the first batch in training chooses the scale of every channel (ActNorm); log_prob draws u from the default
///          generator
/// Throws   ValueError: sizes, counts or levels that are not positive, images that the scales do not halve evenly
/// Source   Kingma and Dhariwal, Glow, 2018
template <Floating T = float>
struct Glow {
    Dequantization dequantization;
    MultiScale<GlowStage<T>> scales;
    TAPEGRAD_FIELDS(dequantization, scales);

    Glow() = default;
    Glow(std::array<int64_t, 3> event, Generator& generator, GlowOptions options = {})
        : dequantization(options.levels), scales(event, stages(event[0], generator, options)) {}

    /// The latent numbers of images, (n, numbers of an image).
    Mapped<T> forward(const Tensor<T>& images, const Tensor<T>& context = {}) const {
        const Mapped<T> x = dequantization.forward(images);
        Mapped<T> z = scales.forward(x.value - T(0.5), context);
        return {std::move(z.value), z.log_det + x.log_det};
    }
    /// The images of latent numbers.
    Mapped<T> inverse(const Tensor<T>& z, const Tensor<T>& context = {}) const {
        const Mapped<T> x = scales.inverse(z, context);
        Mapped<T> images = dequantization.inverse(x.value + T(0.5));
        return {std::move(images.value), images.log_det + x.log_det};
    }
    /// In nats, (n,): in the mean over u a lower bound.
    Tensor<T> log_prob(const Tensor<T>& images) const {
        const Mapped<T> z = forward(images);
        return StandardNormal<T>({scales.numel()}).log_prob(z.value) + z.log_det;
    }
    /// The negative of log_prob in bits for each number of an image, (n,).
    Tensor<T> bits_per_dim(const Tensor<T>& images) const {
        return log_prob(images) * static_cast<T>(-1 / (std::log(2.0) * static_cast<double>(scales.numel())));
    }
    /// n images; without a gradient. A temperature below 1 draws nearer to what is likely.
    /// Throws   ValueError: n or the temperature is negative
    Tensor<T> sample(int64_t n, Generator& generator, double temperature = 1) const {
        if (n < 0 || !(temperature >= 0))
            detail::fail<ValueError>("Glow", n, " draws at temperature ", temperature,
                                     ": neither may be negative");
        const no_grad constant;
        return inverse(randn<T>({n, scales.numel()}, generator) * static_cast<T>(temperature)).value;
    }

private:
    static std::vector<GlowStage<T>> stages(int64_t channels, Generator& generator, const GlowOptions& o) {
        if (channels < 1 || o.scales < 1 || o.steps < 1 || o.hidden < 1 || o.scales > 16)
            detail::fail<ValueError>("Glow", channels, " channels, ", o.scales, " scales, ", o.steps,
                                     " steps and ", o.hidden,
                                     " hidden channels: all must be positive, scales at most 16");
        std::vector<GlowStage<T>> list;
        for (int64_t i = 0; i < o.scales; ++i)
            list.emplace_back(MultiScale<GlowStage<T>>::channels_at(channels, i), o, i + 1 == o.scales,
                              generator);
        return list;
    }
};

}
