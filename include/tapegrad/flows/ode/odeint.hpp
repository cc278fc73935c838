// Solutions of ordinary differential equations dy/dt = f(t, y), at given times.
#pragma once

#include "solver.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The solution at each time that was asked for.
template <OdeState S>
struct OdeSolution {
    std::vector<S> y;
    OdeStats stats;
    const S& last() const { return y.back(); }
};

namespace detail {

/// Throws   ValueError: fewer than two times, one that is not finite, or an order that turns
inline void check_times(const char* op, const std::vector<double>& times) {
    if (times.size() < 2) fail<ValueError>(op, times.size(), " times; a solution has a start and an end");
    const bool up = times[1] > times[0];
    for (std::size_t i = 0; i < times.size(); ++i)
        if (times[i] - times[i] != 0 ||
            (i > 0 && (up ? !(times[i] > times[i - 1]) : !(times[i] < times[i - 1]))))
            fail<ValueError>(op, "time ", i, " is ", times[i],
                             "; times are finite and strictly increase or strictly decrease");
}

template <OdeState S, class F>
OdeSolution<S> odeint_counting(const F& f, const S& y0, const std::vector<double>& times,
                               const OdeOptions& options, std::size_t norm_parts) {
    check_times("odeint", times);
    OdeSolver<S, F> solver(f, y0, times[0], options, norm_parts);
    OdeSolution<S> solution;
    solution.y.reserve(times.size());
    solution.y.push_back(y0);
    // The interpolant has order 4: dopri8 is better than that, and steps onto each time.
    const bool between = solver.tableau().adaptive && solver.tableau().order <= 5;
    const bool forwards = times[1] > times[0];
    for (std::size_t i = 1; i < times.size(); ++i) {
        if (between)
            while (forwards ? solver.t() < times[i] : solver.t() > times[i]) solver.advance(times.back());
        else
            solver.advance_to(times[i]);
        solution.y.push_back(solver.at(times[i]));
    }
    solution.stats = solver.stats();
    return solution;
}

}

/// The solution of dy/dt = f(t, y) that begins with y0 at times[0], at each of the times, in either direction.
///   auto [y, stats] = odeint([](double t, const Tensor<double>& y) { return -y; }, y0, {0, 1, 2});
/// f is not called beyond the last time. Steps are chosen in double, also for a state of floats.
/// Shape    f (t, state) -> its rate of change, of its shape; y[i] as y0
/// Grad     by y0 and all that f reads, to any order, through every step; the times and the lengths of the steps are
///          constants. Keeps every stage of every step: odeint_adjoint keeps none
/// Throws   OdeError: no step is short enough (a solution that ends, a state or a rate that is not finite), or there
///          are more than max_steps; ValueError: times or options that make no sense; ShapeError: f gives another shape
/// Source   the defaults, the first step and the control of steps are torchdiffeq's
/// See      odeint_adjoint, odeint_dense, odeint_event
template <OdeState S, class F>
OdeSolution<S> odeint(const F& f, const S& y0, const std::vector<double>& times,
                      const OdeOptions& options = {}) {
    return detail::odeint_counting(f, y0, times, options, std::numeric_limits<std::size_t>::max());
}

}
