// Two stacks of gated convolutions, one over the rows above and one along a pixel's own row: together they see every pixel
// that comes before.
#pragma once

#include "../nn/masked_conv.hpp"
#include "../ops/activation.hpp"
#include "../ops/join.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct GatedPixelsOptions {
    int64_t channels = 32, layers = 8;
    int64_t window = 3, first_window = 7;
    int64_t head = 64;  // channels of the last hidden layer
};

namespace detail {
/// tanh(a) sigmoid(b) of the two halves of the channels.
template <class T>
Tensor<T> gated_channels(const Tensor<T>& x) {
    const auto [a, b] = chunk<2>(x, 1);
    return map(
        "gated", [](const auto& u, const auto& v) { return tanh(u) * sigmoid(v); }, a, b);
}
}

/// One layer: v' = gate(vertical(v));  h' = h + out(gate(horizontal(h) + link(vertical(v))))
template <Floating T>
struct GatedPixelLayer {
    MaskedConv2d<T> vertical, horizontal;
    Conv2d<T> link, out, skip;
    TAPEGRAD_FIELDS(vertical, horizontal, link, out, skip);

    GatedPixelLayer() = default;
    GatedPixelLayer(int64_t in, int64_t channels, int64_t window, bool first, Generator& generator)
        : vertical(in, 2 * channels, window, window,
                   first ? SeenPixels::rows_above : SeenPixels::rows_up_to_own, generator),
          horizontal(in, 2 * channels, 1, window, first ? SeenPixels::before : SeenPixels::up_to_own,
                     generator),
          link(2 * channels, 2 * channels, 1, generator),
          out(channels, channels, 1, generator),
          skip(channels, channels, 1, generator) {}
};

/// Outputs for each pixel from those before it in the order of reading.
/// Shape    x (B, in, height, width) -> (B, outputs, height, width)
/// Source   van den Oord et al., Conditional Image Generation with PixelCNN Decoders, 2016
template <Floating T = float>
struct GatedPixels {
    std::vector<GatedPixelLayer<T>> layers;
    Conv2d<T> head, output;
    TAPEGRAD_FIELDS(layers, head, output);

    GatedPixels() = default;
    /// Throws   ShapeError: a negative size; ValueError: no layer, an even window
    GatedPixels(int64_t in, int64_t outputs, const GatedPixelsOptions& o, Generator& generator) {
        if (o.layers < 1)
            detail::fail<ValueError>("GatedPixels", o.layers, " layers; there must be one or more");
        for (int64_t i = 0; i < o.layers; ++i)
            layers.emplace_back(i == 0 ? in : o.channels, o.channels, i == 0 ? o.first_window : o.window,
                                i == 0, generator);
        head = Conv2d<T>(o.channels, o.head, 1, generator);
        output = Conv2d<T>(o.head, outputs, 1, generator);
    }

    Tensor<T> operator()(const Tensor<T>& x) const {
        Tensor<T> v = x, h = x, skips;
        for (const GatedPixelLayer<T>& layer : layers) {
            const Tensor<T> above = layer.vertical(v);  // (B, 2 channels, height, width)
            const Tensor<T> g = detail::gated_channels(layer.horizontal(h) + layer.link(above));
            const bool first = !skips.defined();
            skips = first ? layer.skip(g) : skips + layer.skip(g);
            h = first ? layer.out(g) : h + layer.out(g);
            v = detail::gated_channels(above);
        }
        return output(relu(head(relu(skips))));
    }
};

}
