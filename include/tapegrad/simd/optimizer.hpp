// The loop under every optimizer: a rule is a lambda over batches of the gradient, the parameter and what is
// kept for it, applied in one pass over memory on several threads. And what clipping by norm needs.
//
//   simd::update<float>(n, [=](const auto& g, auto& p, auto& m) TAPEGRAD_LAMBDA {
//       m = fma(m, keep, g);
//       p = fma(m, rate, p);
//   }, g, p, m);
#pragma once

#include <array>
#include <cmath>

#include "../core/parallel.hpp"
#include "round.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// Every element the same, rounded once: as in PyTorch, coefficients are made in double.
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> constant(double value) {
    return Batch<T>(static_cast<T>(value));
}

/// An array that may be missing: its batches are then 0, and what is assigned to them goes nowhere. The test
/// is the same for every batch, and costs nothing beside a load.
template <class T>
struct Optional {
    T* data;
    Optional operator+(int64_t i) const { return {data != nullptr ? data + i : nullptr}; }
};

namespace detail {

inline constexpr int64_t update_grain = int64_t{1} << 15;  // elements: 10 us of a core and more

template <class T>
TAPEGRAD_INLINE void store_back(const Batch<T>& v, T* p, int64_t count) {
    store_some(v, p, count);
}
template <class T>
TAPEGRAD_INLINE void store_back(const Batch<T>&, const T*, int64_t) {}
template <class T>
TAPEGRAD_INLINE void store_back(const Batch<T>& v, Optional<T> x, int64_t count) {
    if (x.data != nullptr) store_some(v, x.data, count);
}
template <class T>
TAPEGRAD_INLINE Batch<T> load_some(Optional<T> x, int64_t count) {
    return x.data != nullptr ? load_some(x.data, count) : Batch<T>(T(0));
}

/// What f returns for one batch of each array; the arrays that are not const have what it wrote.
template <class T, class F, class... P>
TAPEGRAD_INLINE auto update_batch(const F& f, int64_t count, P... x) {
    return [&](auto... batch) TAPEGRAD_LAMBDA {
        if constexpr (std::is_void_v<decltype(f(batch...))>) {
            f(batch...);
            (store_back(batch, x, count), ...);
        } else {
            const auto result = f(batch...);
            (store_back(batch, x, count), ...);
            return result;
        }
    }(load_some(x, count)...);
}

/// a += the products x y of the first `count` elements, in double.
template <class T>
TAPEGRAD_INLINE void add_products(Batch<double> (&sum)[2], Batch<T> x, Batch<T> y, int64_t count) {
    if (count < width<T>) {
        // What a rule makes of the zeros behind the end need not be zero.
        T first[Batch<T>::size], second[Batch<T>::size];
        x.store(first);
        y.store(second);
        x = load_partial(first, count);
        y = load_partial(second, count);
    }
    if constexpr (std::is_same_v<T, float>) {
        const auto a = widen(x), b = widen(y);
        sum[0] = fma(a.low, b.low, sum[0]);
        sum[1] = fma(a.high, b.high, sum[1]);
    } else {
        sum[0] = fma(x, y, sum[0]);
    }
}

}

/// Calls f(batch...) with a batch of each array, for the batches of n elements. An array is a T*, which
/// afterwards holds what f assigned to its batch, a const T*, which is read only, or an Optional<T>.
template <Vectorized T, class F, class... P>
void update(int64_t n, const F& f, P... x) {
    parallel_for(n, detail::update_grain, [=](int64_t begin, int64_t end) {
        const F rule = f;  // its constants stay in registers: no store can reach this copy
        detail::for_batches<T>(end - begin, [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
            detail::update_batch<T>(rule, count, (x + begin + i)...);
        });
    });
}

/// Two factors whose product is to be summed over the elements.
template <class T>
struct Product {
    Batch<T> a, b;
};

