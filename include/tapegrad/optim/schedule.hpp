// Learning rates as functions of the step, which counts from 0.
#pragma once

#include <cmath>
#include <numbers>

#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct WarmupOptions {
    int64_t warmup = 0;  // steps of linear rise
    int64_t total = 0;   // the step from which on the rate is min_lr
    double max_lr = 1e-3;
    double min_lr = 0;
};

/// A linear rise to max_lr, then half a cosine down to min_lr.
///   step < warmup   max_lr (step + 1) / (warmup + 1)
///   step < total    min_lr + (max_lr - min_lr) (1 + cos(pi (step - warmup) / (total - warmup))) / 2
///   else            min_lr
/// Source   Loshchilov and Hutter, SGDR, 2017
inline double cosine_with_warmup(int64_t step, const WarmupOptions& o) {
    if (step < o.warmup) return o.max_lr * static_cast<double>(step + 1) / static_cast<double>(o.warmup + 1);
    if (step >= o.total) return o.min_lr;
    const double part = static_cast<double>(step - o.warmup) / static_cast<double>(o.total - o.warmup);
    return o.min_lr + (o.max_lr - o.min_lr) * 0.5 * (1 + std::cos(std::numbers::pi * part));
}

}
