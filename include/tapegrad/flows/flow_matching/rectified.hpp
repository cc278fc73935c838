// Rectified flow: a field trained on its own pairs of noise and data has straighter ways.
#pragma once

#include "loss.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Noise, and where a field takes it.
template <class T>
struct ReflowPairs {
    Tensor<T> noise, data;
};

/// The pairs that a second training on a StraightPath takes. Training on them, again and again, makes the ways straight,
/// and lets one step of Euler's method go them.
///   const auto pairs = reflow(field, randn<float>({100000, 2}, generator));
/// Shape    noise (n, ...) -> both as noise
/// Throws   as odeint
/// Source   Liu, Gong and Liu 2023, Flow straight and fast: learning to generate and transfer data with rectified flow
template <class Field, Floating T>
ReflowPairs<T> reflow(const Field& field, const Tensor<T>& noise,
                      const OdeOptions& ode = {.rtol = 1e-5, .atol = 1e-5}) {
    return {noise, flow_matching_sample(field, noise, ode)};
}

/// How far the ways of a field are from straight lines at even speed: 0 where they are.
///   mean over times of |x(1) - x(0) - dx/dt|^2 a number
/// Shape    noise (n, ...) -> ()
/// Throws   as odeint; ValueError: no steps
/// Source   Liu, Gong and Liu 2023, equation 8
template <class Field, Floating T>
Tensor<T> straightness(const Field& field, const Tensor<T>& noise, int64_t steps = 20) {
    if (steps < 1) detail::fail<ValueError>("straightness", steps, " steps");
    const no_grad constant;
    std::vector<double> times;
    for (int64_t i = 0; i <= steps; ++i) times.push_back(static_cast<double>(i) / static_cast<double>(steps));
    const auto way = odeint(field, noise, times, {.rtol = 1e-5, .atol = 1e-5});
    const Tensor<T> whole = way.last() - noise;
    Tensor<T> total(T(0));
    for (std::size_t i = 0; i + 1 < times.size(); ++i) {
        const double t = (times[i] + times[i + 1]) / 2;
        total = total + mse_loss(field(t, (way.y[i] + way.y[i + 1]) * T(0.5)), whole);
    }
    return total / static_cast<T>(steps);
}

}
