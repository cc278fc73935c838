// How much of the data and of the noise an event has at a time: alpha from 0 to 1, sigma from 1 to 0.
#pragma once

#include <cmath>
#include <numbers>

#include "../../ops/elementwise.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// x_t = alpha x_1 + sigma x_0, and the derivatives by t.
template <class X>
struct Schedule {
    X alpha, sigma, alpha_rate, sigma_rate;
};

/// What a scheduler is: for a time in [0, 1], a number or a tensor, its Schedule.
template <class S>
concept Scheduler = requires(const S& s, const Tensor<float>& t) {
    { s(t) } -> std::same_as<Schedule<Tensor<float>>>;
    { s(0.5) } -> std::same_as<Schedule<double>>;
};

/// alpha = t, sigma = 1 - t: the straight line of optimal transport.
struct CondOT {
    template <class X>
    Schedule<X> operator()(const X& t) const {
        const X one = t * 0.0 + 1.0;
        return {t, 1.0 - t, one, -one};
    }
};

/// alpha = t^n, sigma = 1 - t^n; n is positive.
struct Polynomial {
    double n = 2;
    template <class X>
    Schedule<X> operator()(const X& t) const {
        using std::pow;
        const X alpha = pow(t, n), rate = n * pow(t, n - 1);
        return {alpha, 1.0 - alpha, rate, -rate};
    }
};

/// alpha^2 + sigma^2 = 1 with the noise rates of a diffusion, its time reversed.
///   T = (1 - t)^2 (beta_max - beta_min) / 2 + (1 - t) beta_min,  alpha = e^(-T/2),  sigma = sqrt(1 - e^-T)
/// Numeric  sigma_rate is infinite at t = 1
/// Source   Song et al. 2021, Score-based generative modeling through stochastic differential equations
struct VariancePreserving {
    double beta_min = 0.1, beta_max = 20;
    template <class X>
    Schedule<X> operator()(const X& t) const {
        using std::exp, std::expm1, std::sqrt;
        const double more = beta_max - beta_min;
        const X left = 1.0 - t, way = 0.5 * more * left * left + beta_min * left;
        const X rate = -(more * left) - beta_min, alpha = exp(-0.5 * way), sigma = sqrt(-expm1(-way));
        return {alpha, sigma, -0.5 * rate * alpha, 0.5 * rate * alpha * alpha / sigma};
    }
};

/// alpha = sin(pi t / 2), sigma = cos(pi t / 2).
struct Cosine {
    template <class X>
    Schedule<X> operator()(const X& t) const {
        using std::cos, std::sin;
        constexpr double quarter = std::numbers::pi / 2;
        const X alpha = sin(quarter * t), sigma = cos(quarter * t);
        return {alpha, sigma, quarter * sigma, -quarter * alpha};
    }
};

}
