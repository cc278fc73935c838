// Learning rates as functions of the step.
#pragma once

#include <cmath>
#include <numbers>

#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct CosineSchedule {
    int64_t warmup = 0;   // steps of the rise
    int64_t total = 0;    // the step at which min_lr is reached, and kept
    double max_lr = 1e-3;
    double min_lr = 0;

    /// The rate of step `step`, counted from 0: max_lr (step + 1) / (warmup + 1) at first, then half a cosine from max_lr
    /// down to min_lr.
    double operator()(int64_t step) const {
        if (step < warmup) return max_lr * static_cast<double>(step + 1) / static_cast<double>(warmup + 1);
        if (step >= total) return min_lr;
        const double done = static_cast<double>(step - warmup) / static_cast<double>(total - warmup);
        return min_lr + 0.5 * (1 + std::cos(std::numbers::pi * done)) * (max_lr - min_lr);
    }
};

}
