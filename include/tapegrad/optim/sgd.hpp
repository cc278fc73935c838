// Stochastic gradient descent.
#pragma once

#include "optimizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SGDOptions {
    double lr = 1e-3;
    double momentum = 0;
    double dampening = 0;
    double weight_decay = 0;
    bool nesterov = false;
    bool maximize = false;
};

namespace detail {
struct SGDRule {
    static constexpr const char* name = "SGD";
    using Options = SGDOptions;
    template <class T>
    struct State {
        Buffer<T> momentum_buffer;
        TAPEGRAD_FIELDS(momentum_buffer);
    };

    static void check(const Options& o) {
        check_not_negative(name, {{"lr", o.lr}, {"momentum", o.momentum}, {"weight_decay", o.weight_decay}});
        if (o.nesterov && (o.momentum == 0 || o.dampening != 0))
            fail<ValueError>(name, "nesterov needs a momentum and no dampening");
    }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        const simd::Slope<T> slope(o.maximize, o.weight_decay);
        const bool moves = o.momentum != 0, nesterov = o.nesterov, first = !state.momentum_buffer.defined();
        const auto rate = simd::constant<T>(-o.lr), keep = simd::constant<T>(o.momentum),
                   fresh = simd::constant<T>(moves && !first ? 1 - o.dampening : 1);
        sweep(
            [=](const auto& g, auto& p, auto& b) TAPEGRAD_LAMBDA {
                const auto d = slope(g, p);
                b = fma(d, fresh, b * keep);
                p = fma(nesterov ? fma(b, keep, d) : b, rate, p);
            },
            param, grad, kept_if(moves, state.momentum_buffer));
    }
};
}

/// torch.optim.SGD.
///   g += weight_decay p
///   b = momentum b + (1 - dampening) g, or g at first
///   p -= lr b, or lr (g + momentum b) with nesterov, or lr g without momentum
/// Throws   ValueError: a negative lr, momentum or weight_decay; nesterov without momentum or with dampening
template <Floating T = float>
struct SGD : Optimizer<T, detail::SGDRule> {
    using Optimizer<T, detail::SGDRule>::Optimizer;
};
template <class P>
SGD(std::vector<P>, SGDOptions = {}) -> SGD<detail::parameter_element<P>>;

}
