// Blocks of places of an image as channels.
#pragma once

#include "../ops/pixel_shuffle.hpp"
#include "bijector.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Space to depth: blocks of factor x factor places become as many channels, in the order of pixel_unshuffle; of
/// volume 1.
/// Shape    x (n, c, h factor, w factor) -> y (n, c factor^2, h, w)
/// Throws   ShapeError: x is no images, or of places that factor does not divide; of channels that factor^2 does not
///          divide, by the inverse; ValueError: a factor below 1
/// Source   Dinh et al., Density Estimation using Real NVP, 2017
struct Squeeze {
    int64_t factor = 2;
    TAPEGRAD_FIELDS(factor);

    explicit Squeeze(int64_t factor_ = 2) : factor(factor_) {
        if (factor < 1) detail::fail<ValueError>("Squeeze", "factor ", factor, " is not positive");
    }

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        check(x);
        return {pixel_unshuffle(x, factor), zeros<T>({x.size(0)})};
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        check(y);
        return {pixel_shuffle(y, factor), zeros<T>({y.size(0)})};
    }

private:
    template <class T>
    static void check(const Tensor<T>& x) {
        if (x.rank() != 4)
            detail::fail<ShapeError>("Squeeze", "x ", x.shape(), " is not (n, channels, height, width)");
    }
};

}
