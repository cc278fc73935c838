// Steps that grow while the sign of the gradient stays.
#pragma once

#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct RpropOptions {
    double lr = 1e-2;  // the first step
    double eta_minus = 0.5;
    double eta_plus = 1.2;
    double min_step = 1e-6;
    double max_step = 50;
    bool maximize = false;
};

namespace detail {
struct RpropRule {
    static constexpr const char* name = "Rprop";
    using Options = RpropOptions;
    template <class T>
    struct State {
        Buffer<T> prev, step_size;
        TAPEGRAD_FIELDS(prev, step_size);
    };

    static void check(const Options& o) {
        check_not_negative(name, {{"lr", o.lr}});
        if (!(0 < o.eta_minus && o.eta_minus < 1 && 1 < o.eta_plus))
            fail<ValueError>(name, "eta_minus ", o.eta_minus, " and eta_plus ", o.eta_plus,
                             " are not on the two sides of 1");
        if (!(o.min_step <= o.max_step))
            fail<ValueError>(name, "min_step ", o.min_step, " is above max_step ", o.max_step);
    }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        kept(state.step_size, param.shape(), static_cast<T>(o.lr));
        const simd::Slope<T> slope(o.maximize, 0);
        const auto zero = simd::constant<T>(0), one = simd::constant<T>(1),
                   minus = simd::constant<T>(o.eta_minus), plus = simd::constant<T>(o.eta_plus),
                   least = simd::constant<T>(o.min_step), most = simd::constant<T>(o.max_step);
        sweep(
            [=](const auto& g, auto& p, auto& before, auto& step) TAPEGRAD_LAMBDA {
                const auto d = slope(g, p), both = d * before;
                const auto turned = both < zero;
                step = min(max(step * where(turned, minus, where(both > zero, plus, one)), least), most);
                before = where(turned, zero, d);
                p = fma(-sign(before), step, p);
            },
            param, grad, state.prev, state.step_size);
    }
};
}

/// torch.optim.Rprop: only the signs of a gradient count, so it wants whole batches.
///   s *= eta_plus where g and the g before agree, eta_minus where they differ; s in [min_step, max_step]
///   g = 0 where they differ
///   p -= sign(g) s
/// Throws   ValueError: a negative lr, eta_minus outside (0, 1), eta_plus of at most 1, min_step > max_step
/// Source   Riedmiller and Braun, A Direct Adaptive Method for Faster Backpropagation Learning, 1993
template <Floating T = float>
struct Rprop : Optimizer<T, detail::RpropRule> {
    using Optimizer<T, detail::RpropRule>::Optimizer;
};
template <class P>
Rprop(std::vector<P>, RpropOptions = {}) -> Rprop<detail::parameter_element<P>>;

}
