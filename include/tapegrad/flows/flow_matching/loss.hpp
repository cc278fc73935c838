// The loss of flow matching, and what a trained field is good for.
#pragma once

#include "../../loss/mse.hpp"
#include "../continuous.hpp"
#include "paths.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// How far a field is from the velocities of events on their way; its least value is not 0, since the field sees not
/// where an event comes from.
///   mean |field(t, x) - velocity|^2 over all numbers
/// Shape    field (t (n,), x (n, ...)) -> as x;  -> ()
/// Grad     by the parameters of the field
template <class Field, Floating T>
Tensor<T> flow_matching_loss(const Field& field, const PathSample<T>& sample) {
    return mse_loss(field(sample.t, sample.x), sample.velocity);
}

/// Moves noise along a field from time 0 to 1, without a gradient.
/// Shape    field (t, x (n, ...)) -> as x; noise (n, ...) -> data, as noise
/// Throws   as odeint
/// See      ContinuousFlow, for the likelihood too
template <class Field, Floating T>
Tensor<T> flow_matching_sample(const Field& field, const Tensor<T>& noise,
                               const OdeOptions& ode = {.rtol = 1e-5, .atol = 1e-5}) {
    const no_grad constant;
    return odeint(field, noise, {0, 1}, ode).last();
}

}
