// Steps of the size of the steps before.
#pragma once

#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct AdadeltaOptions {
    double lr = 1;
    double rho = 0.9;
    double eps = 1e-6;
    double weight_decay = 0;
    bool maximize = false;
};

namespace detail {
struct AdadeltaRule {
    static constexpr const char* name = "Adadelta";
    using Options = AdadeltaOptions;
    template <class T>
    struct State {
        Buffer<T> square_avg, acc_delta;
        TAPEGRAD_FIELDS(square_avg, acc_delta);
    };

    static void check(const Options& o) {
        check_not_negative(name, {{"lr", o.lr}, {"eps", o.eps}, {"weight_decay", o.weight_decay}});
        if (!(o.rho >= 0 && o.rho <= 1)) fail<ValueError>(name, "rho is ", o.rho, "; it must be in [0, 1]");
    }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        const simd::Slope<T> slope(o.maximize, o.weight_decay);
        const auto keep = simd::constant<T>(o.rho), fresh = simd::constant<T>(1 - o.rho),
                   eps = simd::constant<T>(o.eps), rate = simd::constant<T>(-o.lr);
        sweep(
            [=](const auto& g, auto& p, auto& square, auto& moved) TAPEGRAD_LAMBDA {
                const auto d = slope(g, p);
                square = fma(d * d, fresh, square * keep);
                const auto delta = sqrt(moved + eps) / sqrt(square + eps) * d;
                moved = fma(delta * delta, fresh, moved * keep);
                p = fma(delta, rate, p);
            },
            param, grad, state.square_avg, state.acc_delta);
    }
};
}

/// torch.optim.Adadelta.
///   g += weight_decay p
///   v = rho v + (1 - rho) g^2
///   delta = sqrt(u + eps) / sqrt(v + eps) g;  u = rho u + (1 - rho) delta^2
///   p -= lr delta
/// Throws   ValueError: a negative lr, eps or weight_decay, or rho outside [0, 1]
/// Source   Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012
template <Floating T = float>
struct Adadelta : Optimizer<T, detail::AdadeltaRule> {
    using Optimizer<T, detail::AdadeltaRule>::Optimizer;
};
template <class P>
Adadelta(std::vector<P>, AdadeltaOptions = {}) -> Adadelta<detail::parameter_element<P>>;

}
