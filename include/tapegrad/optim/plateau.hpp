// A learning rate that falls when a measure no longer gets better.
#pragma once

#include <limits>

#include "state.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct PlateauOptions {
    double lr = 1;
    bool maximize = false;  // better is larger
    double factor = 0.1;
    int64_t patience = 10;
    double threshold = 1e-4;
    bool relative = true;  // the threshold, to the best so far
    int64_t cooldown = 0;
    double min_lr = 0;
    double eps = 1e-8;  // a smaller change is none
};

/// torch.optim.lr_scheduler.ReduceLROnPlateau: after more than `patience` measures in a row that are not better than
/// the best by the threshold, lr *= factor; then `cooldown` measures do not count. It remembers, so its state belongs
/// into a checkpoint (TrainingState::extra).
/// Throws   ValueError: a factor outside [0, 1), a negative lr, patience or cooldown
class ReduceLROnPlateau {
public:
    explicit ReduceLROnPlateau(const PlateauOptions& options)
        : options_(options), lr_(options.lr), best_(worst()) {
        detail::check_decays(name, {{"factor", options.factor}});
        detail::check_not_negative(name, {{"lr", options.lr},
                                          {"patience", static_cast<double>(options.patience)},
                                          {"cooldown", static_cast<double>(options.cooldown)}});
    }

    double lr() const { return lr_; }

    /// The learning rate after this measure. NaN is not better.
    double step(double measure) {
        if (better(measure)) {
            best_ = measure;
            bad_ = 0;
        } else {
            ++bad_;
        }
        if (resting_ > 0) {
            --resting_;
            bad_ = 0;
        }
        if (bad_ > options_.patience) {
            const double lower = std::max(lr_ * options_.factor, options_.min_lr);
            if (lr_ - lower > options_.eps) lr_ = lower;
            resting_ = options_.cooldown;
            bad_ = 0;
        }
        return lr_;
    }

    StateDict state_dict() const {
        StateDict dict;
        dict.add("lr", full<double>({}, lr_));
        dict.add("best", full<double>({}, best_));
        dict.add("num_bad_epochs", full<int64_t>({}, bad_));
        dict.add("cooldown_counter", full<int64_t>({}, resting_));
        return dict;
    }
    /// Throws   ValueError, IndexError, DtypeError: no such state, and nothing is changed
    void load_state_dict(const StateDict& dict) {
        const double lr = detail::saved_number(name, dict, "lr"),
                     best = detail::saved_number(name, dict, "best");
        const int64_t bad = dict.get<int64_t>("num_bad_epochs").item(),
                      resting = dict.get<int64_t>("cooldown_counter").item();
        lr_ = lr;
        best_ = best;
        bad_ = bad;
        resting_ = resting;
    }

private:
    static constexpr const char* name = "ReduceLROnPlateau";

    double worst() const {
        constexpr double inf = std::numeric_limits<double>::infinity();
        return options_.maximize ? -inf : inf;
    }
    bool better(double measure) const {
        const double by = options_.maximize ? options_.threshold : -options_.threshold;
        const double needed = options_.relative ? best_ * (1 + by) : best_ + by;
        return options_.maximize ? measure > needed : measure < needed;
    }

    PlateauOptions options_;
    double lr_, best_;
    int64_t bad_ = 0, resting_ = 0;
};

}
