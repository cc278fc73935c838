// Stochastic approximation: roots and minima of functions that can only be seen through noise.
//
//   RobbinsMonro<double> mean(0.0, {.a = 1});        for (x : values) mean.step(mean.at() - x);
//   RobbinsMonro<Tensor<float>> sgd(w, {.a = 0.5, .alpha = 0.7});      sgd.step(gradient of a batch at sgd.at());
//   sgd.average()                                    of all places so far: as good as the best step size would be
//   KieferWolfowitz<double>, Spsa<Tensor<double>>    from values of the function alone
#pragma once

#include "../ops/movement.hpp"
#include "../ops/one_hot.hpp"
#include "../ops/slicing.hpp"
#include "../tensor/random.hpp"
#include "gain_schedule.hpp"
#include "running_moments.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A place that moves by steps of a gain, with the mean of all places it was at.
template <RunningValue V>
class Approximation {
    using Number = running_number<V>;

public:
    /// Where it is.
    const V& at() const { return at_; }
    /// Steps done.
    int64_t steps() const { return steps_; }
    /// The mean of the places after each step.
    /// Throws   ValueError: no step yet
    /// Source   Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992; Ruppert, 1988
    const V& average() const { return average_.mean(); }

protected:
    Approximation(const V& start, const GainSchedule& gain) : gain_(gain), at_(start) {}

    /// The number of the step that comes.
    int64_t next() const { return steps_ + 1; }
    const V& move(const V& direction) {
        const no_grad constant;
        ++steps_;
        at_ = at_ - direction * static_cast<Number>(gain_(steps_));
        average_.add(at_);
        return at_;
    }

private:
    GainSchedule gain_;
    V at_;
    int64_t steps_ = 0;
    RunningMean<V> average_;
};

}

/// Towards a root of a function of which noisy values are seen.
///   x_{k+1} = x_k - a_k g_k,   g_k = g(x_k) + noise
/// With the gradient of one example as g it is stochastic gradient descent, with that of some mini-batch descent, and with
/// that of all gradient descent, whose noise is 0.
/// Numeric  for a_k = 1 / k and g_k = x_k - value, x is the mean of the values: its error has the variance sigma^2 / k
/// Throws   as check_robbins_monro
/// Source   Robbins and Monro, A Stochastic Approximation Method, 1951
/// See      SGD, and SWA for the mean of a model's parameters
template <RunningValue V>
class RobbinsMonro : public detail::Approximation<V> {
public:
    explicit RobbinsMonro(const V& start, const GainSchedule& gain = {})
        : detail::Approximation<V>(start, (check_robbins_monro(gain), gain)) {}

    /// One step against a noisy value of the function at at(); returns where that leads.
    const V& step(const V& noisy) { return this->move(noisy); }
};

/// The distances of `KieferWolfowitz` and `Spsa`, of the fall gamma.
struct DifferenceOptions {
    GainSchedule gain, distance;
};

/// Towards a minimum of a function of which noisy values are seen, by differences along each axis.
///   g_ki = (f(x_k + c_k e_i) - f(x_k - c_k e_i)) / (2 c_k),   x_{k+1} = x_k - a_k g_k
/// Numeric  two values of f for each element in a step; at best the squared error falls as k^(-2/3)
/// Throws   as check_differences
/// Source   Kiefer and Wolfowitz, Stochastic Estimation of the Maximum of a Regression Function, 1952
template <RunningValue V>
class KieferWolfowitz : public detail::Approximation<V> {
    using Number = detail::running_number<V>;

public:
    explicit KieferWolfowitz(const V& start,
                             const DifferenceOptions& o = {.gain = {.a = 1, .alpha = 1},
                                                           .distance = {.a = 1, .alpha = 1.0 / 6}})
        : detail::Approximation<V>(start,
                                   (check_differences("KieferWolfowitz", o.gain, o.distance, true), o.gain)),
          distance_(o.distance) {}

    /// f(x) gives one noisy value, a double.
    template <class F>
    const V& step(const F& f) {
        const no_grad constant;
        const auto c = static_cast<Number>(distance_(this->next()));
        const V& x = this->at();
        const auto slope = [&](const V& along) {
            return static_cast<Number>(f(x + along) - f(x - along)) / (2 * c);
        };
        if constexpr (std::floating_point<V>) {
            return this->move(slope(c));
        } else {
            V direction = zeros<Number>(x.shape());
            for (int64_t i = 0; i < x.numel(); ++i) {
                const V axis = reshape(one_hot<Number>(Tensor<int64_t>(i), x.numel()), x.shape());
                direction = direction + axis * slope(axis * c);
            }
            return this->move(direction);
        }
    }

private:
    GainSchedule distance_;
};

/// The same by one difference along a random direction: two values of f a step, whatever the number of elements.
///   d_i = +-1 even;   g_ki = (f(x_k + c_k d) - f(x_k - c_k d)) / (2 c_k d_i)
/// Numeric  the default falls, 0.602 and 0.101, are Spall's: slow ones that still converge
/// Throws   as check_differences
/// Source   Spall, Implementation of the Simultaneous Perturbation Algorithm for Stochastic Optimization, 1998
template <RunningValue V>
class Spsa : public detail::Approximation<V> {
    using Number = detail::running_number<V>;

public:
    explicit Spsa(const V& start, const DifferenceOptions& o = {.gain = {.a = 0.1, .A = 10, .alpha = 0.602},
                                                                .distance = {.a = 0.1, .alpha = 0.101}})
        : detail::Approximation<V>(start, (check_differences("Spsa", o.gain, o.distance, false), o.gain)),
          distance_(o.distance) {}

    /// f(x) gives one noisy value, a double.
    template <class F>
    const V& step(const F& f, Generator& generator) {
        const no_grad constant;
        const auto c = static_cast<Number>(distance_(this->next()));
        const V& x = this->at();
        const V d = direction(x, generator);  // +-1, which is its own inverse
        const auto slope = static_cast<Number>(f(x + d * c) - f(x - d * c)) / (2 * c);
        return this->move(d * slope);
    }

private:
    static V direction(const V& x, Generator& generator) {
        if constexpr (std::floating_point<V>)
            return bernoulli<Number>(0.5, {}, generator).item() * 2 - 1;
        else
            return bernoulli<Number>(0.5, x.shape(), generator) * Number(2) - Number(1);
    }

    GainSchedule distance_;
};

}
