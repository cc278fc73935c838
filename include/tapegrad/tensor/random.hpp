// Random tensors. Each function takes a Generator; without one it uses the default generator of the thread.
// The numbers are a function of the generator's state alone: of no thread count, and of no other call.
#pragma once

#include <algorithm>

#include "../core/random.hpp"
#include "creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Even over [0, 1).
/// Shape    y of `shape`
template <Floating T>
Tensor<T> rand(const Shape& shape, Generator& generator = default_generator()) {
    Tensor<T> y = empty<T>(shape);
    fill_uniform(detail::output(y), y.numel(), generator);
    return y;
}
template <Floating T>
Tensor<T> rand_like(const Tensor<T>& x, Generator& generator = default_generator()) {
    return rand<T>(x.shape(), generator);
}

/// Normal numbers of mean 0 and standard deviation 1.
/// Shape    y of `shape`
template <Floating T>
Tensor<T> randn(const Shape& shape, Generator& generator = default_generator()) {
    Tensor<T> y = empty<T>(shape);
    fill_normal(detail::output(y), y.numel(), generator);
    return y;
}
template <Floating T>
Tensor<T> randn_like(const Tensor<T>& x, Generator& generator = default_generator()) {
    return randn<T>(x.shape(), generator);
}

/// Whole numbers, even over [low, high).
/// Shape    y of `shape`
/// Throws   ValueError: low not below high, or a bound that T does not hold
template <class T = int64_t>
requires std::integral<T> Tensor<T> randint(int64_t low, int64_t high, const Shape& shape,
                                            Generator& generator = default_generator()) {
    using Limits = std::numeric_limits<T>;
    if (low < high &&
        (low < static_cast<int64_t>(Limits::min()) || high - 1 > static_cast<int64_t>(Limits::max())))
        detail::fail<ValueError>("randint", name(dtype_of<T>), " does not hold all of [", low, ", ", high,
                                 ")");
    Tensor<int64_t> y = empty<int64_t>(shape);
    fill_randint(detail::output(y), y.numel(), generator, low, high);
    if constexpr (std::same_as<T, int64_t>)
        return y;
    else
        return detail::cast<T>(y);
}
template <class T>
requires std::integral<T> Tensor<T> randint_like(const Tensor<T>& x, int64_t low, int64_t high,
                                                 Generator& generator = default_generator()) {
    return randint<T>(low, high, x.shape(), generator);
}

/// 1 with probability p, else 0.
/// Shape    y of `shape`
/// Throws   ValueError: p outside [0, 1]
template <class T>
requires std::is_arithmetic_v<T> Tensor<T> bernoulli(double p, const Shape& shape,
                                                     Generator& generator = default_generator()) {
    Tensor<T> y = empty<T>(shape);
    fill_bernoulli(detail::output(y), y.numel(), generator, p);
    return y;
}
/// 1 with the probability that stands in p, else 0. No gradient: a choice has none.
/// Shape    p (any) -> y, same shape
/// Throws   ValueError: an element of p outside [0, 1]
template <Floating T>
Tensor<T> bernoulli(const Tensor<T>& p, Generator& generator = default_generator()) {
    const Tensor<T> packed = detail::contiguous(p);
    const T* const chance = packed.data();
    for (int64_t i = 0; i < p.numel(); ++i)
        if (!(chance[i] >= T(0) && chance[i] <= T(1)))
            detail::fail<ValueError>("bernoulli", "probability ", chance[i], " is outside [0, 1]");
    Tensor<T> y = rand<T>(p.shape(), generator);
    T* const out = detail::output(y);
    for (int64_t i = 0; i < y.numel(); ++i) out[i] = out[i] < chance[i] ? T(1) : T(0);
    return y;
}

/// 0, 1, ..., n - 1 in a random order.
/// Shape    y (n,)
/// Throws   ValueError: n negative
inline Tensor<int64_t> randperm(int64_t n, Generator& generator = default_generator()) {
    if (n < 0) detail::fail<ValueError>("randperm", "n is ", n, "; it must not be negative");
    Tensor<int64_t> y = empty<int64_t>({n});
    fill_permutation(detail::output(y), n, generator);
    return y;
}

namespace detail {

/// Copies a row of weights as double, and checks that `samples` can be drawn from it.
template <class T>
void copy_weights(const T* weights, double* row, int64_t k, int64_t samples, bool replacement) {
    int64_t positive = 0;
    for (int64_t i = 0; i < k; ++i) {
        row[i] = static_cast<double>(weights[i]);
        if (!(row[i] >= 0) || row[i] - row[i] != 0)
            fail<ValueError>("multinomial", "weight ", row[i], " at place ", i, " is negative or not finite");
        positive += row[i] > 0 ? 1 : 0;
    }
    if (positive == 0) fail<ValueError>("multinomial", "no weight is above 0");
    if (!replacement && samples > positive)
        fail<ValueError>("multinomial", samples, " samples without replacement from ", positive,
                         " weights above 0");
}

}

/// Places drawn with probabilities proportional to weights.
///   replacement: each of the n is drawn from all; else no place is drawn twice
/// Shape    weights (k,) -> y (n,);  weights (rows, k) -> y (rows, n)
/// Numeric  sums in double
/// Throws   ShapeError: weights of another rank; ValueError: a weight that is negative or not finite, no
/// weight above
///          0, n negative, or n above the number of weights above 0 without replacement
template <Floating T>
Tensor<int64_t> multinomial(const Tensor<T>& weights, int64_t n, bool replacement = false,
                            Generator& generator = default_generator()) {
    if (weights.rank() != 1 && weights.rank() != 2)
        detail::fail<ShapeError>("multinomial", "weights ", weights.shape(),
                                 " have neither one axis nor two");
    if (n < 0) detail::fail<ValueError>("multinomial", "n is ", n, "; it must not be negative");
    const int64_t k = weights.size(-1), rows = weights.rank() == 2 ? weights.size(0) : 1;
    const Tensor<T> packed = detail::contiguous(weights);
    Tensor<int64_t> y = empty<int64_t>(weights.rank() == 2 ? Shape{rows, n} : Shape{n});
    Scratch<double> row(k), random(replacement ? n : k);
    Scratch<int64_t> order(k);
    for (int64_t r = 0; r < rows; ++r) {
        detail::copy_weights(packed.data() + r * k, row.data(), k, n, replacement);
        int64_t* const out = detail::output(y) + r * n;
        fill_uniform(random.data(), random.size(), generator);
        if (replacement) {
            for (int64_t i = 1; i < k; ++i) row[i] += row[i - 1];
            for (int64_t i = 0; i < n; ++i)
                out[i] = std::upper_bound(row.data(), row.data() + k, random[i] * row[k - 1]) - row.data();
        } else {
            // Clocks that ring at exponential times of rate w: the first n to ring are such a draw, in order.
            for (int64_t i = 0; i < k; ++i) {
                row[i] =
                    row[i] > 0 ? -std::log(1 - random[i]) / row[i] : std::numeric_limits<double>::infinity();
                order[i] = i;
            }
            const auto earlier = [&row](int64_t a, int64_t b) {
                return row[a] < row[b] || (row[a] == row[b] && a < b);
            };
            std::partial_sort(order.data(), order.data() + n, order.data() + k, earlier);
            std::copy_n(order.data(), n, out);
        }
    }
    return y;
}

}
