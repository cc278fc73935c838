// Couplings of the channels of images: the first half steers, by convolutions, what becomes of the second.
#pragma once

#include "../ops/activation.hpp"
#include "../ops/join.hpp"
#include "zero_conv.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The channels that steer, and those that are steered.
template <class T>
std::vector<Tensor<T>> halves(const char* bijector, const Tensor<T>& x, int64_t channels) {
    check_channels(bijector, x, channels);
    if (x.rank() != 4) fail<ShapeError>(bijector, "x ", x.shape(), " is not (n, channels, height, width)");
    return split(x, {channels / 2, channels - channels / 2}, 1);
}
inline int64_t check_halves(const char* bijector, int64_t channels) {
    if (channels < 2) fail<ValueError>(bijector, channels, " channels have no halves");
    return channels / 2;
}

}

/// y = (a, (b + shift(a)) scale(a)) of x = (a, b), scale = sigmoid(raw + 2), where shift and raw come from two hidden
/// layers of convolutions, 3 x 3 and 1 x 1 with ReLU, and a third that begins as zero.
/// Shape    x (n, channels, h, w) -> y, same shape; a has channels / 2 of them
/// Throws   ValueError: less than two channels; ShapeError: x of others
/// Source   Kingma and Dhariwal, Glow, 2018
template <Floating T = float>
struct ImageCoupling {
    int64_t channels = 0;
    Conv2d<T> first, second;
    ZeroConv<T> last;
    TAPEGRAD_FIELDS(channels, first, second, last);

    ImageCoupling() = default;
    ImageCoupling(int64_t channels_, int64_t hidden, Generator& generator)
        : channels(channels_),
          first(detail::check_halves("ImageCoupling", channels), hidden, 3, generator, {.padding = 1}),
          second(hidden, hidden, 1, generator),
          last(hidden, 2 * (channels - channels / 2)) {}

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        const std::vector<Tensor<T>> part = detail::halves("ImageCoupling", x, channels);
        const std::array<Tensor<T>, 2> by = steer(part[0]);
        return {cat({part[0], (part[1] + by[0]) * sigmoid(by[1])}, 1), detail::sum_events(logsigmoid(by[1]))};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        const std::vector<Tensor<T>> part = detail::halves("ImageCoupling", y, channels);
        const std::array<Tensor<T>, 2> by = steer(part[0]);
        return {cat({part[0], part[1] / sigmoid(by[1]) - by[0]}, 1), -detail::sum_events(logsigmoid(by[1]))};
    }

private:
    /// The shift, and what the scale is the sigmoid of.
    std::array<Tensor<T>, 2> steer(const Tensor<T>& a) const {
        const auto [shift, raw] = chunk<2>(last(relu(second(relu(first(a))))), 1);
        return {shift, raw + T(2)};
    }
};

/// y = (a, (b - mean(a)) e^-log_deviation(a)) of x = (a, b): where the second half is done with, this leaves of it what
/// the first half does not tell.
/// Shape    x (n, channels, h, w) -> y, same shape; a has channels / 2 of them
/// Throws   ValueError: less than two channels; ShapeError: x of others
/// Source   Kingma and Dhariwal, Glow, 2018: there the prior of a split
template <Floating T = float>
struct SplitPrior {
    int64_t channels = 0;
    ZeroConv<T> conv;
    TAPEGRAD_FIELDS(channels, conv);

    SplitPrior() = default;
    explicit SplitPrior(int64_t channels_)
        : channels(channels_),
          conv(detail::check_halves("SplitPrior", channels), 2 * (channels - channels / 2)) {}

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        const std::vector<Tensor<T>> part = detail::halves("SplitPrior", x, channels);
        const auto [middle, log_deviation] = chunk<2>(conv(part[0]), 1);
        return {cat({part[0], (part[1] - middle) * exp(-log_deviation)}, 1),
                -detail::sum_events(log_deviation)};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        const std::vector<Tensor<T>> part = detail::halves("SplitPrior", y, channels);
        const auto [middle, log_deviation] = chunk<2>(conv(part[0]), 1);
        return {cat({part[0], part[1] * exp(log_deviation) + middle}, 1), detail::sum_events(log_deviation)};
    }
};

}
