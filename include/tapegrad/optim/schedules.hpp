// Schedules made of schedules.
#pragma once

#include <array>
#include <tuple>

#include "../core/error.hpp"
#include "schedule.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The product of schedules: torch.optim.lr_scheduler.ChainedScheduler, for one that has an lr and others that give
/// factors.
template <class... S>
struct ChainedLR {
    explicit ChainedLR(S... schedules) : schedules_(std::move(schedules)...) {}
    double operator()(int64_t step) const {
        return std::apply([step](const S&... s) { return (s(step) * ...); }, schedules_);
    }

private:
    std::tuple<S...> schedules_;
};

/// One schedule after the other: torch.optim.lr_scheduler.SequentialLR. Schedule k begins, at its step 0, at
/// milestone k - 1.
///   SequentialLR schedule({100, 900}, LinearLR{.lr = 1e-3, .total_iters = 100}, ...);
/// Throws   ValueError: milestones that do not ascend from above 0
template <class... S>
struct SequentialLR {
    explicit SequentialLR(std::array<int64_t, sizeof...(S) - 1> milestones, S... schedules)
        : milestones_(milestones), schedules_(std::move(schedules)...) {
        int64_t before = 0;
        for (const int64_t m : milestones_) {
            if (m <= before)
                detail::fail<ValueError>("SequentialLR", "milestone ", m, " does not lie behind ", before);
            before = m;
        }
    }
    double operator()(int64_t step) const {
        std::size_t k = 0;
        while (k < milestones_.size() && step >= milestones_[k]) ++k;
        if (k > 0) step -= milestones_[k - 1];
        double rate = 0;
        std::apply([&](const S&... s) { (void)((k-- == 0 ? (rate = s(step), true) : false) || ...); },
                   schedules_);
        return rate;
    }

private:
    std::array<int64_t, sizeof...(S) - 1> milestones_;
    std::tuple<S...> schedules_;
};

}
