// Feed-forward parts with a gate: SwiGLU, GEGLU and ReGLU.
#pragma once

#include "../ops/activation.hpp"
#include "linear.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

enum class Gate { silu, gelu, relu };

struct GatedMlpOptions {
    Gate gate = Gate::silu;  // silu: SwiGLU, gelu: GEGLU, relu: ReGLU
    bool bias = false;
};

/// y = down_proj(act(gate_proj(x)) * up_proj(x))
/// Shape    x (..., width) -> y, same shape
/// Numeric  gate and product are one pass. The keys are those of LLaMA in Hugging Face files
/// Source   Shazeer, GLU Variants Improve Transformer, 2020
template <Floating T = float>
struct GatedMlp {
    Linear<T> gate_proj, up_proj, down_proj;
    Gate gate = Gate::silu;
    TAPEGRAD_FIELDS(gate_proj, up_proj, down_proj, gate);

    GatedMlp() = default;
    GatedMlp(int64_t width, int64_t hidden, Generator& generator, GatedMlpOptions o = {})
        : gate_proj(width, hidden, generator, {.bias = o.bias}),
          up_proj(width, hidden, generator, {.bias = o.bias}),
          down_proj(hidden, width, generator, {.bias = o.bias}),
          gate(o.gate) {}

    Tensor<T> operator()(const Tensor<T>& x) const { return down_proj(gated(gate_proj(x), up_proj(x))); }

private:
    Tensor<T> gated(const Tensor<T>& a, const Tensor<T>& b) const {
        if (gate == Gate::silu)
            return map(
                "swiglu", [](const auto& u, const auto& v) { return silu(u) * v; }, a, b);
        if (gate == Gate::gelu)
            return map(
                "geglu", [](const auto& u, const auto& v) { return gelu(u) * v; }, a, b);
        return map(
            "reglu", [](const auto& u, const auto& v) { return relu(u) * v; }, a, b);
    }
};
GatedMlp(int64_t, int64_t, Generator&)->GatedMlp<float>;
GatedMlp(int64_t, int64_t, Generator&, GatedMlpOptions)->GatedMlp<float>;

}
