// Gated PixelCNN of pictures of two values.
#pragma once

#include "gated_pixels.hpp"
#include "image.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// log p(x) = sum over pixels, in the order of reading, of the coin that two gated stacks see in all those before
/// Shape    x (B, 1, height, width), any height and width
/// Source   van den Oord et al., Conditional Image Generation with PixelCNN Decoders, 2016
template <Floating T = float>
struct GatedPixelCnn {
    GatedPixels<T> net;
    TAPEGRAD_FIELDS(net);

    GatedPixelCnn() = default;
    /// Throws   as GatedPixels
    GatedPixelCnn(const GatedPixelsOptions& o, Generator& generator) : net(1, 1, o, generator) {}

    /// (B, 1, height, width).
    Tensor<T> logits(const Tensor<T>& x) const { return net(x); }
    /// In nats; (B,).
    Tensor<T> log_prob(const Tensor<T>& x) const {
        return bernoulli_log_prob(flatten(logits(x), 1), flatten(x, 1));
    }
    /// Draws (n, 1, height, width).
    Tensor<T> sample(int64_t n, int64_t height, int64_t width, Generator& generator) const {
        return inpaint(zeros<T>({n, 1, height, width}), zeros<bool>({height, width}), generator);
    }
    /// Draws what is not known, given what of it lies before.
    /// Shape    x (n, 1, height, width), known (height, width) or (n, height, width) -> as x
    /// Throws   ShapeError: sizes differ
    Tensor<T> inpaint(const Tensor<T>& x, const Tensor<bool>& known, Generator& generator) const {
        return detail::draw_pixels(x, detail::known_pixels("GatedPixelCnn", x, known, 1), generator,
                                   [this](const Tensor<T>& y) { return logits(y); });
    }
};
GatedPixelCnn(const GatedPixelsOptions&, Generator&)->GatedPixelCnn<float>;

}
