// What coupling and autoregressive layers do to a number by parameters of its own: shift it, or scale and shift it.
//
// Such a map has `count`, the parameters of a number; forward(x, parameters) and inverse(y, parameters), which take
// parameters (..., count) of x (...) and give values with the logarithms of the slopes; and `apart`, which is true where
// a coupling's network gives the first parameter of all numbers, then the second of all, and false where it gives those
// of a number beside each other.
#pragma once

#include <cmath>

#include "../ops/activation.hpp"
#include "../ops/slicing.hpp"
#include "../ops/spline.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <class M, class T>
concept ElementMap = requires(const M& m, const Tensor<T>& x) {
    { m.forward(x, x) } -> std::same_as<Splined<T>>;
    { m.inverse(x, x) } -> std::same_as<Splined<T>>;
    { m.count } -> std::convertible_to<int64_t>;
    { M::apart } -> std::convertible_to<bool>;
};

/// y = x + p
/// Shape    x (...), parameters (..., 1) -> value and log_slope, as x
/// Source   Dinh et al., NICE, 2014
struct AdditiveMap {
    static constexpr int64_t count = 1;
    static constexpr bool apart = true;

    template <Floating T>
    Splined<T> forward(const Tensor<T>& x, const Tensor<T>& parameters) const {
        return {x + select(parameters, -1, 0), zeros<T>(x.shape())};
    }
    template <Floating T>
    Splined<T> inverse(const Tensor<T>& y, const Tensor<T>& parameters) const {
        return {y - select(parameters, -1, 0), zeros<T>(y.shape())};
    }
};

/// The scale that an unbounded number u makes.
///   sigmoid    sigmoid(u + 2) + 1e-3, which begins near 1: the couplings of nflows
///   softplus   softplus(u) + 1e-3: its autoregressive layers
///   exp        exp(u)
///   tanh       exp(tanh(u)), in (1/e, e): RealNVP without its learned factor
///   soft_clip  exp(u / (1 + |u| / ln 1000)), in (1/1000, 1000): zuko
enum class AffineScale { sigmoid, softplus, exp, tanh, soft_clip };

/// y = scale(u) x + shift, of the parameters shift and u, or u and shift where `scale_first`.
/// Shape    x (...), parameters (..., 2) -> value and log_slope, as x
/// Source   Dinh et al., Density estimation using Real NVP, 2017
struct AffineMap {
    static constexpr int64_t count = 2;
    static constexpr bool apart = true;
    AffineScale scale = AffineScale::sigmoid;
    bool scale_first = false;

    template <Floating T>
    Splined<T> forward(const Tensor<T>& x, const Tensor<T>& parameters) const {
        const Tensor<T> log_scale = log_scale_of(select(parameters, -1, scale_first ? 0 : 1));
        const Tensor<T> value = map(
            "affine_map", [](const auto& v, const auto& s, const auto& b) { return v * exp(s) + b; }, x,
            log_scale, select(parameters, -1, scale_first ? 1 : 0));
        return {value, log_scale};
    }
    template <Floating T>
    Splined<T> inverse(const Tensor<T>& y, const Tensor<T>& parameters) const {
        const Tensor<T> log_scale = log_scale_of(select(parameters, -1, scale_first ? 0 : 1));
        const Tensor<T> value = map(
            "affine_map", [](const auto& v, const auto& s, const auto& b) { return (v - b) * exp(-s); }, y,
            log_scale, select(parameters, -1, scale_first ? 1 : 0));
        return {value, -log_scale};
    }

private:
    template <Floating T>
    Tensor<T> log_scale_of(const Tensor<T>& u) const {
        switch (scale) {
            case AffineScale::sigmoid:
                return map(
                    "affine_map", [](const auto& v) { return log(sigmoid(v + 2) + 1e-3); }, u);
            case AffineScale::softplus:
                return map(
                    "affine_map", [](const auto& v) { return log(softplus(v) + 1e-3); }, u);
            case AffineScale::tanh:
                return tanh(u);
            case AffineScale::soft_clip:
                return map(
                    "affine_map", [](const auto& v) { return v / (1 + abs(v) / std::log(1000.0)); }, u);
            case AffineScale::exp:
                break;
        }
        return u;
    }
};

}
