// The gated linear unit.
#pragma once

#include "map.hpp"
#include "slicing.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The first half along an axis, each element let through as far as its gate, in the second half, is open.
///   y_i = x_i sigmoid(x_{n + i})
/// Shape    x (..., 2 n, ...) -> y (..., n, ...)
/// Grad     by both halves;  saves them
/// Throws   ShapeError: axis outside [-rank, rank), or an odd number of elements along it
/// Source   Dauphin et al., Language Modeling with Gated Convolutional Networks, 2017        /// See  GatedMlp
template <Floating T>
Tensor<T> glu(const Tensor<T>& x, int64_t axis = -1) {
    const int at = normalize_axis("glu", axis, x.rank());
    const int64_t size = x.shape()[at];
    if (size % 2 != 0)
        detail::fail<ShapeError>("glu", "axis ", at, " of x ", x.shape(), " has the odd size ", size,
                                 " and no halves");
    return map(
        "glu", [](const auto& v, const auto& gate) { return v * sigmoid(gate); }, narrow(x, at, 0, size / 2),
        narrow(x, at, size / 2, size / 2));
}

}
