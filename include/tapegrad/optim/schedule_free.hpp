// AdamW that needs no schedule: gradients are taken between the point that moves and the average of its way.
#pragma once

#include "adam.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct ScheduleFreeAdamWOptions {
    double lr = 2.5e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 0;
    int64_t warmup = 0;  // steps of linear rise
    bool maximize = false;
};

namespace detail {
struct ScheduleFreeAdamWRule {
    static constexpr const char* name = "ScheduleFreeAdamW";
    using Options = ScheduleFreeAdamWOptions;
    template <class T>
    struct State {
        Buffer<int64_t> step;
        Buffer<double> lr_max, weight_sum;
        Buffer<T> z, exp_avg_sq;
        Buffer<T> y;  // the parameter in training, while it shows the average
        TAPEGRAD_FIELDS(step, lr_max, weight_sum, z, exp_avg_sq, y);
    };
    static Shape state_shape(std::string_view field, const Shape& parameter) {
        return field == "step" || field == "lr_max" || field == "weight_sum" ? Shape{} : parameter;
    }

    static void check(const Options& o) {
        check_adam(name, o);
        if (o.beta1 == 0) fail<ValueError>(name, "beta1 is 0; the average cannot be had from the parameters");
        check_not_negative(name, {{"warmup", static_cast<double>(o.warmup)}});
    }
    template <class T>
    static void update(Tensor<T>& param, const Tensor<T>& grad, State<T>& state, const Options& o) {
        if (state.y.defined())
            fail<Error>(name, "the parameters show their averages; call train() before step()");
        prepare(param.shape(), state.exp_avg_sq);
        prepare({}, state.lr_max, state.weight_sum);
        if (!state.z.defined()) state.z = copy(param);
        const double step = count_step(state.step);
        const double rate = o.lr * (o.warmup > 0 ? std::min(1.0, step / static_cast<double>(o.warmup)) : 1);
        double& top = *kept(state.lr_max, {});
        top = std::max(top, rate);
        const double sum = *kept(state.weight_sum, {}) += top * top;
        const double part = sum > 0 ? top * top / sum : 0;  // of z in the average
        const simd::Slope<T> slope(o.maximize, 0);
        const auto old = simd::constant<T>(o.beta2), fresh = simd::constant<T>(1 - o.beta2),
                   grown = simd::constant<T>(1 / debias(o.beta2, step)), eps = simd::constant<T>(o.eps),
                   decay = simd::constant<T>(o.weight_decay), by = simd::constant<T>(-rate),
                   by_y = simd::constant<T>(rate * (o.beta1 * (1 - part) - 1)),
                   part_z = simd::constant<T>(part);
        sweep(
            [=](const auto& g, auto& y, auto& z, auto& v) TAPEGRAD_LAMBDA {
                const auto d = slope(g, y);
                v = fma(d * d, fresh, v * old);
                const auto move = fma(y, decay, d / (sqrt(v * grown) + eps));
                y = fma(move, by_y, towards(y, z, part_z));
                z = fma(move, by, z);
            },
            param, grad, state.z, state.exp_avg_sq);
    }
};
}

/// Schedule-free AdamW. In training a parameter is y, the point at which gradients are wanted; to evaluate or to save
/// a model, `eval()` shows the average x in its place, and `train()` brings back the bits of y.
///   v = beta2 v + (1 - beta2) g^2;  u = g / (sqrt(v / (1 - beta2^step)) + eps) + weight_decay y
///   z -= r u, with r = lr min(1, step / warmup)
///   x += c (z - x), with c = R^2 / (R_1^2 + ... + R_step^2), where R is the largest r so far
///   y = (1 - beta1) z + beta1 x
/// Throws   ValueError: a negative lr, eps, weight_decay or warmup, beta1 outside (0, 1), beta2 outside [0, 1);
///          Error: a step while the averages are shown
/// Source   Defazio et al., The Road Less Scheduled, 2024, algorithm 1
template <Floating T = float>
struct ScheduleFreeAdamW : Optimizer<T, detail::ScheduleFreeAdamWRule> {
    using Optimizer<T, detail::ScheduleFreeAdamWRule>::Optimizer;

    /// Shows the averages; nothing, where they are shown already.
    void eval() {
        this->for_each([](Tensor<T>& param, auto& state, const ScheduleFreeAdamWOptions& o) {
            if (!state.z.defined() || state.y.defined()) return;
            state.y = detail::copy(param);
            const auto part = simd::constant<T>(1 - 1 / o.beta1);
            simd::update<T>(
                param.numel(), [part](const auto& z, auto& p) TAPEGRAD_LAMBDA { p = towards(p, z, part); },
                std::as_const(state.z).data(), param.mutable_data());
        });
    }
    /// Shows the parameters that are trained.
    void train() {
        this->for_each([](Tensor<T>& param, auto& state, const ScheduleFreeAdamWOptions&) {
            if (!state.y.defined()) return;
            detail::assign(param, static_cast<const Tensor<T>&>(state.y));
            state.y = Buffer<T>();
        });
    }
};
template <class P>
ScheduleFreeAdamW(std::vector<P>, ScheduleFreeAdamWOptions = {})
    -> ScheduleFreeAdamW<detail::parameter_element<P>>;

}
