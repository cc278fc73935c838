// Initial values of parameters, from an explicit generator: the same numbers for the same state of it,
// whatever the number of threads. Names and defaults are those of torch.nn.init; the numbers are not.
#pragma once

#include <cmath>

#include "../core/random.hpp"
#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// x as a leaf that collects a gradient.
template <class T>
Tensor<T> parameter(Tensor<T> x) {
    x.requires_grad_();
    return x;
}

namespace init {

namespace detail {
using tapegrad::detail::assign;

inline constinit thread_local int skipping = 0;

/// Fills through a contiguous tensor: the numbers do not depend on the layout of x.
template <Floating T, class Fill>
void fill(Tensor<T>& x, const Fill& fill_elements) {
    if (skipping > 0) return;
    if (x.is_contiguous()) return fill_elements(x.mutable_data(), x.numel());
    Tensor<T> packed = empty<T>(x.shape());
    fill_elements(packed.mutable_data(), packed.numel());
    assign(x, packed);
}
}

/// While it lives, this thread draws no random first values: those of a model that is loaded at once, all of it. What
/// is not written then holds whatever was in the memory.
class [[nodiscard]] Skip {
public:
    Skip() { ++detail::skipping; }
    ~Skip() { --detail::skipping; }
    Skip(const Skip&) = delete;
    Skip& operator=(const Skip&) = delete;
};

/// Every element equal to `value`.
template <class T>
void constant_(Tensor<T>& x, std::type_identity_t<T> value) {
    detail::assign(x, Tensor<T>(value));
}
/// Even over [low, high).
template <Floating T>
void uniform_(Tensor<T>& x, Generator& generator, double low = 0, double high = 1) {
    detail::fill(x, [&](T* out, int64_t n) {
        fill_uniform(out, n, generator, static_cast<T>(low), static_cast<T>(high));
    });
}
/// Normal.
template <Floating T>
void normal_(Tensor<T>& x, Generator& generator, double mean = 0, double std = 1) {
    detail::fill(x, [&](T* out, int64_t n) {
        fill_normal(out, n, generator, static_cast<T>(mean), static_cast<T>(std));
    });
}

/// How many inputs each output of a weight has, and how many outputs each input.
struct Fans {
    double in, out;
};
/// Of a weight (out, in, ...); the axes behind are those of a kernel.
/// Throws   ShapeError: rank below 2
inline Fans fans_of(const Shape& shape) {
    if (shape.rank() < 2)
        tapegrad::detail::fail<ShapeError>("init", "a weight ", shape,
                                           " has no fans; its rank must be 2 or more");
    double kernel = 1;
    for (int axis = 2; axis < shape.rank(); ++axis) kernel *= static_cast<double>(shape[axis]);
    return {static_cast<double>(shape[1]) * kernel, static_cast<double>(shape[0]) * kernel};
}

/// Even over [-b, b), b = sqrt(6 / ((1 + a^2) fan_in)): keeps the variance through a leaky ReLU of slope a.
/// Source   He et al., Delving Deep into Rectifiers, 2015
template <Floating T>
void kaiming_uniform_(Tensor<T>& x, Generator& generator, double a = 0) {
    const double in = fans_of(x.shape()).in;
    const double bound = in > 0 ? std::sqrt(6 / ((1 + a * a) * in)) : 0;
    uniform_(x, generator, -bound, bound);
}
/// Normal with std = sqrt(2 / ((1 + a^2) fan_in)).
template <Floating T>
void kaiming_normal_(Tensor<T>& x, Generator& generator, double a = 0) {
    const double in = fans_of(x.shape()).in;
    normal_(x, generator, 0, in > 0 ? std::sqrt(2 / ((1 + a * a) * in)) : 0);
}
/// Even over [-b, b), b = gain sqrt(6 / (fan_in + fan_out)).
/// Source   Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks,
/// 2010
template <Floating T>
void xavier_uniform_(Tensor<T>& x, Generator& generator, double gain = 1) {
    const Fans fans = fans_of(x.shape());
    const double bound = fans.in + fans.out > 0 ? gain * std::sqrt(6 / (fans.in + fans.out)) : 0;
    uniform_(x, generator, -bound, bound);
}
/// Normal with std = gain sqrt(2 / (fan_in + fan_out)).
template <Floating T>
void xavier_normal_(Tensor<T>& x, Generator& generator, double gain = 1) {
    const Fans fans = fans_of(x.shape());
    normal_(x, generator, 0, fans.in + fans.out > 0 ? gain * std::sqrt(2 / (fans.in + fans.out)) : 0);
}

}

namespace detail {

/// Weight and bias of a linear map as PyTorch begins them: even over [-b, b) with b = 1 / sqrt(fan_in). The bias
/// has `outputs` elements, or stays undefined.
template <Floating T>
void begin_linear(Tensor<T>& weight, Tensor<T>& bias, int64_t outputs, bool has_bias, Generator& generator) {
    init::kaiming_uniform_(weight, generator, std::sqrt(5.0));
    if (!has_bias) return;
    bias = parameter(empty<T>({outputs}));
    const double in = init::fans_of(weight.shape()).in, bound = in > 0 ? 1 / std::sqrt(in) : 0;
    init::uniform_(bias, generator, -bound, bound);
}

}

}
