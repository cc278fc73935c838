// A ReLU whose slope is learned.
#pragma once

#include "../ops/map.hpp"
#include "../ops/movement.hpp"
#include "init.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = x where x > 0, else weight x
/// Shape    x (any), or (batch, channels, ...) with a slope for each channel -> y, same shape; weight (1,) or
///          (channels,)
/// Numeric  begins with 0.25
/// Throws   ShapeError: another number of channels
/// Source   He et al., Delving Deep into Rectifiers, 2015
template <Floating T = float>
struct PReLU {
    Tensor<T> weight;
    TAPEGRAD_FIELDS(weight);

    explicit PReLU(int64_t channels = 1, double start = 0.25)
        : weight(parameter(full<T>({channels}, static_cast<T>(start)))) {}

    Tensor<T> operator()(const Tensor<T>& x) const {
        Tensor<T> slope = weight;
        if (weight.numel() != 1) {
            if (x.rank() < 2 || x.size(1) != weight.numel())
                detail::fail<ShapeError>("PReLU", "x ", x.shape(), " has not the ", weight.numel(),
                                         " channels of weight at axis 1");
            Shape channel = Dims::filled(x.rank() - 1, 1);
            channel[0] = weight.numel();
            slope = reshape(weight, channel);
        } else {
            slope = reshape(weight, {});
        }
        return map(
            "prelu", [](const auto& v, const auto& w) { return where(v > 0, v, w * v); }, x, slope);
    }
};

}
