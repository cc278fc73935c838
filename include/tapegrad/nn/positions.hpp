// Positions of a sequence, to be added to its embeddings: sines of many wavelengths, or learned.
#pragma once

#include <numbers>

#include "../ops/elementwise.hpp"
#include "../ops/join.hpp"
#include "../ops/slicing.hpp"
#include "init.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The positions 0 .. length - 1 as sines and cosines of wavelengths from 2 pi to 2 pi base.
///   y[p, 2 i] = sin(p / base^(2 i / width)),  y[p, 2 i + 1] = cos of the same
/// Shape    -> (length, width)
/// Numeric  computed in double
/// Throws   ShapeError: width odd
/// Source   Vaswani et al., Attention Is All You Need, 2017
template <Floating T = float>
Tensor<T> sinusoidal_positions(int64_t length, int64_t width, double base = 10000) {
    if (width % 2 != 0)
        detail::fail<ShapeError>("sinusoidal_positions", "width ", width,
                                 " is odd: sines and cosines are pairs");
    using D = std::conditional_t<Floating<T>, double, T>;  // double, once somebody calls
    const Tensor<D> pair = detail::cast<D>(arange<int64_t>(width / 2)) * 2.0;
    const Tensor<D> rate = exp(pair * (-std::log(base) / static_cast<double>(width)));
    const Tensor<D> angle = unsqueeze(detail::cast<D>(arange<int64_t>(length)), 1) * rate;
    return detail::cast<T>(reshape(stack({sin(angle), cos(angle)}, -1), {length, width}));
}

/// y = x + weight[:T]: a learned vector for each position.
/// Shape    x (..., T, width), T up to the positions -> y, same shape; weight (positions, width)
/// Numeric  begins normal with mean 0 and std 0.02, as GPT-2's
/// Throws   ShapeError: x is longer than there are positions
template <Floating T = float>
struct LearnedPositions {
    Tensor<T> weight;
    TAPEGRAD_FIELDS(weight);

    LearnedPositions() = default;
    LearnedPositions(int64_t positions, int64_t width, Generator& generator)
        : weight(parameter(empty<T>({positions, width}))) {
        init::normal_(weight, generator, 0, 0.02);
    }

    Tensor<T> operator()(const Tensor<T>& x) const {
        if (x.rank() < 2 || x.size(-2) > weight.size(0))
            detail::fail<ShapeError>("LearnedPositions", "x ", x.shape(), " is longer than the ",
                                     weight.size(0), " positions");
        return x + narrow(weight, 0, 0, x.size(-2));
    }
};
LearnedPositions(int64_t, int64_t, Generator&)->LearnedPositions<float>;

}
