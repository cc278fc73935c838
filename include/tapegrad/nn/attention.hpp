// Self-attention with several heads.
#pragma once

#include "../ops/attention.hpp"
#include "../ops/dropout.hpp"
#include "../ops/join.hpp"
#include "linear.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SelfAttentionOptions {
    bool causal = false;     // position i sees 0 .. i
    double dropout = 0;      // of the attention weights
    Tensor<bool> mask = {};  // true: takes part; broadcasts to (B, H, T, T)
};

/// Attention of a sequence over itself, heads side by side in the last axis, as one linear layer made them.
/// Shape    qkv (B, T, 3 C), queries, keys and values behind each other -> y (B, T, C); C a multiple of
///          `heads`
/// Numeric  with dropout the weights (B, H, T, T) are made
/// Throws   ShapeError: another rank, or sizes that are no multiples
template <Floating T>
Tensor<T> self_attention(const Tensor<T>& qkv, int64_t heads, const SelfAttentionOptions& options = {},
                         Generator& generator = default_generator()) {
    if (qkv.rank() != 3 || heads < 1 || qkv.size(2) % (3 * heads) != 0)
        detail::fail<ShapeError>("self_attention", "qkv ", qkv.shape(),
                                 " must be (batch, length, 3 width), width a multiple of ", heads, " heads");
    const int64_t batch = qkv.size(0), length = qkv.size(1), width = qkv.size(2) / 3;
    const auto per_head = [&](const Tensor<T>& x) {  // (B, T, C) -> (B, H, T, D)
        return transpose(reshape(x, {batch, length, heads, width / heads}), 1, 2);
    };
    const auto parts = chunk<3>(qkv, -1);
    const Tensor<T> q = per_head(parts[0]), k = per_head(parts[1]), v = per_head(parts[2]);
    Tensor<T> y;
    if (options.dropout == 0) {
        y = scaled_dot_product_attention(q, k, v, {.causal = options.causal, .mask = options.mask});
    } else {
        const double scale = 1 / std::sqrt(static_cast<double>(width / heads));
        Tensor<T> scores = matmul(q, transpose(k)) * scale;  // (B, H, T, T)
        Tensor<bool> seen = options.mask;
        if (options.causal) {
            const Tensor<bool> past = unsqueeze(arange<int64_t>(length), 1) >= arange<int64_t>(length);
            seen = seen.defined() ? past & seen : past;
        }
        if (seen.defined()) scores = where(seen, scores, -std::numeric_limits<T>::infinity());
        y = matmul(dropout(softmax(scores, -1), options.dropout, generator), v);
    }
    return reshape(transpose(y, 1, 2), {batch, length, width});
}

struct MultiHeadAttentionOptions {
    bool causal = false;
    double dropout = 0;  // of the attention weights
    bool bias = true;
};

/// Self-attention with `heads` heads: y = out_proj(attention(x in_proj_weight^T + in_proj_bias)).
/// Shape    x (B, T, width) -> y, same shape; in_proj_weight (3 width, width): queries, keys, values
/// Numeric  begins as PyTorch's MultiheadAttention, whose keys it has
/// Source   Vaswani et al., Attention Is All You Need, 2017
template <Floating T = float>
struct MultiHeadAttention {
    Tensor<T> in_proj_weight, in_proj_bias;
    Linear<T> out_proj;
    int64_t heads = 1;
    double dropout = 0;
    bool causal = false;
    bool training = true;
    TAPEGRAD_FIELDS(in_proj_weight, in_proj_bias, out_proj, heads, dropout, causal, training);

    MultiHeadAttention() = default;
    /// Throws   ShapeError: width is no multiple of heads
    MultiHeadAttention(int64_t width, int64_t heads_, Generator& generator,
                       MultiHeadAttentionOptions options = {})
        : heads(heads_), dropout(options.dropout), causal(options.causal) {
        if (heads < 1 || width % heads != 0)
            detail::fail<ShapeError>("MultiHeadAttention", "width ", width, " is no multiple of ", heads,
                                     " heads");
        in_proj_weight = parameter(empty<T>({3 * width, width}));
        init::xavier_uniform_(in_proj_weight, generator);
        out_proj = Linear<T>(width, width, generator, {.bias = options.bias});
        if (!options.bias) return;
        in_proj_bias = parameter(zeros<T>({3 * width}));
        init::constant_(out_proj.bias, 0);
    }

    /// `mask` (true: takes part) broadcasts to (B, H, T, T).
    Tensor<T> operator()(const Tensor<T>& x, const Tensor<bool>& mask = {},
                         Generator& generator = default_generator()) const {
        const Tensor<T> qkv = linear(x, in_proj_weight, in_proj_bias);  // (B, T, 3 width)
        const double p = training ? dropout : 0;
        return out_proj(
            self_attention(qkv, heads, {.causal = causal, .dropout = p, .mask = mask}, generator));
    }
};
MultiHeadAttention(int64_t, int64_t, Generator&)->MultiHeadAttention<float>;
MultiHeadAttention(int64_t, int64_t, Generator&, MultiHeadAttentionOptions)->MultiHeadAttention<float>;

}
