// Learning rates as functions of the step, which counts from 0. Nothing is remembered, so a resumed run has the rates
// of one that did not stop.
//
//   const StepLR schedule{.lr = 0.1, .step_size = 30};
//   optimizer.set_lr(schedule(step));
//
// The structs have the names, the defaults and the values of torch.optim.lr_scheduler. Without an lr they give factors,
// for `optimizer.scale_lr`.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
/// Half a cosine from `from` (part 0) to `to` (part 1).
inline double cosine_between(double from, double to, double part) {
    return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * part));
}
inline double part_of(int64_t step, int64_t total) {
    return static_cast<double>(step) / static_cast<double>(total);
}
}

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
    if (step < o.warmup) return o.max_lr * detail::part_of(step + 1, o.warmup + 1);
    if (step >= o.total) return o.min_lr;
    return detail::cosine_between(o.max_lr, o.min_lr, detail::part_of(step - o.warmup, o.total - o.warmup));
}

/// lr factor before step total_iters, lr from there on.
struct ConstantLR {
    double lr = 1;
    double factor = 1.0 / 3;
    int64_t total_iters = 5;
    double operator()(int64_t step) const { return step < total_iters ? lr * factor : lr; }
};

/// From lr start_factor to lr end_factor in total_iters steps, along a line.
struct LinearLR {
    double lr = 1;
    double start_factor = 1.0 / 3;
    double end_factor = 1;
    int64_t total_iters = 5;
    double operator()(int64_t step) const {
        if (step >= total_iters) return lr * end_factor;
        return lr * (start_factor + (end_factor - start_factor) * detail::part_of(step, total_iters));
    }
};

/// lr (1 - step / total_iters)^power, and 0 from there on.
struct PolynomialLR {
    double lr = 1;
    int64_t total_iters = 5;
    double power = 1;
    double operator()(int64_t step) const {
        return step >= total_iters ? 0 : lr * std::pow(1 - detail::part_of(step, total_iters), power);
    }
};

/// lr gamma^(step / step_size), in whole numbers.
struct StepLR {
    double lr = 1;
    int64_t step_size = 1;
    double gamma = 0.1;
    double operator()(int64_t step) const {
        return lr * std::pow(gamma, static_cast<double>(step / step_size));
    }
};

/// lr gamma^(milestones that are reached).
struct MultiStepLR {
    double lr = 1;
    std::vector<int64_t> milestones = {};
    double gamma = 0.1;
    double operator()(int64_t step) const {
        const auto reached =
            std::count_if(milestones.begin(), milestones.end(), [step](int64_t m) { return m <= step; });
        return lr * std::pow(gamma, static_cast<double>(reached));
    }
};

/// lr gamma^step.
struct ExponentialLR {
    double lr = 1;
    double gamma = 0.9;
    double operator()(int64_t step) const { return lr * std::pow(gamma, static_cast<double>(step)); }
};

/// Half a cosine from lr to eta_min in T_max steps, up again in as many, and so on.
struct CosineAnnealingLR {
    double lr = 1;
    int64_t T_max = 1;
    double eta_min = 0;
    double operator()(int64_t step) const {
        return detail::cosine_between(lr, eta_min, detail::part_of(step, T_max));
    }
};

/// Half a cosine from lr to eta_min in T_0 steps, then again in T_mult times as many, and so on.
/// Source   Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017
struct CosineAnnealingWarmRestarts {
    double lr = 1;
    int64_t T_0 = 1;
    int64_t T_mult = 1;
    double eta_min = 0;
    double operator()(int64_t step) const {
        int64_t length = T_0;
        if (T_mult == 1) step %= length;
        for (; step >= length; length *= T_mult) step -= length;
        return detail::cosine_between(lr, eta_min, detail::part_of(step, length));
    }
};

/// How a rate falls.
enum class Fall {
    linear,
    cosine,
    root  // 1 - sqrt(part): Hägele et al., Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations
};

/// A linear rise in `warmup` steps, lr for `stable` steps, a fall to min_lr in `decay` steps. A run may be made longer
/// as long as it did not begin to fall.
/// Source   Hu et al., MiniCPM: Unveiling the Potential of Small Language Models, 2024
struct WarmupStableDecayLR {
    double lr = 1;
    int64_t warmup = 0;
    int64_t stable = 0;
    int64_t decay = 0;
    double min_lr = 0;
    Fall fall = Fall::root;
    double operator()(int64_t step) const {
        if (step < warmup) return lr * detail::part_of(step + 1, warmup + 1);
        step -= warmup + stable;
        if (step < 0) return lr;
        if (step >= decay) return min_lr;
        const double part = detail::part_of(step, decay);
        if (fall == Fall::cosine) return detail::cosine_between(lr, min_lr, part);
        return lr + (min_lr - lr) * (fall == Fall::linear ? part : std::sqrt(part));
    }
};

}
