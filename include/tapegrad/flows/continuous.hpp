// Continuous normalizing flows: a bijector that follows a field of velocities through time, and whose volume is the
// integral of the divergence on the way.
#pragma once

#include "bijector.hpp"
#include "divergence.hpp"
#include "ode/adjoint.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct ContinuousOptions {
    double noise_time = 0, data_time = 1;  // where events are noise, and where they are data
    Divergence divergence = Divergence::exact;
    /// Gradients by the adjoint equation, whose memory does not grow with the steps, instead of through them.
    bool adjoint = false;
    OdeOptions ode = {.rtol = 1e-5, .atol = 1e-5};
};

/// What ContinuousFlow follows: the event and log |det| so far.
///   dx/dt = f(t, x),   d log |det| / dt = div f
template <class Field, class T>
struct ContinuousState {
    const Field& field;
    const Tensor<T>& context;
    Tensor<T> noise;  // directions of the estimate

    std::array<Tensor<T>, 2> operator()(double t, const std::array<Tensor<T>, 2>& state) const {
        if constexpr (detail::KnowsDivergence<Field, T>) {
            if (!noise.defined() && !context.defined()) {
                WithDivergence<T> d = field.with_divergence(t, state[0]);
                return {std::move(d.rate), std::move(d.divergence)};
            }
        }
        WithDivergence<T> d = divergence(
            [&](const Tensor<T>& x) {
                if constexpr (requires { field(t, x, context); })
                    return field(t, x, context);
                else
                    return field(t, x);
            },
            state[0], noise);
        return {std::move(d.rate), std::move(d.divergence)};
    }
};

/// Events that move along dx/dt = field(t, x) from the time of noise to that of data. `field` is a module that takes
/// (double, Tensor<T>), or (double, Tensor<T>, context); one with a member with_divergence is asked for its divergence.
///   Flow density(StandardNormal<float>({2}), ContinuousFlow(TimeMlp<ELU>(2, {64, 64, 64}, generator)));
/// Shape    x (n, ...) -> value as x, log_det (n,)
/// Grad     by x and the parameters of the field, through the steps (to any order) or by the adjoint. An estimate draws
///          its directions from the default generator of the thread, once for a solution
/// Throws   as odeint; ShapeError: x has no axis of events
/// Source   Chen et al. 2018, Neural ordinary differential equations; Grathwohl et al. 2019, FFJORD
template <class Field>
struct ContinuousFlow {
    Field field;
    ContinuousOptions options;
    TAPEGRAD_FIELDS(field, options);

    ContinuousFlow() = default;
    explicit ContinuousFlow(Field f, ContinuousOptions o = {}) : field(std::move(f)), options(o) {}

    template <Floating T>
    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& context = {}) const {
        return follow(x, context, options.data_time, options.noise_time);
    }
    template <Floating T>
    Mapped<T> inverse(const Tensor<T>& z, const Tensor<T>& context = {}) const {
        return follow(z, context, options.noise_time, options.data_time);
    }
    /// Where noise goes, without the volume: one evaluation of the field a stage, and no divergence.
    template <Floating T>
    OdeSolution<Tensor<T>> trajectory(const Tensor<T>& z, const std::vector<double>& times) const {
        return odeint(field, z, times, options.ode);
    }

private:
    template <class T>
    Mapped<T> follow(const Tensor<T>& x, const Tensor<T>& context, double from, double to) const {
        detail::check_events("ContinuousFlow", x);
        const Tensor<T> noise =
            detail::divergence_noise<T>(options.divergence, x.shape(), default_generator());
        const std::array<Tensor<T>, 2> start{x, zeros<T>({x.size(0)})};
        if (options.adjoint && grad_enabled()) return around(start, context, noise, from, to);
        const ContinuousState<Field, T> f{field, context, noise};
        const auto end = odeint(f, start, {from, to}, options.ode).last();
        return {end[0], end[1]};
    }
    template <class T>
    Mapped<T> around(const std::array<Tensor<T>, 2>& start, const Tensor<T>& context, const Tensor<T>& noise,
                     double from, double to) const {
        // Owns what it reads, since it is called again in backward.
        const auto f = [own = field, given = context, noise](double t,
                                                             const std::array<Tensor<T>, 2>& state) {
            return ContinuousState<Field, T>{own, given, noise}(t, state);
        };
        std::vector<Tensor<T>> read = parameters<T>(field);
        if (context.defined()) read.push_back(context);
        const auto end = odeint_adjoint(f, start, {from, to}, read, options.ode).last();
        return {end[0], end[1]};
    }
};

}
