// Convolutions that see a part of their window, such as the pixels that come before.
#pragma once

#include "conv.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What a window shows of the pixels around its own: those before it in the order of reading, or these and itself; those of
/// the rows above, or of these and its own.
enum class SeenPixels { before, up_to_own, rows_above, rows_up_to_own };

/// 1 where a window shows the pixel, else 0. The mask A of PixelCNN is `before`, B is `up_to_own`.
/// Shape    -> (height, width)
/// Throws   ValueError: an even size, which has no middle
/// Source   van den Oord et al., Pixel Recurrent Neural Networks, 2016
template <Floating T>
Tensor<T> pixel_mask(int64_t height, int64_t width, SeenPixels seen) {
    if (height < 1 || width < 1 || height % 2 == 0 || width % 2 == 0)
        detail::fail<ValueError>("pixel_mask", "a window of ", height, " x ", width, " has no middle");
    Tensor<T> mask = zeros<T>({height, width});
    const int64_t row = height / 2, column = width / 2;
    int64_t shown = row * width;  // in the order of reading
    if (seen == SeenPixels::before) shown += column;
    if (seen == SeenPixels::up_to_own) shown += column + 1;
    if (seen == SeenPixels::rows_up_to_own) shown += width;
    for (int64_t i = 0; i < shown; ++i) detail::output(mask)[i] = T(1);
    return mask;
}

/// y = x convolved with weight * mask, plus bias, of the size of x.
/// Shape    x (batch, in, height, width) -> y (batch, out, height, width); weight (out, in, window), mask (window)
/// Numeric  begins as Conv2d
template <Floating T = float>
struct MaskedConv2d {
    Tensor<T> weight, bias;
    Buffer<T> mask;
    TAPEGRAD_FIELDS(weight, bias, mask);

    MaskedConv2d() = default;
    /// Throws   as Conv2d and pixel_mask
    MaskedConv2d(int64_t in, int64_t out, int64_t height, int64_t width, SeenPixels seen,
                 Generator& generator)
        : mask(pixel_mask<T>(height, width, seen)) {
        weight = parameter(empty<T>({out, in, height, width}));
        detail::begin_linear(weight, bias, out, true, generator);
    }

    Tensor<T> operator()(const Tensor<T>& x) const { return conv2d(x, weight * mask, bias, {.same = true}); }
};

}
