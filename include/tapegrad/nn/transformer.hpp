// A Transformer block with its normalisations in front of what they normalise.
#pragma once

#include "../ops/activation.hpp"
#include "attention.hpp"
#include "dropout.hpp"
#include "layer_norm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct TransformerBlockOptions {
    int64_t hidden = 0;  // width of the feed-forward part; 0: four times the width
    bool causal = false;
    double dropout = 0;  // of the attention weights, the hidden units and both branches
    double eps = 1e-5;
    bool bias = true;
};

/// x + attention(norm1(x)), then x + linear2(gelu(linear1(norm2(x)))).
/// Shape    x (B, T, width) -> y, same shape
/// Numeric  begins as its parts. The keys are those of PyTorch's TransformerEncoderLayer; equal to it for
///          norm_first=True, activation="gelu", batch_first=True
/// Source   Xiong et al., On Layer Normalization in the Transformer Architecture, 2020
template <Floating T = float>
struct TransformerBlock {
    MultiHeadAttention<T> self_attn;
    Linear<T> linear1, linear2;
    LayerNorm<T> norm1, norm2;
    Dropout drop;
    TAPEGRAD_FIELDS(self_attn, linear1, linear2, norm1, norm2, drop);

    TransformerBlock() = default;
    /// Throws   ShapeError: width is no multiple of heads
    TransformerBlock(int64_t width, int64_t heads, Generator& generator, TransformerBlockOptions o = {})
        : self_attn(width, heads, generator, {.causal = o.causal, .dropout = o.dropout, .bias = o.bias}),
          linear1(width, o.hidden > 0 ? o.hidden : 4 * width, generator, {.bias = o.bias}),
          linear2(o.hidden > 0 ? o.hidden : 4 * width, width, generator, {.bias = o.bias}),
          norm1(width, {.eps = o.eps, .bias = o.bias}),
          norm2(width, {.eps = o.eps, .bias = o.bias}),
          drop{o.dropout} {}

    /// `mask` (true: takes part) broadcasts to (B, H, T, T).
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<bool>& mask = {},
                         Generator& generator = default_generator()) const {
        const Tensor<T> seen = x + drop(self_attn(norm1(x), mask, generator), generator);
        const Tensor<T> hidden = drop(gelu(linear1(norm2(seen))), generator);  // (B, T, hidden)
        return seen + drop(linear2(hidden), generator);
    }
};
TransformerBlock(int64_t, int64_t, Generator&)->TransformerBlock<float>;
TransformerBlock(int64_t, int64_t, Generator&, TransformerBlockOptions)->TransformerBlock<float>;

}
