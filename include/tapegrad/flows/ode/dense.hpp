// A solution that can be asked at any time between its ends.
#pragma once

#include <algorithm>

#include "odeint.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The steps of a solution, with a polynomial within each: of degree 4 (3 for the methods of given steps).
template <OdeState S>
class DenseSolution {
public:
    double start() const { return steps_.front().t0; }
    double end() const { return steps_.back().t1; }
    const OdeStats& stats() const { return stats_; }

    /// The solution at time t. Its gradient flows as that of odeint.
    /// Throws   ValueError: t outside of the ends
    S operator()(double t) const {
        const bool up = end() > start();
        if (!(up ? t >= start() && t <= end() : t <= start() && t >= end()))
            detail::fail<ValueError>("DenseSolution", "t = ", t, " is outside [", start(), ", ", end(), "]");
        const auto step = std::partition_point(steps_.begin(), steps_.end() - 1,
                                               [&](const auto& s) { return up ? s.t1 < t : s.t1 > t; });
        if (step->tableau->adaptive) return detail::interpolated(*step, t);
        const auto i = static_cast<std::size_t>(step - steps_.begin());
        return detail::interpolated_cubic(*step,
                                          i + 1 < steps_.size() ? steps_[i + 1].stages[0] : *last_rate_, t);
    }

private:
    template <OdeState State, class F>
    friend DenseSolution<State> odeint_dense(const F&, const State&, double, double, const OdeOptions&);

    std::vector<detail::OdeStep<S>> steps_;
    std::optional<S> last_rate_;
    OdeStats stats_;
};

/// The solution of dy/dt = f(t, y) from t0 to t1 as a function of time.
/// Throws   as odeint
/// See      odeint
template <OdeState S, class F>
DenseSolution<S> odeint_dense(const F& f, const S& y0, double t0, double t1, const OdeOptions& options = {}) {
    detail::check_times("odeint_dense", {t0, t1});
    detail::OdeSolver<S, F> solver(f, y0, t0, options);
    DenseSolution<S> solution;
    while (solver.t() != t1) {
        solver.advance(t1);
        solution.steps_.push_back(solver.last_step());
    }
    solution.stats_ = solver.stats();
    if (!solver.tableau().adaptive) solution.last_rate_ = f(t1, solver.y());
    return solution;
}

}
