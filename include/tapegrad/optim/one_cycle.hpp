// One rise and one fall of the learning rate, and the opposite of the momentum.
#pragma once

#include "schedule.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// torch.optim.lr_scheduler.OneCycleLR. Behind the last step the rate stays what it is there.
///   lr / div_factor  ->  lr  ->  lr / div_factor / final_div_factor
/// in pct_start of the steps and the rest of them; with three_phase the fall first takes as many steps as the rise,
/// to where that began. `momentum(step)` goes from max_momentum to base_momentum and back.
/// Source   Smith and Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates, 2018
struct OneCycleLR {
    double lr = 1;  // the largest
    int64_t total_steps = 1;
    double pct_start = 0.3;
    bool linear = false;  // half cosines otherwise
    double base_momentum = 0.85, max_momentum = 0.95;
    double div_factor = 25, final_div_factor = 1e4;
    bool three_phase = false;

    double operator()(int64_t step) const {
        const double first = lr / div_factor;
        return at(step, first, lr, first, first / final_div_factor);
    }
    double momentum(int64_t step) const {
        return at(step, max_momentum, base_momentum, max_momentum, max_momentum);
    }

private:
    double between(double from, double to, double part) const {
        return linear ? from + (to - from) * part : detail::cosine_between(from, to, part);
    }
    double at(int64_t step, double first, double top, double back, double last) const {
        const auto steps = static_cast<double>(total_steps);
        const double t = std::min(static_cast<double>(step), steps - 1);
        const double peak = pct_start * steps - 1, valley = 2 * pct_start * steps - 2;
        if (t <= peak) return between(first, top, t / peak);
        if (!three_phase) return between(top, last, (t - peak) / (steps - 1 - peak));
        if (t <= valley) return between(top, back, (t - peak) / (valley - peak));
        return between(back, last, (t - valley) / (steps - 1 - valley));
    }
};

}
