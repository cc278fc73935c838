// Pictures drawn one pixel after the other.
#pragma once

#include "binary.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// What is known of pictures, as (n, height, width).
template <class T>
Tensor<bool> known_pixels(const char* model, const Tensor<T>& x, const Tensor<bool>& known,
                          int64_t channels) {
    if (x.rank() != 4 || x.size(1) != channels)
        fail<ShapeError>(model, "x ", x.shape(), " is not (n, ", channels, ", height, width)");
    const Shape one{x.size(2), x.size(3)}, each{x.size(0), x.size(2), x.size(3)};
    if (known.shape() != one && known.shape() != each)
        fail<ShapeError>(model, "known ", known.shape(), " is neither ", one, " nor ", each);
    return expand(known, each);
}

/// Fills in the pixels that are not known, in the order of reading: draw(y, row, column) (n, channels) reads those of
/// y (n, channels, height, width) that came before; the others are 0.
template <class T, class Draw>
Tensor<T> fill_pixels(const Tensor<T>& x, const Tensor<bool>& known, const Draw& draw) {
    const no_grad constant;
    Tensor<T> y = zeros<T>(x.shape());
    for (int64_t i = 0; i < x.size(2); ++i)
        for (int64_t j = 0; j < x.size(3); ++j) {
            const Tensor<bool> given = select(select(known, 2, j), 1, i);
            const Tensor<T> value = select(select(x, 3, j), 2, i);  // (n, channels)
            Tensor<T> place = select(select(y, 3, j), 2, i);
            assign(place, holds_everywhere(given) ? value : where(unsqueeze(given, 1), value, draw(y, i, j)));
        }
    return y;
}

/// The same for pixels of 0 and 1, from logits_of(y) (n, 1, height, width) of all pixels.
template <class T, class Logits>
Tensor<T> draw_pixels(const Tensor<T>& x, const Tensor<bool>& known, Generator& generator,
                      const Logits& logits_of) {
    return fill_pixels(x, known, [&](const Tensor<T>& y, int64_t i, int64_t j) {
        // Rows below have no part in it.
        const Tensor<T> logits = logits_of(slice(y, 2, 0, i + 1));
        return bernoulli(sigmoid(select(select(logits, 3, j), 2, i)), generator);
    });
}

}
