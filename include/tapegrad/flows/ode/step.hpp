// One step of a Runge-Kutta method, and the solution within it.
#pragma once

#include "state.hpp"
#include "tableau.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// f(t, y), whose calls are counted and whose results are checked.
template <class S, class F>
class CountedField {
public:
    explicit CountedField(const F& f) : f_(f) {}

    S operator()(double t, const S& y) const {
        ++count_;
        S dy = f_(t, y);
        const auto rates = parts_of(std::as_const(dy)), parts = parts_of(y);
        bool fits = rates.size() == parts.size();
        for (std::size_t p = 0; fits && p < parts.size(); ++p) fits = rates[p].shape() == parts[p].shape();
        if (!fits)
            fail<ShapeError>("odeint", "f gave ", shapes_of(dy), " for a state ", shapes_of(y),
                             "; the rate of change has its shape");
        return dy;
    }
    int64_t count() const { return count_; }

private:
    const F& f_;
    mutable int64_t count_ = 0;
};

/// A step from y0 at t0 to y1 at t1, with its stages.
template <OdeState S>
struct OdeStep {
    const ButcherTableau* tableau = nullptr;
    double t0 = 0, t1 = 0;
    S y0, y1;
    std::array<S, ButcherTableau::most> stages;
};

/// y0 + h sum_i weights_i stages_i of the first `count` stages.
template <OdeState S>
S along(const OdeStep<S>& step, const ButcherTableau::Row& weights, double h, std::size_t count,
        bool from_start = true) {
    std::array<const S*, ButcherTableau::most + 1> states;
    std::array<double, ButcherTableau::most + 1> factors;
    std::size_t n = 0;
    if (from_start) states[n] = &step.y0, factors[n++] = 1;
    for (std::size_t i = 0; i < count; ++i)
        if (weights[i] != 0) states[n] = &step.stages[i], factors[n++] = h * weights[i];
    return weighted_states<S>({states.data(), n}, {factors.data(), n});
}

/// The step that begins with `first`, which is f at (t0, y0).
template <class Field, OdeState S>
OdeStep<S> take_step(const Field& f, const ButcherTableau& tableau, const S& y0, const S& first, double t0,
                     double t1) {
    OdeStep<S> step{&tableau, t0, t1, y0, y0, {}};
    const double h = t1 - t0;
    step.stages[0] = first;
    for (std::size_t i = 1; i < tableau.stages; ++i) {
        step.y1 = along(step, tableau.coupling[i], h, i);
        // The end of a step is where it was asked to be, not t0 + h, which is rounded.
        step.stages[i] = f(tableau.node[i] == 1 ? t1 : t0 + tableau.node[i] * h, step.y1);
    }
    if (!tableau.last_is_next) step.y1 = along(step, tableau.weight, h, tableau.stages);
    return step;
}

/// The solution at a time within a step whose last stage is f at its end: the polynomial of degree 4 that has the
/// values and slopes of both ends and the value in the middle.
/// Source   Shampine 1986, Some practical Runge-Kutta formulas
template <OdeState S>
S interpolated(const OdeStep<S>& step, double t) {
    if (t == step.t0) return step.y0;
    if (t == step.t1) return step.y1;
    const ButcherTableau& tableau = *step.tableau;
    const double h = step.t1 - step.t0, x = (t - step.t0) / h, q = x * x;
    const double middle = 16 * q * (1 - x) * (1 - x), end = q * (-8 * q + 14 * x - 5);
    const double slope0 = x * (1 - x) * (1 - x) * (1 - 2 * x), slope1 = q * (2 * x - 1) * (x - 1);
    // The middle is y0 + h sum middle_i k_i.
    ButcherTableau::Row rates = tableau.middle;
    for (double& rate : rates) rate *= middle;
    rates[0] += slope0;
    rates[tableau.stages - 1] += slope1;
    std::array<const S*, ButcherTableau::most + 2> states;
    std::array<double, ButcherTableau::most + 2> factors;
    std::size_t n = 0;
    states[n] = &step.y0, factors[n++] = 1 - end;
    states[n] = &step.y1, factors[n++] = end;
    for (std::size_t i = 0; i < tableau.stages; ++i)
        if (rates[i] != 0) states[n] = &step.stages[i], factors[n++] = h * rates[i];
    return weighted_states<S>({states.data(), n}, {factors.data(), n});
}

/// The same within a step of a method that has no middle, with f at its end.
template <OdeState S>
S interpolated_cubic(const OdeStep<S>& step, const S& rate1, double t) {
    const double h = step.t1 - step.t0, x = (t - step.t0) / h;
    const S* const states[] = {&step.y0, &step.y1, &step.stages[0], &rate1};
    const double factors[] = {(1 + 2 * x) * (1 - x) * (1 - x), x * x * (3 - 2 * x), h * x * (1 - x) * (1 - x),
                              h * x * x * (x - 1)};
    return weighted_states<S>(states, factors);
}

}
