// Mean squared error.
#pragma once

#include "reduction.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Squared error.
///   loss = mean((x - target)^2), or the sum, or each square
/// Shape    x, target broadcast together -> () or, without reduction, their common shape
/// Grad     dx = 2 (x - target) / n;  saves x, target
template <Floating T>
Tensor<T> mse_loss(const Tensor<T>& x, const Tensor<T>& target, Reduction reduction = Reduction::mean) {
    const auto squared = [](const auto& a, const auto& b) { return (a - b) * (a - b); };
    return detail::reduced_map("mse_loss", reduction, squared, x, target);
}

}
