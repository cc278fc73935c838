// Dice loss: the overlap of regions.
#pragma once

#include "reduction.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct DiceOptions {
    double smooth = 1;  // added above and below: an empty region that is found empty has no loss
    Reduction reduction = Reduction::mean;
};

/// One minus the Dice coefficient of each item of a batch.
///   loss_b = 1 - (2 sum x t + smooth) / (sum x + sum t + smooth), sums over all axes behind the first
/// Shape    x (probabilities), target (batch, ...) -> () or, without reduction, (batch,)
/// Grad     by both
/// Throws   ShapeError: the shapes differ, or rank 0
/// Source   Milletari et al., V-Net, 2016
template <Floating T>
Tensor<T> dice_loss(const Tensor<T>& x, const Tensor<T>& target, const DiceOptions& options = {}) {
    if (x.rank() == 0 || x.shape() != target.shape())
        detail::fail<ShapeError>("dice_loss", "x ", x.shape(), " and target ", target.shape(),
                                 " must have one shape (batch, ...)");
    const auto total = [](const Tensor<T>& v) {
        return v.rank() == 1 ? v : sum(flatten(v, 1), -1);  // (batch,)
    };
    return detail::reduced_map(
        "dice_loss", options.reduction,
        [](const auto& both, const auto& a, const auto& b, const auto& smooth) {
            return 1 - (2 * both + smooth) / (a + b + smooth);
        },
        total(x * target), total(x), total(target), options.smooth);
}

}
