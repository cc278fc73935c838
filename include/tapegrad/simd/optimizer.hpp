// Update rules of optimizers, one pass over the memory of a parameter; and the sum of squares that clipping needs.
#pragma once

#include "../core/parallel.hpp"
#include "math.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t update_grain = int64_t{1} << 14;  // elements that are worth a thread

/// Calls body(i, load, store) for every batch of n elements; load and store stop at n.
template <class T, class Body>
void update(int64_t n, const Body& body) {
    constexpr int64_t w = width<T>;
    parallel_for(n, update_grain, [&](int64_t begin, int64_t end) {
        int64_t i = begin;
        for (; i + w <= end; i += w)
            body(i, [](const T* p) TAPEGRAD_LAMBDA { return Batch<T>::load(p); },
                 [](const Batch<T>& v, T* p) TAPEGRAD_LAMBDA { v.store(p); });
        if (i == end) return;
        const int64_t rest = end - i;
        body(i, [rest](const T* p) TAPEGRAD_LAMBDA { return load_partial(p, rest); },
             [rest](const Batch<T>& v, T* p) TAPEGRAD_LAMBDA { store_partial(v, p, rest); });
    });
}

}

/// One step of AdamW: the numbers that are the same for every element.
template <class T>
struct AdamwStep {
    T lr, beta1, beta2, eps, weight_decay;
    T correction1, correction2;  // 1 - beta^step
};

/// p *= 1 - lr decay;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
/// p -= lr / correction1 * m / (sqrt(v) / sqrt(correction2) + eps)
/// Source   Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2017, in the order of torch.optim
template <class T>
void adamw(T* p, const T* g, T* m, T* v, int64_t n, const AdamwStep<T>& s) {
    const Batch<T> keep(T(1) - s.lr * s.weight_decay), rate(s.lr / s.correction1), eps(s.eps);
    const Batch<T> root(std::sqrt(s.correction2)), b1(s.beta1), c1(T(1) - s.beta1), b2(s.beta2), c2(T(1) - s.beta2);
    detail::update<T>(n, [=](int64_t i, auto load, auto store) TAPEGRAD_LAMBDA {
        const Batch<T> gi = load(g + i);
        const Batch<T> mi = b1 * load(m + i) + c1 * gi;
        const Batch<T> vi = b2 * load(v + i) + c2 * gi * gi;
        store(mi, m + i);
        store(vi, v + i);
        store(keep * load(p + i) - rate * mi / (sqrt(vi) / root + eps), p + i);
    });
}

template <class T>
struct SgdStep {
    T lr, momentum, dampening, weight_decay;
    bool nesterov;
    bool first;  // the momentum buffer is empty: it becomes the gradient
};

/// g += decay p;  buffer = momentum buffer + (1 - dampening) g;  p -= lr (buffer, or g + momentum buffer for Nesterov).
/// Without momentum `buffer` is null.
/// Source   Sutskever et al., On the importance of initialization and momentum, 2013, in the form of torch.optim
template <class T>
void sgd(T* p, const T* g, T* buffer, int64_t n, const SgdStep<T>& s) {
    const Batch<T> lr(s.lr), decay(s.weight_decay), momentum(s.momentum), fresh(T(1) - s.dampening);
    detail::update<T>(n, [=](int64_t i, auto load, auto store) TAPEGRAD_LAMBDA {
        const Batch<T> pi = load(p + i);
        Batch<T> d = load(g + i) + decay * pi;
        if (buffer != nullptr) {
            const Batch<T> b = s.first ? d : momentum * load(buffer + i) + fresh * d;
            store(b, buffer + i);
            d = s.nesterov ? d + momentum * b : b;
        }
        store(pi - lr * d, p + i);
    });
}

/// sum of x_i^2, in chunks of fixed size added in order, in double.
template <class T>
double sum_of_squares(const T* x, int64_t n) {
    return parallel_reduce(
        n, detail::update_grain, 0.0,
        [x](int64_t begin, int64_t end) {
            constexpr int64_t w = width<T>, block = 64;
            double total = 0;
            for (int64_t i = begin; i < end;) {
                Batch<T> squares(T(0));
                const int64_t stop = i + block * w < end ? i + block * w : end;
                for (; i + w <= stop; i += w) {
                    const Batch<T> v = Batch<T>::load(x + i);
                    squares = fma(v, v, squares);
                }
                if (i < stop) {
                    const Batch<T> v = load_partial(x + i, stop - i);
                    squares = fma(v, v, squares);
                    i = stop;
                }
                total += static_cast<double>(reduce_add(squares));
            }
            return total;
        },
        [](double a, double b) { return a + b; });
}

/// x *= factor
template <class T>
void scale_in_place(T* x, int64_t n, T factor) {
    const Batch<T> f(factor);
    detail::update<T>(n, [=](int64_t i, auto load, auto store) TAPEGRAD_LAMBDA { store(f * load(x + i), x + i); });
}

}
