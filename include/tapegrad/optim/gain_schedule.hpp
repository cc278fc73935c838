// Step sizes of stochastic approximation, and the conditions under which it converges.
#pragma once

#include <cmath>
#include <cstdint>

#include "../core/error.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A step size that falls as a power of the step's number k = 1, 2, ...
///   a_k = a / (k + A)^alpha
struct GainSchedule {
    double a = 1;
    double A = 0;  // steps that the fall comes later
    double alpha = 1;

    double operator()(int64_t k) const { return a / std::pow(static_cast<double>(k) + A, alpha); }
};

namespace detail {
inline void check_gain(const char* method, const char* name, const GainSchedule& g) {
    if (!(g.a > 0) || !std::isfinite(g.a))
        fail<ValueError>(method, name, ": a is ", g.a, "; it must be above 0 and finite");
    if (!(g.A > -1) || !std::isfinite(g.A))
        fail<ValueError>(method, name, ": A is ", g.A, "; it must be above -1 and finite");
}
}

/// The conditions of Robbins and Monro: steps that reach everywhere, and whose noise dies out.
///   sum a_k = inf: alpha <= 1;   sum a_k^2 < inf: alpha > 1/2
/// Throws   ValueError: a gain that does not hold them
/// Source   Robbins and Monro, A Stochastic Approximation Method, 1951
inline void check_robbins_monro(const GainSchedule& gain) {
    detail::check_gain("RobbinsMonro", "gain", gain);
    if (!(gain.alpha <= 1))
        detail::fail<ValueError>("RobbinsMonro", "alpha is ", gain.alpha,
                                 ": the sum of a_k is finite; it must be at most 1");
    if (!(gain.alpha > 0.5))
        detail::fail<ValueError>("RobbinsMonro", "alpha is ", gain.alpha,
                                 ": the sum of a_k^2 is infinite; it must be above 1/2");
}

/// The conditions on steps a_k and the distances c_k over which differences are taken; those of SPSA are all but the last.
///   c_k -> 0: gamma > 0;   sum a_k = inf: alpha <= 1;   sum (a_k / c_k)^2 < inf: alpha - gamma > 1/2;
///   sum a_k c_k < inf: alpha + gamma > 1
/// Throws   ValueError: gains that do not hold them
/// Source   Kiefer and Wolfowitz, Stochastic Estimation of the Maximum of a Regression Function, 1952; Spall,
///          Multivariate Stochastic Approximation Using a Simultaneous Perturbation Gradient Approximation, 1992
inline void check_differences(const char* method, const GainSchedule& gain, const GainSchedule& distance,
                              bool sum_of_products) {
    detail::check_gain(method, "gain", gain);
    detail::check_gain(method, "distance", distance);
    const double alpha = gain.alpha, gamma = distance.alpha;
    if (!(gamma > 0))
        detail::fail<ValueError>(method, "gamma is ", gamma, ": distances do not fall; it must be above 0");
    if (!(alpha <= 1))
        detail::fail<ValueError>(method, "alpha is ", alpha,
                                 ": the sum of a_k is finite; it must be at most 1");
    if (!(alpha - gamma > 0.5))
        detail::fail<ValueError>(method, "alpha ", alpha, " and gamma ", gamma,
                                 ": the sum of (a_k / c_k)^2 is infinite; alpha - gamma must be above 1/2");
    if (sum_of_products && !(alpha + gamma > 1))
        detail::fail<ValueError>(method, "alpha ", alpha, " and gamma ", gamma,
                                 ": the sum of a_k c_k is infinite; alpha + gamma must be above 1");
}

}
