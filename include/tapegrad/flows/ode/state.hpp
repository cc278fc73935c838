// What an ODE moves: a tensor, or several at once, in a std::array or a std::vector.
#pragma once

#include <array>
#include <cmath>
#include <vector>

#include "../../ops/map_reduce.hpp"
#include "../../ops/weighted_sum.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class S>
struct OdeParts;
template <Floating T_>
struct OdeParts<Tensor<T_>> {
    using T = T_;
};
template <Floating T_, std::size_t N>
struct OdeParts<std::array<Tensor<T_>, N>> {
    using T = T_;
};
template <Floating T_>
struct OdeParts<std::vector<Tensor<T_>>> {
    using T = T_;
};
template <class S>
using OdeElement = typename OdeParts<S>::T;

/// The tensors of a state.
template <class S>
std::span<const Tensor<OdeElement<S>>> parts_of(const S& state) {
    if constexpr (std::is_same_v<S, Tensor<OdeElement<S>>>)
        return {&state, 1};
    else
        return state;
}
template <class S>
std::span<Tensor<OdeElement<S>>> parts_of(S& state) {
    if constexpr (std::is_same_v<S, Tensor<OdeElement<S>>>)
        return {&state, 1};
    else
        return state;
}

}

/// Tensor<T>, std::array<Tensor<T>, N> or std::vector<Tensor<T>>, T float or double.
template <class S>
concept OdeState = requires {
    typename detail::OdeParts<S>::T;
};

namespace detail {

/// sum_k weights[k] states[k], part by part.
template <OdeState S>
S weighted_states(std::span<const S* const> states, std::span<const double> weights) {
    using T = OdeElement<S>;
    S y = *states[0];
    const std::span<Tensor<T>> out = parts_of(y);
    std::array<Tensor<T>, 20> tensors;
    for (std::size_t p = 0; p < out.size(); ++p) {
        for (std::size_t k = 0; k < states.size(); ++k) tensors[k] = parts_of(*states[k])[p];
        out[p] = weighted_sum<T>(std::span<const Tensor<T>>(tensors.data(), states.size()), weights);
    }
    return y;
}

/// The largest root mean square, over the parts, of x divided by atol + rtol max(|a|, |b|), element by element. Looks at
/// the first `count` parts.
template <OdeState S>
double scaled_norm(const S& x, const S& a, const S& b, double atol, double rtol, std::size_t count) {
    using T = OdeElement<S>;
    const no_grad constant;
    double largest = 0;
    for (std::size_t p = 0; p < parts_of(x).size() && p < count; ++p) {
        if (parts_of(x)[p].numel() == 0) continue;
        const Tensor<T> mean = map_mean(
            "scaled_norm",
            [](auto e, auto u, auto v, auto absolute, auto relative) {
                const auto r = e / (absolute + relative * maximum(abs(u), abs(v)));
                return r * r;
            },
            parts_of(x)[p].detach(), parts_of(a)[p].detach(), parts_of(b)[p].detach(), atol, rtol);
        const double norm = std::sqrt(static_cast<double>(mean.item()));
        largest = norm > largest || norm != norm ? norm : largest;
        if (norm != norm) break;
    }
    return largest;
}

/// The largest |x|, for messages; NaN where there is one.
template <OdeState S>
double largest_of(const S& x) {
    double largest = 0;
    for (const auto& part : parts_of(x)) {
        const auto packed = contiguous(part.detach());
        for (int64_t i = 0; i < packed.numel(); ++i) {
            const double v = std::abs(static_cast<double>(packed.data()[i]));
            if (v > largest || v != v) largest = v;
            if (v != v) return v;
        }
    }
    return largest;
}

/// "(256, 2)", or "(256, 2), (256,)" of several parts, for messages.
template <OdeState S>
std::string shapes_of(const S& x) {
    std::string out;
    for (const auto& part : parts_of(x)) out += (out.empty() ? "" : ", ") + part.shape().to_string();
    return out;
}

}

}
