// Steps along a solution, of a given length or of one that an estimate of the error chooses.
#pragma once

#include <limits>
#include <optional>

#include "step.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct OdeOptions {
    OdeMethod method = OdeMethod::dopri5;
    /// An adaptive method keeps the error of a step below atol + rtol |y|, as a root mean square over the elements.
    double rtol = 1e-7, atol = 1e-9;
    /// Length of a step of euler, midpoint, heun and rk4; a shorter one where it does not divide the way to the next
    /// time. 0 takes one step to each time.
    double step = 0;
    /// First step of an adaptive method; 0 lets it look at f.
    double first_step = 0;
    /// A step that must be shorter than min_step is an OdeError.
    double min_step = 0;
    double max_step = std::numeric_limits<double>::infinity();
    /// A step becomes safety * error^(-1/order) of the last, but at most ifactor and at least dfactor of it.
    double safety = 0.9, ifactor = 10, dfactor = 0.2;
    /// More steps than this are an OdeError.
    int64_t max_steps = std::numeric_limits<int32_t>::max();
};

/// What a solution cost.
struct OdeStats {
    int64_t steps = 0;        // accepted
    int64_t rejected = 0;     // tried with too large an error
    int64_t evaluations = 0;  // calls of f
};

/// No step is short enough to go on, or there were too many.
struct OdeError : Error {
    double t = 0, step = 0;  // where it stopped, and with what step
    OdeError(const std::string& message, double t_, double step_) : Error(message), t(t_), step(step_) {}
};

namespace detail {

inline void check_options(const OdeOptions& o) {
    const auto check = [](bool right, const char* which, double value) {
        if (!right) fail<ValueError>("odeint", which, " is ", value);
    };
    check(o.rtol >= 0, "rtol", o.rtol);
    check(o.atol >= 0 && (o.rtol > 0 || o.atol > 0), "atol", o.atol);
    check(o.step >= 0, "step", o.step);
    check(o.first_step >= 0, "first_step", o.first_step);
    check(o.min_step >= 0, "min_step", o.min_step);
    check(o.max_step > 0 && o.max_step >= o.min_step, "max_step", o.max_step);
    check(o.safety > 0 && o.safety < 1, "safety", o.safety);
    check(o.ifactor > 1, "ifactor", o.ifactor);
    check(o.dfactor > 0 && o.dfactor < 1, "dfactor", o.dfactor);
}

/// Where a solution is, and the last step that led there. `norm_parts` parts of the state count for the error.
template <OdeState S, class F>
class OdeSolver {
public:
    OdeSolver(const F& f, const S& y0, double t0, const OdeOptions& options,
              std::size_t norm_parts = std::numeric_limits<std::size_t>::max())
        : field_(f), options_(options), tableau_(tableau_of(options.method)), norm_parts_(norm_parts) {
        check_options(options);
        step_.tableau = &tableau_;
        step_.t0 = step_.t1 = t0;
        step_.y0 = step_.y1 = y0;
    }

    double t() const { return step_.t1; }
    const S& y() const { return step_.y1; }
    const ButcherTableau& tableau() const { return tableau_; }
    const OdeStep<S>& last_step() const { return step_; }
    OdeStats stats() const {
        OdeStats stats = stats_;
        stats.evaluations = field_.count();
        return stats;
    }

    /// One step towards `limit`, never beyond it.
    void advance(double limit) {
        if (stats_.steps + stats_.rejected >= options_.max_steps) fail_at(h_, " are not enough steps");
        if (tableau_.adaptive)
            adapt(limit);
        else
            walk(limit);
        ++stats_.steps;
    }
    /// Steps to `limit`.
    void advance_to(double limit) {
        if (!tableau_.adaptive) divide(limit);
        while (t() != limit) advance(limit);
    }
    /// The solution at a time within the last step.
    S at(double t) {
        if (t == step_.t0) return step_.y0;
        if (t == step_.t1) return step_.y1;
        if (tableau_.adaptive) return interpolated(step_, t);
        if (!next_) next_ = field_(step_.t1, step_.y1);
        return interpolated_cubic(step_, *next_, t);
    }

private:
    /// Sets the length of the steps of a way, so that they divide it evenly.
    void divide(double limit) {
        const double way = limit - t();
        const double n = options_.step > 0 ? std::ceil(std::abs(way) / options_.step * (1 - 1e-12)) : 1;
        h_ = way / std::max(1.0, n);
    }
    void walk(double limit) {
        const double h = h_ != 0 ? h_ : std::copysign(options_.step, limit - t());
        const double left = limit - t();
        const bool last = h == 0 || std::abs(left) <= std::abs(h) * (1 + 1e-9);
        S first = next_ ? std::move(*next_) : field_(t(), y());
        next_.reset();
        step_ = take_step(field_, tableau_, y(), first, t(), last ? limit : t() + h);
    }

