// Activations as modules, for places that take a module (`Sequential`).
#pragma once

#include "../ops/activation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct ReLU {
    auto operator()(const auto& x) const { return relu(x); }
};
/// The exact one, by erf.
struct GELU {
    auto operator()(const auto& x) const { return gelu(x); }
};
struct SiLU {
    auto operator()(const auto& x) const { return silu(x); }
};
struct Sigmoid {
    auto operator()(const auto& x) const { return sigmoid(x); }
};
struct Tanh {
    auto operator()(const auto& x) const { return tanh(x); }
};

}
