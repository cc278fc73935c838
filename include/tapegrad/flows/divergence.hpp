// The divergence of a field, of one that knows it or of any function: exactly, or as an estimate by random directions.
#pragma once

#include "../autograd/functional.hpp"
#include "../core/random.hpp"
#include "../ops/join.hpp"
#include "../ops/slicing.hpp"
#include "../tensor/random.hpp"
#include "time_mlp.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// How a trace of a Jacobian is computed.
enum class Divergence {
    exact,       // the field's own, or a backward for each number of an event
    gaussian,    // Hutchinson's estimate e^T J e with normal e: one backward
    rademacher,  // the same with e of -1 and 1, which has less variance
};

namespace detail {

template <class F, class T>
concept KnowsDivergence = requires(const F& f, double t, const Tensor<T>& x) {
    { f.with_divergence(t, x) } -> std::same_as<WithDivergence<T>>;
};

/// x (n, ...) seen as (n, d).
template <class T>
Tensor<T> event_rows(const Tensor<T>& x) {
    return x.rank() == 2 ? x : reshape(x, {x.size(0), x.size(0) == 0 ? 0 : -1});
}

/// The directions of an estimate, fixed for a whole solution.
template <class T>
Tensor<T> divergence_noise(Divergence how, const Shape& shape, Generator& generator) {
    if (how == Divergence::exact) return {};
    if (how == Divergence::gaussian) return randn<T>(shape, generator);
    return bernoulli<T>(0.5, shape, generator) * T(2) - T(1);
}

}

/// A field at points, and its divergence at each.
///   exact: sum_k df_k / dx_k;  with directions e: sum_kl e_k df_k/dx_l e_l, whose mean over e is the same
/// Shape    f (x) -> its rate of change, of its shape; x (n, ...), noise as x or undefined for the exact one
///          -> rate as x, divergence (n,)
/// Grad     where gradients are recorded, by x and all that f reads: then the events must not depend on each other
/// Source   Grathwohl et al. 2019, FFJORD, equation 7
template <class F, class T>
WithDivergence<T> divergence(const F& f, const Tensor<T>& x, const Tensor<T>& noise = {}) {
    const bool recorded = grad_enabled();
    const enable_grad recording;
    const Tensor<T> inputs[] = {x};
    const detail::CalledFunction<T, 1> at(f, inputs, {.create_graph = recorded});
    if (noise.defined()) {
        const Tensor<T> product = at.gradients(noise, {.create_graph = recorded})[0];
        const Tensor<T> total = sum(detail::event_rows(product * noise), {1});
        return {at.out(at.y), at.out(total)};
    }
    const Tensor<T> rows = detail::event_rows(at.y);
    Tensor<T> total;
    for (int64_t k = 0; k < rows.size(1); ++k) {
        Tensor<T> seed = zeros<T>(rows.shape());
        for (int64_t i = 0; i < rows.size(0); ++i) detail::output(seed)[i * rows.size(1) + k] = T(1);
        const Tensor<T> d =
            at.gradients(reshape(seed, x.shape()), {.retain_graph = true, .create_graph = recorded})[0];
        const Tensor<T> own = select(detail::event_rows(d), 1, k);
        total = total.defined() ? total + own : own;
    }
    if (!total.defined()) total = zeros<T>({x.size(0)});
    return {at.out(at.y), at.out(total)};
}

}