/// As `update`, with an f that returns K products: their sums.
/// Numeric  products and sums in double: squares of floats neither overflow nor vanish. The same bits for any
///          number of threads
template <Vectorized T, std::size_t K, class F, class... P>
std::array<double, K> update_sums(int64_t n, const F& f, P... x) {
    using Sums = std::array<double, K>;
    return parallel_reduce(
        n, detail::update_grain, Sums{},
        [=](int64_t begin, int64_t end) {
            const F rule = f;
            Batch<double> sums[K][2];
            for (auto& sum : sums) sum[0] = sum[1] = Batch<double>(0.0);
            detail::for_batches<T>(end - begin, [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
                const std::array<Product<T>, K> products =
                    detail::update_batch<T>(rule, count, (x + begin + i)...);
                for (std::size_t k = 0; k < K; ++k)
                    detail::add_products(sums[k], products[k].a, products[k].b, count);
            });
            Sums result;
            for (std::size_t k = 0; k < K; ++k) result[k] = reduce_add(sums[k][0] + sums[k][1]);
            return result;
        },
        [](Sums a, const Sums& b) {
            for (std::size_t k = 0; k < K; ++k) a[k] += b[k];
            return a;
        });
}

/// x y, in double.
template <Vectorized T>
double dot(const T* x, const T* y, int64_t n) {
    return update_sums<T, 1>(
        n,
        [](const auto& a, const auto& b) TAPEGRAD_LAMBDA {
            return std::array{Product<T>{a, b}};
        },
        x, y)[0];
}
/// The sum of squares, in double.
template <Vectorized T>
double sum_of_squares(const T* x, int64_t n) {
    return update_sums<T, 1>(
        n,
        [](const auto& a) TAPEGRAD_LAMBDA {
            return std::array{Product<T>{a, a}};
        },
        x)[0];
}

/// The largest |x_i|; 0 of none, NaN where there is one.
template <Vectorized T>
double largest_magnitude(const T* x, int64_t n) {
    return parallel_reduce(
        n, detail::update_grain, 0.0,
        [x](int64_t begin, int64_t end) {
            Batch<T> top(T(0));
            detail::for_batches<T>(end - begin, [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
                top = max(top, abs(detail::load_some(x + begin + i, count)));
            });
            return static_cast<double>(reduce_max(top));
        },
        [](double a, double b) { return a > b || a != a ? a : b; });
}
/// The sum of (|x_i| scale)^p, in double.
template <Vectorized T>
double sum_of_powers(const T* x, int64_t n, double p, double scale) {
    return parallel_reduce(
        n, detail::update_grain, 0.0,
        [=](int64_t begin, int64_t end) {
            double sum = 0;
            for (int64_t i = begin; i < end; ++i)
                sum += std::pow(std::fabs(static_cast<double>(x[i])) * scale, p);
            return sum;
        },
        [](double a, double b) { return a + b; });
}
/// False when an element is a NaN or an infinity.
template <Vectorized T>
bool all_finite(const T* x, int64_t n) {
    const auto none = update_sums<T, 1>(
        n,
        [](const auto& a) TAPEGRAD_LAMBDA {
            return std::array{Product<T>{a - a, constant<T>(1)}};
        },
        x);
    return none[0] == 0;
}

/// x *= factor.
template <Vectorized T>
void scale_in_place(T* x, int64_t n, T factor) {
    update<T>(
        n, [f = Batch<T>(factor)](auto& v) TAPEGRAD_LAMBDA { v = v * f; }, x);
}

/// What the rules of torch.optim take for the gradient: its negative to maximise, plus the gradient of
/// weight_decay p^2 / 2.
template <Vectorized T>
struct Slope {
    Slope(bool maximize, double weight_decay)
        : sign_(constant<T>(maximize ? -1 : 1)),
          decay_(constant<T>(weight_decay)),
          decays_(weight_decay != 0) {}
    TAPEGRAD_INLINE Batch<T> operator()(const Batch<T>& g, const Batch<T>& p) const {
        // An infinite p times no decay would be NaN.
        return decays_ ? fma(p, decay_, g * sign_) : g * sign_;
    }

private:
    Batch<T> sign_, decay_;
    bool decays_;
};

/// x moved by `part` of the way to y.
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> towards(const Batch<T>& x, const Batch<T>& y, const Batch<T>& part) {
    return fma(y - x, part, x);
}

/// The running means of the gradient and of its square that Adam and its kin keep.
///   m += (1 - beta1) (d - m);  v = beta2 v + (1 - beta2) d^2
template <Vectorized T>
struct Moments {
    Moments(double beta1, double beta2)
        : new1_(constant<T>(1 - beta1)), new2_(constant<T>(1 - beta2)), old2_(constant<T>(beta2)) {}
    TAPEGRAD_INLINE void operator()(const Batch<T>& d, Batch<T>& m, Batch<T>& v) const {
        m = towards(m, d, new1_);
        v = fma(d * d, new2_, v * old2_);
    }

private:
    Batch<T> new1_, new2_, old2_;
};

}
