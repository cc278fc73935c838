// Steps whose loss or gradient is far off are left out, before they spoil what the optimizer keeps.
#pragma once

#include <cmath>
#include <vector>

#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SpikeOptions {
    /// How many standard deviations above the mean of the last values is too far.
    double z = 6;
    /// How many of the last values count, and how many must be there before anything is refused.
    int64_t window = 128, warmup = 32;
    /// After this many refusals in a row the level has moved: the next value is taken.
    int64_t patience = 10;
};

/// Watches one number of each step.
///   if (loss_guard.accepts(loss.item()) && norm_guard.accepts(norm)) optimizer.step();
class SpikeGuard {
public:
    /// Throws   ValueError: z, window, warmup or patience not positive, or warmup beyond the window
    explicit SpikeGuard(SpikeOptions options = {}) : options_(options) {
        if (!(options.z > 0) || options.window < 1 || options.warmup < 1 || options.patience < 1 ||
            options.warmup > options.window)
            detail::fail<ValueError>("spike_guard", "z ", options.z, ", window ", options.window, ", warmup ",
                                     options.warmup, ", patience ", options.patience);
    }

    /// False when the step should be left out: the value is not finite, or z deviations above the mean.
    bool accepts(double value) {
        if (!std::isfinite(value)) return refuse();
        if (static_cast<int64_t>(values_.size()) >= options_.warmup && score(value) > options_.z &&
            refused_in_row_ < options_.patience)
            return refuse();
        refused_in_row_ = 0;
        if (static_cast<int64_t>(values_.size()) == options_.window) values_.erase(values_.begin());
        values_.push_back(value);
        return true;
    }
    /// How many deviations above the mean of the last values; 0 with none.
    double score(double value) const {
        if (values_.empty()) return 0;
        const auto n = static_cast<double>(values_.size());
        double mean = 0, square = 0;
        for (const double v : values_) mean += v / n;
        for (const double v : values_) square += (v - mean) * (v - mean) / n;
        // Of values that are all alike any other one is far off; rounding is not.
        const double deviation = std::fmax(std::sqrt(square), 1e-6 * std::fabs(mean) + 1e-300);
        return (value - mean) / deviation;
    }
    int64_t refused() const { return refused_; }

    /// What `restore` goes on from, for the checkpoint of a run.
    /// Shape    (2 + values,)
    Tensor<double> state() const {
        std::vector<double> saved{static_cast<double>(refused_), static_cast<double>(refused_in_row_)};
        saved.insert(saved.end(), values_.begin(), values_.end());
        return from_vector(saved);
    }
    /// Throws   ValueError: no state of a guard with this window
    void restore(const Tensor<double>& state) {
        if (state.rank() != 1 || state.numel() < 2 || state.numel() > 2 + options_.window)
            detail::fail<ValueError>("spike_guard", "a state of shape ", state.shape(), " for a window of ",
                                     options_.window);
        const std::vector<double> saved = to_vector(state);
        refused_ = static_cast<int64_t>(saved[0]);
        refused_in_row_ = static_cast<int64_t>(saved[1]);
        values_.assign(saved.begin() + 2, saved.end());
    }

private:
    bool refuse() {
        ++refused_;
        ++refused_in_row_;
        return false;
    }
    SpikeOptions options_;
    std::vector<double> values_;  // the oldest first
    int64_t refused_ = 0, refused_in_row_ = 0;
};

}
