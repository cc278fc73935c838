// A trained mix of the channels of events, the same at every place: an invertible 1x1 convolution.
#pragma once

#include "../nn/init.hpp"
#include "../ops/det.hpp"
#include "../ops/matmul.hpp"
#include "../ops/qr.hpp"
#include "channels.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y[:, :, place] = weight x[:, :, place]; log |det| = places log |det weight|, by elimination at each call.
/// Shape    x (n, channels, ...) -> y, same shape; weight (channels, channels)
/// Numeric  begins with a random rotation, of volume 1
/// Throws   ShapeError: x of other channels, a negative size; by the inverse ValueError: weight is singular
/// Source   Kingma and Dhariwal, Glow, 2018
/// See      Conv1x1LU, whose volume costs nothing and which cannot become singular
template <Floating T = float>
struct Conv1x1 {
    Tensor<T> weight;
    TAPEGRAD_FIELDS(weight);

    Conv1x1() = default;
    Conv1x1(int64_t channels, Generator& generator) {
        const no_grad values;
        Tensor<T> x = zeros<T>({channels, channels});
        init::normal_(x, generator);
        weight = parameter(detail::copy(qr(x).q));
    }

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        detail::check_channels("Conv1x1", x, weight.size(0));
        return {reshape(matmul(weight, detail::as_columns(x)), x.shape()), log_det(x)};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        detail::check_channels("Conv1x1", y, weight.size(0));
        return {reshape(solve(weight, detail::as_columns(y)), y.shape()), -log_det(y)};
    }

private:
    Tensor<T> log_det(const Tensor<T>& x) const {
        return detail::for_each_event(slogdet(weight).logabsdet * static_cast<T>(detail::places_of(x)), x);
    }
};
Conv1x1(int64_t, Generator&)->Conv1x1<float>;

}
