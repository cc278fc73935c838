// Adam with steps in proportion to the size of the weights.
#pragma once

#include "adam.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LAMBOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-6;
    double weight_decay = 0;
    bool bias_correction = true;
    bool maximize = false;
};

namespace detail {
struct LAMBRule {
    static constexpr const char* name = "LAMB";
    using Options = LAMBOptions;
    template <class T>
    struct State {
        Buffer<int64_t> step;
        Buffer<T> exp_avg, exp_avg_sq;
        TAPEGRAD_FIELDS(step, exp_avg, exp_avg_sq);
    };

    static void check(const Options& o) { check_adam(name, o); }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        prepare(param.shape(), state.exp_avg, state.exp_avg_sq);
        const double step = count_step(state.step);
        const simd::Slope<T> slope(o.maximize, 0);
        const simd::Moments<T> moments(o.beta1, o.beta2);
        const auto first = simd::constant<T>(o.bias_correction ? 1 / debias(o.beta1, step) : 1),
                   second = simd::constant<T>(o.bias_correction ? 1 / debias(o.beta2, step) : 1),
                   eps = simd::constant<T>(o.eps), decay = simd::constant<T>(o.weight_decay);
        const auto direction = [=](const auto& p, const auto& m, const auto& v) TAPEGRAD_LAMBDA {
            return fma(p, decay, m * first / (sqrt(v * second) + eps));
        };
        T* const m = kept(state.exp_avg, param.shape());
        T* const v = kept(state.exp_avg_sq, param.shape());
        const auto squares = simd::update_sums<T, 2>(
            param.numel(),
            [=](const auto& g, const auto& p, auto& mean, auto& square) TAPEGRAD_LAMBDA {
                moments(slope(g, p), mean, square);
                const auto r = direction(p, mean, square);
                return std::array{simd::Product<T>{p, p}, simd::Product<T>{r, r}};
            },
            grad.data(), param.data(), m, v);
        const bool trusts = squares[0] > 0 && squares[1] > 0;
        const auto rate = simd::constant<T>(-o.lr * (trusts ? std::sqrt(squares[0] / squares[1]) : 1));
        // Once more rather than kept: to compute it costs less than to store and load it.
        simd::update<T>(
            param.numel(),
            [=](auto& p, const auto& mean, const auto& square)
                TAPEGRAD_LAMBDA { p = fma(rate, direction(p, mean, square), p); },
            param.mutable_data(), static_cast<const T*>(m), static_cast<const T*>(v));
    }
};
}

/// LAMB. The norms are those of one parameter; where either is 0, their ratio counts as 1.
///   m += (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2
///   r = m / (1 - beta1^step) / (sqrt(v / (1 - beta2^step)) + eps) + weight_decay p
///   p -= lr |p| / |r| r
/// Throws   ValueError: a negative lr, eps or weight_decay, or a beta outside [0, 1)
/// Source   You et al., Large Batch Optimization for Deep Learning: Training BERT in 76 minutes, 2020,
/// algorithm 2
template <Floating T = float>
struct LAMB : Optimizer<T, detail::LAMBRule> {
    using Optimizer<T, detail::LAMBRule>::Optimizer;
};
template <class P>
LAMB(std::vector<P>, LAMBOptions = {}) -> LAMB<detail::parameter_element<P>>;

}
