// The search along a line for a point that satisfies the strong Wolfe conditions.
#pragma once

#include <algorithm>
#include <cmath>

#include "../tensor/tensor.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// A point of the line: the step, the loss and the slope along the line there.
struct LinePoint {
    double t = 0, loss = 0, slope = 0;
};

/// The minimum, in [low, high], of the cubic with the values and slopes of two points; the middle of the range where
/// it has none.
/// Source   Nocedal and Wright, Numerical Optimization, 2006, equation 3.59
inline double cubic_minimum(const LinePoint& p, const LinePoint& q, double low, double high) {
    const LinePoint &a = p.t <= q.t ? p : q, &b = p.t <= q.t ? q : p;
    const double d1 = p.slope + q.slope - 3 * (p.loss - q.loss) / (p.t - q.t);
    const double square = d1 * d1 - p.slope * q.slope;
    if (!(square >= 0)) return (low + high) / 2;
    const double d2 = std::sqrt(square);
    const double t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2));
    return std::min(std::max(t, low), high);
}

struct WolfeOptions {
    double c1 = 1e-4, c2 = 0.9;
    double tolerance_change = 1e-9;
    int64_t max_trials = 25;  // beside the first
};

/// A point with its gradient.
template <class T>
struct LineSample : LinePoint {
    Tensor<T> gradient;
};

/// From `start` (t = 0), beginning at step t: the best point that was found, and in `evaluations` the number of calls
/// of evaluate(t), which returns a LineSample. As torch.optim.LBFGS searches.
///   loss(t) <= loss(0) + c1 t slope(0);  |slope(t)| <= c2 |slope(0)|
/// `extent` is the largest element of the direction: a bracket shorter than tolerance_change is not divided.
/// Source   Nocedal and Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6
template <class T, class Evaluate>
LineSample<T> strong_wolfe(const LineSample<T>& start, double t, double extent, const WolfeOptions& o,
                           const Evaluate& evaluate, int64_t& evaluations) {
    const auto too_high = [&](const LinePoint& p) { return p.loss > start.loss + o.c1 * p.t * start.slope; };
    const auto flat = [&](const LinePoint& p) { return std::fabs(p.slope) <= -o.c2 * start.slope; };

    // Steps grow until a minimum lies between two of them.
    LineSample<T> bracket[2] = {start, evaluate(t)};
    LineSample<T>&before = bracket[0], &now = bracket[1];
    evaluations = 1;
    int64_t trials = 0;
    for (; trials < o.max_trials; ++trials, ++evaluations) {
        if (too_high(now) || (trials > 1 && now.loss >= before.loss)) break;
        if (flat(now)) return now;
        if (now.slope >= 0) break;
        const double next = cubic_minimum(before, now, now.t + 0.01 * (now.t - before.t), now.t * 10);
        before = now;
        now = evaluate(next);
    }
    if (trials == o.max_trials) before = start;

    // The bracket shrinks around it.
    int low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
    bool stuck = false;
    for (; trials < o.max_trials; ++trials, ++evaluations) {
        const double least = std::min(bracket[0].t, bracket[1].t),
                     most = std::max(bracket[0].t, bracket[1].t);
        if ((most - least) * extent < o.tolerance_change) break;
        double next = cubic_minimum(bracket[0], bracket[1], least, most);
        // Twice near an end, or at it: a tenth of the length into the bracket.
        const double margin = 0.1 * (most - least);
        if (std::min(most - next, next - least) < margin) {
            if (stuck || next >= most || next <= least) {
                next = std::fabs(next - most) < std::fabs(next - least) ? most - margin : least + margin;
                stuck = false;
            } else {
                stuck = true;
            }
        } else {
            stuck = false;
        }
        LineSample<T> sample = evaluate(next);
        LineSample<T>&best = bracket[low], &other = bracket[1 - low];
        if (too_high(sample) || sample.loss >= best.loss) {
            other = std::move(sample);
            low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
            continue;
        }
        const bool done = flat(sample);
        if (!done && sample.slope * (other.t - best.t) >= 0) other = best;
        best = std::move(sample);
        if (done) {
            ++evaluations;
            break;
        }
    }
    return bracket[low];
}

}
