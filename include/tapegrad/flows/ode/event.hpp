// Solutions that end when something happens: the first time at which a function of the state changes its sign.
#pragma once

#include "../../ops/movement.hpp"
#include "odeint.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The first event.
template <OdeState S>
struct OdeEvent {
    bool happened = false;               // else t and y are those of the end
    double t = 0;                        // when
    Tensor<detail::OdeElement<S>> time;  // the same with its gradient, ()
    S y;                                 // the state then
    OdeStats stats;
};

namespace detail {

/// Throws   ShapeError: the event is not one number
template <class T, class E, class S>
Tensor<T> event_value(const E& event, double t, const S& y) {
    const Tensor<T> g = event(t, y);
    if (g.numel() != 1) fail<ShapeError>("odeint_event", "the event gave ", g.shape(), ", not one number");
    return reshape(g, {});
}
template <class T>
int sign_of(const Tensor<T>& g) {
    const T v = g.item();
    return v > 0 ? 1 : v < 0 ? -1 : 0;
}

}

/// Follows dy/dt = f(t, y) from t0 until event(t, y), a tensor of one number, changes its sign, or until `end`. Where it
/// is 0 at t0 the first sign after that counts.
///   const auto fall = odeint_event(ball, y0, 0, 100, [](double, const Tensor<double>& y) { return narrow(y, 0, 0, 1); });
/// Shape    as odeint
/// Grad     of y and of `time`, by y0 and all that f and the event read: with the state, the time of the event moves.
///   dtime = -dg / (dg/dt + dg/dy f)
/// Numeric  the time is bisected on the interpolant of the step to atol; an event that comes and goes within one step is
///          not seen (bound max_step)
/// Throws   as odeint; ValueError: t0 equal to end, or a method of given steps without a step; ShapeError: an event of
///          several numbers
/// Source   Chen, Amos and Nickel 2021, Learning neural event functions for ordinary differential equations
template <OdeState S, class F, class E>
OdeEvent<S> odeint_event(const F& f, const S& y0, double t0, double end, const E& event,
                         const OdeOptions& options = {}) {
    using T = detail::OdeElement<S>;
    detail::check_times("odeint_event", {t0, end});
    detail::OdeSolver<S, F> solver(f, y0, t0, options);
    if (!solver.tableau().adaptive && options.step == 0)
        detail::fail<ValueError>("odeint_event", solver.tableau().name, " needs a step");
    const auto sign_at = [&](double t, const S& y) {
        const no_grad constant;
        return detail::sign_of(detail::event_value<T>(event, t, y));
    };
    OdeEvent<S> result;
    int before = sign_at(t0, y0);
    while (solver.t() != end && !result.happened) {
        solver.advance(end);
        const int now = sign_at(solver.t(), solver.y());
        result.happened = before != 0 && now != before;
        if (before == 0) before = now;
    }
    result.t = solver.t();
    if (result.happened) {
        double low = solver.last_step().t0, high = solver.last_step().t1;
        const no_grad constant;
        const double tolerance = std::max(options.atol, 4e-16 * std::abs(high));
        while (std::abs(high - low) > tolerance) {
            const double middle = low + (high - low) / 2;
            if (middle == low || middle == high) break;
            (sign_at(middle, solver.at(middle)) == before ? low : high) = middle;
        }
        result.t = high;
    }
    result.y = solver.at(result.t);
    result.time = Tensor<T>(static_cast<T>(result.t));
    const Tensor<T> g = result.happened ? detail::event_value<T>(event, result.t, result.y) : Tensor<T>();
    if (result.happened && g.requires_grad()) {
        // A step of Newton's method, of length 0 but with the gradient that the time has.
        S rate;
        double slope = 0;
        {
            const no_grad constant;
            rate = f(result.t, result.y);
            const double h = 1e-4 * std::abs(solver.last_step().t1 - solver.last_step().t0);
            const S* const states[] = {&result.y, &rate};
            const auto value_at = [&](double way) {
                const double factors[] = {1, way};
                const S y = detail::weighted_states<S>(states, factors);
                return static_cast<double>(detail::event_value<T>(event, result.t + way, y).item());
            };
            slope = (value_at(h) - value_at(-h)) / (2 * h);
        }
        const Tensor<T> moved = (g.detach() - g) / static_cast<T>(slope);
        result.time = result.time + moved;
        const auto rates = detail::parts_of(std::as_const(rate));
        for (std::size_t p = 0; p < rates.size(); ++p)
            detail::parts_of(result.y)[p] = detail::parts_of(result.y)[p] + rates[p].detach() * moved;
    }
    result.stats = solver.stats();
    return result;
}

}
