// Passes over data that are not training: the mean loss of a validation set, and the check that a model can
// learn one batch by heart.
#pragma once

#include <functional>

#include "../nn/module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A mean of numbers of different weights: sums are added up, not means.
struct WeightedMean {
    double sum = 0, weight = 0;
    void add(double mean, double count) {
        sum += mean * count;
        weight += count;
    }
    /// NaN for no weight.
    double value() const { return sum / weight; }
};

/// The mean of `loss(batch)` over all batches, in evaluation mode and without a tape; then the model is in the
/// mode in which it was, also after an exception. `loss` returns a mean and how much it counts: examples, or
/// tokens.
///   const double validation = evaluate(model, loader, [&](const auto& batch) {
///       const auto& [x, y] = batch;
///       return std::pair(cross_entropy(model(x), y).item(), x.size(0));
///   });
template <Module M, class Batches, class Loss>
double evaluate(M& model, Batches& batches, const Loss& loss) {
    const Evaluating quiet(model);
    WeightedMean mean;
    for (const auto& batch : batches) {
        const auto [value, count] = loss(batch);
        mean.add(static_cast<double>(value), static_cast<double>(count));
    }
    return mean.value();
}

struct OverfitOptions {
    int64_t steps = 200;
    /// The loss that says that the batch is known by heart.
    double target = 0.01;
};
struct OverfitReport {
    double first = 0, last = 0;
    int64_t steps = 0;
    bool reached = false;
};

/// Trains on one batch until its loss is below the target. A model, loss and optimizer that cannot do that have
/// an error: it is the first thing to try. `step` takes one step on always the same batch and returns its loss.
inline OverfitReport overfit_one_batch(const std::function<double()>& step, OverfitOptions options = {}) {
    OverfitReport report;
    while (report.steps < options.steps && !report.reached) {
        report.last = step();
        if (report.steps++ == 0) report.first = report.last;
        report.reached = report.last <= options.target;
    }
    return report;
}

}
