// Gradients of a solution without its steps: the adjoint equation, solved backwards in time.
#pragma once

#include "../../autograd/functional.hpp"
#include "../../nn/module.hpp"
#include "../../ops/join.hpp"
#include "../../ops/movement.hpp"
#include "odeint.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct AdjointOptions {
    /// Of the way back; those of the way there when it is not set.
    std::optional<OdeOptions> backward = {};
    /// Let the gradients of the parameters not count for the error of a step: they do not act back on the rest.
    /// Source   Kidger, Chen and Lyons 2021, "Hey, that's not an ODE": faster ODE adjoints via seminorms
    bool seminorm = false;
};

namespace detail {

/// All parts of a state behind each other, as one vector.
template <OdeState S>
Tensor<OdeElement<S>> flat_state(const S& y) {
    using T = OdeElement<S>;
    std::vector<Tensor<T>> rows;
    for (const Tensor<T>& part : parts_of(y)) rows.push_back(reshape(part, {part.numel()}));
    return rows.size() == 1 ? rows[0] : cat(rows);
}
/// A vector as parts of the shapes of `like`.
template <OdeState S>
S state_like(const S& like, const Tensor<OdeElement<S>>& row) {
    S y = like;
    int64_t at = 0;
    for (auto& part : parts_of(y)) {
        const Shape shape = part.shape();
        const int64_t n = part.numel();
        part = reshape(narrow(row, 0, at, n), shape);
        at += n;
    }
    return y;
}

/// The way back: y, a = dL/dy and the gradients of the parameters, which move with
///   dy/dt = f,   da/dt = -a df/dy,   dg/dt = -a df/dparameter
template <OdeState S, class F>
struct AdjointField {
    using T = OdeElement<S>;
    const F& f;
    const S& like;
    std::span<const Tensor<T>> parameters;

    std::vector<Tensor<T>> operator()(double t, const std::vector<Tensor<T>>& state) const {
        const enable_grad recording;
        const std::size_t n = parts_of(like).size();
        S y = like;
        std::vector<TensorBase> by, seeds(state.begin() + static_cast<std::ptrdiff_t>(n),
                                          state.begin() + static_cast<std::ptrdiff_t>(2 * n));
        for (std::size_t p = 0; p < n; ++p) {
            parts_of(y)[p] = state[p].detach().requires_grad_();
            by.push_back(parts_of(y)[p]);
        }
        by.insert(by.end(), parameters.begin(), parameters.end());
        const int64_t begin = Tape::current().end();
        const S dy = f(t, std::as_const(y));
        const std::vector<TensorBase> results(parts_of(dy).begin(), parts_of(dy).end());
        const std::vector<TensorBase> d = gradients_from(begin, results, seeds, by, {});
        std::vector<Tensor<T>> rate;
        for (const Tensor<T>& part : parts_of(dy)) rate.push_back(part.detach());
        for (std::size_t k = 0; k < d.size(); ++k)
            rate.push_back(d[k].defined() ? -cast_handle<T>(d[k]) : zeros_like(cast_handle<T>(by[k])));
        return rate;
    }
};

/// Gradients of a solution by its start and by parameters; `solution` and `dy` (times, numel).
template <OdeState S, class F>
std::vector<Tensor<OdeElement<S>>> adjoint_gradients(const F& f, const S& like,
                                                     std::span<const Tensor<OdeElement<S>>> parameters,
                                                     const std::vector<double>& times,
                                                     const Tensor<OdeElement<S>>& solution,
                                                     const Tensor<OdeElement<S>>& dy,
                                                     const OdeOptions& options, bool seminorm) {
    using T = OdeElement<S>;
    const AdjointField<S, F> field{f, like, parameters};
    const std::size_t n = parts_of(like).size();
    std::vector<Tensor<T>> state(2 * n);
    for (const Tensor<T>& parameter : parameters) state.push_back(zeros_like(parameter));
    for (std::size_t i = times.size(); i-- > 0;) {
        const auto row = static_cast<int64_t>(i);
        const S y = state_like(like, select(solution, 0, row)), more = state_like(like, select(dy, 0, row));
        for (std::size_t p = 0; p < n; ++p) {
            state[p] = parts_of(y)[p];  // what the way there found, not what the way back comes to
            state[n + p] =
                state[n + p].defined() ? state[n + p] + parts_of(more)[p] : contiguous(parts_of(more)[p]);
        }
        if (i == 0) break;
        state = odeint_counting(field, state, {times[i], times[i - 1]}, options,
                                seminorm ? 2 * n : std::numeric_limits<std::size_t>::max())
                    .y[1];
    }
    return {state.begin() + static_cast<std::ptrdiff_t>(n), state.end()};
}

}

/// The same as odeint, with a gradient whose memory does not grow with the steps: backward solves a second equation
/// from the last time to the first, and so has the error of a solution of its own.
/// Shape    as odeint
/// Grad     by y0 and the given parameters, which are all that f may read that has a gradient; first derivatives only.
///          Keeps the solution at the times
/// Throws   as odeint, also in backward; AutogradError: a gradient of the gradient
/// Source   Chen et al. 2018, Neural ordinary differential equations
/// See      odeint
template <OdeState S, class F>
OdeSolution<S> odeint_adjoint(const F& f, const S& y0, const std::vector<double>& times,
                              const std::vector<Tensor<detail::OdeElement<S>>>& parameters,
                              const OdeOptions& options = {}, const AdjointOptions& adjoint = {}) {
    using T = detail::OdeElement<S>;
    OdeSolution<S> solution;
    {
        const no_grad constant;
        solution = odeint(f, y0, times, options);
    }
    std::vector<Tensor<T>> rows, trained;
    for (const S& y : solution.y) rows.push_back(detail::flat_state(y).detach());
    for (const Tensor<T>& p : parameters)
        if (p.defined() && p.requires_grad()) trained.push_back(p);
    std::vector<detail::Input> inputs;
    for (const Tensor<T>& part : detail::parts_of(y0)) inputs.emplace_back(part);
    for (const Tensor<T>& p : trained) inputs.emplace_back(p);
    S like = y0;
    for (Tensor<T>& part : detail::parts_of(like)) part = part.detach();
    const Tensor<T> whole =
        record("odeint_adjoint", stack(rows), std::span<const detail::Input>(inputs),
               [f, like, trained, times, options = adjoint.backward.value_or(options),
                seminorm = adjoint.seminorm](const Tensor<T>& dy, const Tensor<T>& y) {
                   if (grad_enabled())
                       detail::fail<AutogradError>(
                           "odeint_adjoint", "has first derivatives only; odeint has those of any order");
                   return detail::adjoint_gradients(f, like, std::span<const Tensor<T>>(trained), times, y,
                                                    dy, options, seminorm);
               });
    if (whole.requires_grad())
        for (std::size_t i = 0; i < times.size(); ++i)
            solution.y[i] = detail::state_like(like, select(whole, 0, static_cast<int64_t>(i)));
    return solution;
}
/// The same for a module, by all of its parameters.
template <OdeState S, Module F>
OdeSolution<S> odeint_adjoint(const F& f, const S& y0, const std::vector<double>& times,
                              const OdeOptions& options = {}, const AdjointOptions& adjoint = {}) {
    return odeint_adjoint(f, y0, times, parameters<detail::OdeElement<S>>(f), options, adjoint);
}

}
