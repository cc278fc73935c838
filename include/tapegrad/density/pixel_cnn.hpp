// PixelCNN: masked convolutions over pictures of two values.
#pragma once

#include "../nn/masked_conv.hpp"
#include "image.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct PixelCnnOptions {
    int64_t channels = 32;  // of the hidden layers; half of them inside of blocks
    int64_t blocks = 7;
    int64_t window = 7, block_window = 3;
    int64_t head = 32;  // channels of the last hidden layer
};

/// x + up(relu(masked(relu(down(relu(x))))))
template <Floating T>
struct PixelCnnBlock {
    Conv2d<T> down;
    MaskedConv2d<T> masked;
    Conv2d<T> up;
    TAPEGRAD_FIELDS(down, masked, up);

    Tensor<T> operator()(const Tensor<T>& x) const { return x + up(relu(masked(relu(down(relu(x)))))); }
};

/// log p(x) = sum over pixels, in the order of reading, of the coin that masked convolutions see in those before
/// Shape    x (B, 1, height, width), any height and width
/// Numeric  each of its pixels sees a triangle above; what is to the right of it is hidden (the blind spot) and comes into
///          sight with GatedPixelCnn
/// Source   van den Oord et al., Pixel Recurrent Neural Networks, 2016
template <Floating T = float>
struct PixelCnn {
    MaskedConv2d<T> input;
    std::vector<PixelCnnBlock<T>> blocks;
    Conv2d<T> head, output;
    TAPEGRAD_FIELDS(input, blocks, head, output);

    PixelCnn() = default;
    /// Throws   ShapeError: a negative size; ValueError: an odd number of channels, an even window
    PixelCnn(const PixelCnnOptions& o, Generator& generator) {
        if (o.channels % 2 != 0)
            detail::fail<ValueError>("PixelCnn", o.channels, " channels; blocks take half of them");
        input = MaskedConv2d<T>(1, o.channels, o.window, o.window, SeenPixels::before, generator);
        const int64_t half = o.channels / 2, w = o.block_window;
        for (int64_t i = 0; i < o.blocks; ++i)
            blocks.push_back({Conv2d<T>(o.channels, half, 1, generator),
                              MaskedConv2d<T>(half, half, w, w, SeenPixels::up_to_own, generator),
                              Conv2d<T>(half, o.channels, 1, generator)});
        head = Conv2d<T>(o.channels, o.head, 1, generator);
        output = Conv2d<T>(o.head, 1, 1, generator);
    }

    /// (B, 1, height, width).
    Tensor<T> logits(const Tensor<T>& x) const {
        Tensor<T> h = input(x);
        for (const PixelCnnBlock<T>& block : blocks) h = block(h);
        return output(relu(head(relu(h))));
    }
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
        return detail::draw_pixels(x, detail::known_pixels("PixelCnn", x, known, 1), generator,
                                   [this](const Tensor<T>& y) { return logits(y); });
    }
};
PixelCnn(const PixelCnnOptions&, Generator&)->PixelCnn<float>;

}
