// Elementwise compositions: each is one line over the primitives, and works on tensors and inside any `map`.
#pragma once

#include "map.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// x * x.                                     Grad  2 x;  saves x
constexpr auto square(const Value auto& x) {
    return map(
        "square", [](const auto& v) { return v * v; }, x);
}
/// x kept between `low` and `high`; NaN stays NaN.
/// Grad     1 between the bounds, at them and at NaN (PyTorch: 0 at NaN), 0 outside; a bound that holds x
/// gets the rest
constexpr auto clamp(const Value auto& x, const auto& low, const auto& high) {
    return map(
        "clamp",
        [](const auto& v, const auto& lo, const auto& hi) { return where(v < lo, lo, where(v > hi, hi, v)); },
        x, low, high);
}

}