    void adapt(double limit) {
        if (!next_) begin(limit);
        for (;;) {
            const double left = limit - t();
            const double free = std::copysign(std::min(h_, options_.max_step), left);
            const bool last = std::abs(free) >= std::abs(left) * (1 - 1e-10);
            const double t1 = last ? limit : t() + free, h = t1 - t();
            const double length = std::abs(last ? h : free);  // h has lost digits to t
            if (h == 0) fail_at(free, ", which does not move t");
            OdeStep<S> trial = take_step(field_, tableau_, y(), *next_, t(), t1);
            const double error = error_of(trial);
            if (error <= 1) {
                // A step that was cut at the limit says little of how long the next one may be.
                h_ = std::max(longer(length, error), last ? h_ : 0);
                next_ = trial.stages[tableau_.stages - 1];
                step_ = std::move(trial);
                return;
            }
            ++stats_.rejected;
            h_ = longer(length, error);
            if (h_ < options_.min_step) fail_at(h_, ", below min_step");
            if (t() + std::copysign(h_, left) == t()) fail_at(h_, ", which does not move t");
            if (stats_.steps + stats_.rejected >= options_.max_steps) fail_at(h_, " are not enough steps");
        }
    }
    double error_of(const OdeStep<S>& trial) const {
        const no_grad constant;
        const S error = along(trial, tableau_.error, trial.t1 - trial.t0, tableau_.stages, false);
        return scaled_norm(error, trial.y0, trial.y1, options_.atol, options_.rtol, norm_parts_);
    }
    /// The next length after one of this error; an error that is no number makes it as short as one may.
    double longer(double h, double error) const {
        if (error == 0) return h * options_.ifactor;
        const double least = error < 1 ? 1 : options_.dfactor;
        const double wanted = options_.safety * std::pow(error, -1. / tableau_.order);
        return h * (wanted > least ? std::min(wanted, options_.ifactor) : least);
    }
    /// Evaluates f at the start and chooses the first step.
    /// Source   Hairer, Norsett and Wanner 1993, Solving Ordinary Differential Equations I, II.4
    void begin(double limit) {
        next_ = field_(t(), y());
        if (h_ > 0) return;
        if (options_.first_step > 0) return h_ = options_.first_step, void();
        const no_grad constant;
        const auto norm = [&](const S& x) {
            return scaled_norm(x, y(), y(), options_.atol, options_.rtol, norm_parts_);
        };
        const double d0 = norm(y()), d1 = norm(*next_);
        if (!(d0 < std::numeric_limits<double>::infinity())) fail_at(0, ", since the state is not finite");
        const double h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1;
        const double way = std::copysign(std::min(h0, std::abs(limit - t())), limit - t());
        const S* const ahead[] = {&y(), &*next_};
        const double factors[] = {1, way};
        const S then = field_(t() + way, weighted_states<S>(ahead, factors));
        const S* const both[] = {&then, &*next_};
        const double difference[] = {1, -1};
        const double d2 = norm(weighted_states<S>(both, difference)) / std::abs(way);
        const double h1 = d1 <= 1e-15 && d2 <= 1e-15 ? std::max(1e-6, h0 * 1e-3)
                                                     : std::pow(0.01 / std::max(d1, d2), 1. / tableau_.order);
        h_ = std::min(100 * h0, h1);
        if (!(h_ > 0)) h_ = h0 > 0 ? h0 : 1e-6;  // f is not finite ahead: steps find out how far it goes
    }

    [[noreturn, gnu::cold, gnu::noinline]] void fail_at(double h, const char* why) const {
        std::string message = "odeint: ";
        if (std::string_view(why).starts_with(" are"))
            message += text(options_.max_steps, why, ": at t = ", t(), " the step is ", h);
        else
            message += text("at t = ", t(), " the step became ", h, why);
        message += text("; the state ", shapes_of(y()), " has |y| up to ", largest_of(y()));
        if (next_) message += text(" and |dy/dt| up to ", largest_of(*next_));
        throw OdeError(
            message + "; the solution may end here, or rtol and atol ask for more than the numbers have", t(),
            h);
    }

    CountedField<S, F> field_;
    OdeOptions options_;
    const ButcherTableau& tableau_;
    std::size_t norm_parts_;
    OdeStep<S> step_;
    std::optional<S> next_;  // f at (t, y)
    double h_ = 0;
    OdeStats stats_;
};

}

}
