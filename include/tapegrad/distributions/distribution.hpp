// What a distribution is, and what all of them share: shapes, and checks of parameters.
//
//   Normal d(loc, scale);                     // parameters are tensors; those of one distribution broadcast
//   d.batch_shape()                           // one distribution for each place of it
//   d.event_shape()                           // the shape of one draw: () for numbers, (n,) for vectors
//   d.sample({5}, generator)                  // (5,) + batch_shape + event_shape
//   d.rsample({5}, generator)                 // the same with a gradient by the parameters, where there is one
//   d.log_prob(x)                             // of densities and probabilities, in nats: one for each event
//
// What lies outside of the support has what the formula of its density gives there, as in PyTorch without validation.
#pragma once

#include <concepts>

#include "../core/random.hpp"
#include "../ops/elementwise.hpp"
#include "../ops/movement.hpp"
#include "../ops/reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class D>
concept Distribution = requires(const D& d, const typename D::Value& value, const Shape& shape,
                                Generator& generator) {
    { d.batch_shape() } -> std::convertible_to<Shape>;
    { d.event_shape() } -> std::convertible_to<Shape>;
    { d.sample(shape, generator) } -> std::same_as<typename D::Value>;
    { d.log_prob(value) } -> std::convertible_to<TensorBase>;
};

/// A distribution whose draws have a gradient by its parameters.
template <class D>
concept ReparameterizedDistribution = Distribution<D> &&
    requires(const D& d, const Shape& shape, Generator& generator) {
    { d.rsample(shape, generator) } -> std::same_as<typename D::Value>;
};

/// Draws, and the logarithm of their density, from one pass.
template <class T>
struct DrawnWithLogProb {
    Tensor<T> value, log_prob;
};

namespace detail {

inline Shape appended(Shape a, const Shape& b) {
    for (const int64_t size : b) a.push_back(size);
    return a;
}
/// `shape` without its last axes.
inline Shape without_last(const Shape& shape, int count) {
    return Shape(std::span<const int64_t>(shape.begin(), static_cast<std::size_t>(shape.rank() - count)));
}
/// The last axes of `shape`.
inline Shape last_of(const Shape& shape, int count) {
    return Shape(std::span<const int64_t>(shape.end() - count, static_cast<std::size_t>(count)));
}

template <class T>
Tensor<T> in_batch(const Tensor<T>& x, const Shape& batch) {
    return x.shape() == batch ? x : expand(x, batch);
}
template <class T>
Tensor<T> sum_last(Tensor<T> x, int count) {
    for (int i = 0; i < count; ++i) x = sum(x, {-1});
    return x;
}

/// The numbers that a parameter may hold.
enum class Domain { real, positive, nonnegative, probability };

[[noreturn, gnu::cold, gnu::noinline]] inline void fail_parameter(const char* distribution, const char* name,
                                                                  double value, Domain domain) {
    constexpr const char* wanted[] = {"not NaN", "above 0", "not below 0", "in [0, 1]"};
    fail<ValueError>(distribution, name, " holds ", value, "; it must be ", wanted[static_cast<int>(domain)]);
}
/// Throws   ValueError: a number outside of the domain
template <class T>
void check_parameter(const char* distribution, const char* name, const Tensor<T>& x, Domain domain) {
    const Tensor<T> packed = contiguous(x);
    for (int64_t i = 0; i < packed.numel(); ++i) {
        const T v = packed.data()[i];
        const bool inside = domain == Domain::real ? v == v
                            : domain == Domain::positive
                                ? v > T(0)
                                : v >= T(0) && (domain == Domain::nonnegative || v <= T(1));
        if (!inside) fail_parameter(distribution, name, static_cast<double>(v), domain);
    }
}

/// Numbers even over (0, 1): neither end is drawn.
template <class T>
Tensor<T> open_uniform(const Shape& shape, Generator& generator) {
    Tensor<T> y = empty<T>(shape);
    fill_uniform(output(y), y.numel(), generator, std::numeric_limits<T>::epsilon() / 4);
    return y;
}

/// What follows from `rsample` and `variance`.
template <class Self>
struct Reparameterized {
    /// Draws without a gradient.
    auto sample(const Shape& shape, Generator& generator) const {
        const no_grad constant;
        return static_cast<const Self&>(*this).rsample(shape, generator);
    }
    auto stddev() const { return sqrt(static_cast<const Self&>(*this).variance()); }
};

}

}
