// Mean and variance of values that come one by one, numbers or tensors.
#pragma once

#include "../core/error.hpp"
#include "../ops/elementwise.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A number or a tensor of numbers, whose elements are values side by side.
template <class V>
concept RunningValue =
    std::floating_point<V> || std::same_as<V, Tensor<float>> || std::same_as<V, Tensor<double>>;

namespace detail {
template <RunningValue V>
struct RunningNumber {
    using type = V;
};
template <class T>
struct RunningNumber<Tensor<T>> {
    using type = T;
};
template <RunningValue V>
using running_number = typename RunningNumber<V>::type;
}

/// Mean of the values so far.
///   mean += (x - mean) / k: Robbins and Monro's step 1 / k towards each value
/// Numeric  no sum that grows; outside of every graph
template <RunningValue V>
class RunningMean {
public:
    /// Throws   ShapeError: another shape than the values before
    void add(const V& x) {
        const no_grad constant;
        ++count_;
        if (count_ == 1)
            mean_ = x + detail::running_number<V>(0);  // a value of its own
        else
            mean_ = mean_ + (x - mean_) / static_cast<detail::running_number<V>>(count_);
    }
    int64_t count() const { return count_; }
    /// Throws   ValueError: no value yet
    const V& mean() const {
        if (count_ == 0) detail::fail<ValueError>("RunningMean", "no value yet");
        return mean_;
    }

private:
    int64_t count_ = 0;
    V mean_{};
};

/// Mean and variance of the values so far, in one pass.
///   m2 += (x - mean before) (x - mean after);   variance = m2 / (k - 1)
/// Numeric  no difference of large sums: right also where the mean is far above the deviation
/// Source   Welford, Note on a Method for Calculating Corrected Sums of Squares and Products, 1962; of two parts: Chan,
///          Golub and LeVeque, Updating Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979
template <RunningValue V>
class RunningVariance {
    using Number = detail::running_number<V>;

public:
    /// Throws   ShapeError: another shape than the values before
    void add(const V& x) {
        const no_grad constant;
        ++count_;
        if (count_ == 1) {
            mean_ = x + Number(0);
            m2_ = (x - x) * Number(0);
            return;
        }
        const V before = x - mean_;
        mean_ = mean_ + before / static_cast<Number>(count_);
        m2_ = m2_ + before * (x - mean_);
    }
    /// As if the values of the other had come too.
    void add(const RunningVariance& other) {
        if (other.count_ == 0) return;
        if (count_ == 0) {
            *this = other;
            return;
        }
        const no_grad constant;
        const auto a = static_cast<Number>(count_), b = static_cast<Number>(other.count_);
        const V apart = other.mean_ - mean_;
        mean_ = mean_ + apart * (b / (a + b));
        m2_ = m2_ + other.m2_ + apart * apart * (a * b / (a + b));
        count_ += other.count_;
    }

    int64_t count() const { return count_; }
    /// Throws   ValueError: no value yet
    const V& mean() const {
        check(1);
        return mean_;
    }
    /// Of the values as a sample: divided by one less than their number.
    /// Throws   ValueError: fewer than two values
    V variance() const {
        check(2);
        const no_grad constant;
        return m2_ / static_cast<Number>(count_ - 1);
    }

private:
    void check(int64_t least) const {
        if (count_ < least)
            detail::fail<ValueError>("RunningVariance", count_, " values; there must be ", least, " or more");
    }

    int64_t count_ = 0;
    V mean_{}, m2_{};
};

}
