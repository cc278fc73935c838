// Update rules of optimizers over one parameter, in one pass over memory: AdamW and SGD as torch.optim
// defines them; and what clipping by norm needs.
#pragma once

#include <cmath>

#include "../core/parallel.hpp"
#include "round.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t update_grain = int64_t{1} << 15;  // elements: 10 us of a core and more

/// Calls f(i, count) for the batches of n elements, on several threads.
template <class T, class F>
void update(int64_t n, const F& f) {
    parallel_for(n, update_grain, [&](int64_t begin, int64_t end) {
        for_batches<T>(end - begin, [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA { f(begin + i, count); });
    });
}

}

/// Of torch.optim.AdamW, with its defaults.
struct AdamW {
    double lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 1e-2;
};

/// One step of AdamW. m and v are the running means of the gradient and of its square, 0 before step 1.
///   p -= lr weight_decay p
///   m += (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2
///   p -= lr / (1 - beta1^step) m / (sqrt(v) / sqrt(1 - beta2^step) + eps)
/// `top` is null, or the running maximum of v that amsgrad divides by.
/// Source   Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019
template <Vectorized T>
void adamw_step(T* p, const T* g, T* m, T* v, T* top, int64_t n, int64_t step, const AdamW& o) {
    // As in PyTorch, the coefficients are made in double and rounded once.
    const double first = 1 - std::pow(o.beta1, static_cast<double>(step));
    const double second = 1 - std::pow(o.beta2, static_cast<double>(step));
    const Batch<T> keep(static_cast<T>(1 - o.lr * o.weight_decay)), rate(static_cast<T>(-o.lr / first));
    const Batch<T> new1(static_cast<T>(1 - o.beta1)), old2(static_cast<T>(o.beta2)),
        new2(static_cast<T>(1 - o.beta2));
    const Batch<T> root(static_cast<T>(std::sqrt(second))), eps(static_cast<T>(o.eps));
    detail::update<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        const Batch<T> slope = detail::load_some(g + i, count), m0 = detail::load_some(m + i, count);
        const Batch<T> mean = fma(slope - m0, new1, m0);
        Batch<T> square = fma(slope * slope, new2, detail::load_some(v + i, count) * old2);
        detail::store_some(mean, m + i, count);
        detail::store_some(square, v + i, count);
        if (top != nullptr) {
            square = max(detail::load_some(top + i, count), square);
            detail::store_some(square, top + i, count);
        }
        const Batch<T> kept = detail::load_some(p + i, count) * keep;
        detail::store_some(fma(rate, mean / (sqrt(square) / root + eps), kept), p + i, count);
    });
}

/// Of torch.optim.SGD.
struct SGD {
    double lr = 1e-3, momentum = 0, dampening = 0, weight_decay = 0;
    bool nesterov = false;
};

/// One step of stochastic gradient descent. b is the momentum buffer, null without momentum; `first` says
/// that it holds nothing yet.
///   g += weight_decay p
///   b = momentum b + (1 - dampening) g, or g at first
///   p -= lr b, or lr (g + momentum b) with nesterov, or lr g without momentum
template <Vectorized T>
void sgd_step(T* p, const T* g, T* b, int64_t n, bool first, const SGD& o) {
    const Batch<T> rate(static_cast<T>(-o.lr)), decay(static_cast<T>(o.weight_decay));
    const Batch<T> keep(static_cast<T>(o.momentum)), fresh(static_cast<T>(1 - o.dampening));
    const bool decays = o.weight_decay != 0, nesterov = o.nesterov;
    detail::update<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        const Batch<T> at = detail::load_some(p + i, count);
        Batch<T> slope = detail::load_some(g + i, count);
        if (decays) slope = fma(at, decay, slope);
        if (b != nullptr) {
            const Batch<T> moved = first ? slope : fma(slope, fresh, detail::load_some(b + i, count) * keep);
            detail::store_some(moved, b + i, count);
            slope = nesterov ? fma(moved, keep, slope) : moved;
        }
        detail::store_some(fma(slope, rate, at), p + i, count);
    });
}

/// The sum of squares, in double: squares of floats neither overflow nor vanish. The same bits for any number
/// of threads.
template <Vectorized T>
double sum_of_squares(const T* x, int64_t n) {
    return parallel_reduce(
        n, detail::update_grain, 0.0,
        [x](int64_t begin, int64_t end) {
            Batch<double> a(0.0), b(0.0);
            detail::for_batches<T>(end - begin, [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
                const Batch<T> v = detail::load_some(x + begin + i, count);
                if constexpr (std::is_same_v<T, float>) {
                    const auto wide = detail::widen(v);
                    a = fma(wide.low, wide.low, a);
                    b = fma(wide.high, wide.high, b);
                } else {
                    a = fma(v, v, a);
                }
            });
            return reduce_add(a + b);
        },
        [](double a, double b) { return a + b; });
}

/// x *= factor.
template <Vectorized T>
void scale_in_place(T* x, int64_t n, T factor) {
    const Batch<T> f(factor);
    detail::update<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        detail::store_some(detail::load_some(x + i, count) * f, x + i, count);
    });
}

}
