// Invertible functions with the logarithm of the volume that they make of one: what distributions are transformed by.
//
// A transform f has
//   f(x), f.inverse(y)
//   f.log_abs_det(x, y)     log |dy / dx|, summed over the last `event_dim` axes, which it mixes
//   f.sign()                1 where it rises, -1 where it falls; only where event_dim is 0, for shares
// and, where it has parameters that broadcast with x, f.shape(), theirs.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>

#include "../ops/activation.hpp"
#include "../ops/elementwise.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class F, class T>
concept Transform = requires(const F& f, const Tensor<T>& x) {
    { F::event_dim } -> std::convertible_to<int>;
    { f(x) } -> std::same_as<Tensor<T>>;
    { f.inverse(x) } -> std::same_as<Tensor<T>>;
    { f.log_abs_det(x, x) } -> std::same_as<Tensor<T>>;
};

/// y = e^x.
struct ExpTransform {
    static constexpr int event_dim = 0;
    template <class T>
    Tensor<T> operator()(const Tensor<T>& x) const {
        return exp(x);
    }
    template <class T>
    Tensor<T> inverse(const Tensor<T>& y) const {
        return log(y);
    }
    template <class T>
    Tensor<T> log_abs_det(const Tensor<T>& x, const Tensor<T>&) const {
        return x;
    }
    double sign() const { return 1; }
};

/// y = loc + scale x.
/// Throws   ShapeError: the parameters do not broadcast; ValueError: a scale is 0 or NaN
template <Floating T>
struct AffineTransform {
    static constexpr int event_dim = 0;
    Tensor<T> loc, scale;

    AffineTransform(const Tensor<T>& loc_, const Tensor<T>& scale_) : loc(loc_), scale(scale_) {
        static_cast<void>(shape());
        const Tensor<T> packed = detail::contiguous(scale);
        for (int64_t i = 0; i < packed.numel(); ++i)
            if (!(std::fabs(packed.data()[i]) > T(0)))
                detail::fail<ValueError>("AffineTransform", "scale holds ", packed.data()[i],
                                         "; it must not be 0");
    }
    Shape shape() const { return broadcast_shapes("AffineTransform", loc.shape(), scale.shape()); }
    Tensor<T> operator()(const Tensor<T>& x) const { return loc + scale * x; }
    Tensor<T> inverse(const Tensor<T>& y) const { return (y - loc) / scale; }
    Tensor<T> log_abs_det(const Tensor<T>& x, const Tensor<T>&) const {
        return expand(log(abs(scale)), x.shape());
    }
    Tensor<T> sign() const { return tapegrad::sign(scale); }
};

/// y = 1 / (1 + e^-x). Its inverse keeps y within the smallest number and 1 - eps, as PyTorch's.
struct SigmoidTransform {
    static constexpr int event_dim = 0;
    template <class T>
    Tensor<T> operator()(const Tensor<T>& x) const {
        return sigmoid(x);
    }
    template <class T>
    Tensor<T> inverse(const Tensor<T>& y) const {
        using Limits = std::numeric_limits<T>;
        return logit(clamp(y, Limits::min(), T(1) - Limits::epsilon()));
    }
    template <class T>
    Tensor<T> log_abs_det(const Tensor<T>& x, const Tensor<T>&) const {
        return map(
            "sigmoid_log_abs_det", [](const auto& v) { return -softplus(-v) - softplus(v); }, x);
    }
    double sign() const { return 1; }
};

/// y = tanh(x).
struct TanhTransform {
    static constexpr int event_dim = 0;
    template <class T>
    Tensor<T> operator()(const Tensor<T>& x) const {
        return tanh(x);
    }
    template <class T>
    Tensor<T> inverse(const Tensor<T>& y) const {
        return atanh(y);
    }
    template <class T>
    Tensor<T> log_abs_det(const Tensor<T>& x, const Tensor<T>&) const {
        return map(
            "tanh_log_abs_det",
            [](const auto& v) { return 2 * (0.69314718055994530942 - v - softplus(-2 * v)); }, x);
    }
    double sign() const { return 1; }
};

/// y = log(1 + e^x).
struct SoftplusTransform {
    static constexpr int event_dim = 0;
    template <class T>
    Tensor<T> operator()(const Tensor<T>& x) const {
        return softplus(x);
    }
    template <class T>
    Tensor<T> inverse(const Tensor<T>& y) const {
        return map(
            "softplus_inverse", [](const auto& v) { return v + log1mexp(-v); }, y);
    }
    template <class T>
    Tensor<T> log_abs_det(const Tensor<T>& x, const Tensor<T>&) const {
        return -softplus(-x);
    }
    double sign() const { return 1; }
};

/// y = x^exponent, of positive x.
/// Throws   ValueError: exponent 0 or NaN
struct PowerTransform {
    static constexpr int event_dim = 0;
    double exponent;

    explicit PowerTransform(double exponent_) : exponent(exponent_) {
        if (!(std::fabs(exponent) > 0))
            detail::fail<ValueError>("PowerTransform", "the exponent is ", exponent, "; it must not be 0");
    }
    template <class T>
    Tensor<T> operator()(const Tensor<T>& x) const {
        return pow(x, exponent);
    }
    template <class T>
    Tensor<T> inverse(const Tensor<T>& y) const {
        return pow(y, 1 / exponent);
    }
    template <class T>
    Tensor<T> log_abs_det(const Tensor<T>& x, const Tensor<T>& y) const {
        return map(
            "power_log_abs_det", [](const auto& u, const auto& v, auto e) { return log(abs(e * v / u)); }, x,
            y, exponent);
    }
    double sign() const { return exponent > 0 ? 1 : -1; }
};

/// The inverse of another transform.
template <class F>
struct InverseTransform {
    static constexpr int event_dim = F::event_dim;
    F of;

    explicit InverseTransform(F of_) : of(std::move(of_)) {}
    Shape shape() const requires requires(const F& f) { f.shape(); }
    { return of.shape(); }
    template <class T>
    Tensor<T> operator()(const Tensor<T>& x) const {
        return of.inverse(x);
    }
    template <class T>
    Tensor<T> inverse(const Tensor<T>& y) const {
        return of(y);
    }
    template <class T>
    Tensor<T> log_abs_det(const Tensor<T>& x, const Tensor<T>& y) const {
        return -of.log_abs_det(y, x);
    }
    auto sign() const requires requires(const F& f) { f.sign(); }
    { return of.sign(); }
};

}
