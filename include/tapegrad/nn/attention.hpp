// Attention with several heads, of a sequence over itself and over another one.
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

namespace detail {

/// Queries (B, T, C) over keys (B, S, C) and values (B, S, C), each head a part of the last axis: (B, T, C).
template <Floating T>
Tensor<T> attend(const Tensor<T>& queries, const Tensor<T>& keys, const Tensor<T>& values, int64_t heads,
                 const SelfAttentionOptions& options, Generator& generator) {
    const int64_t batch = queries.size(0), length = queries.size(1), width = queries.size(2);
    const auto per_head = [&](const Tensor<T>& x) {  // (B, S, C) -> (B, H, S, D)
        return transpose(reshape(x, {batch, x.size(1), heads, width / heads}), 1, 2);
    };
    const Tensor<T> q = per_head(queries), k = per_head(keys), v = per_head(values);
    Tensor<T> y;
    if (options.dropout == 0) {
        y = scaled_dot_product_attention(q, k, v, {.causal = options.causal, .mask = options.mask});
    } else {
        const double scale = 1 / std::sqrt(static_cast<double>(width / heads));
        Tensor<T> scores = matmul(q, transpose(k)) * scale;  // (B, H, T, S)
        Tensor<bool> seen = options.mask;
        if (options.causal) {
            const Tensor<bool> past = unsqueeze(arange<int64_t>(length), 1) >= arange<int64_t>(keys.size(1));
            seen = seen.defined() ? past & seen : past;
        }
        if (seen.defined()) scores = where(seen, scores, -std::numeric_limits<T>::infinity());
        y = matmul(dropout(softmax(scores, -1), options.dropout, generator), v);
    }
    return reshape(transpose(y, 1, 2), {batch, length, width});
}

}

/// Attention of a sequence over itself, heads side by side in the last axis, as one linear layer made them.
/// Shape    qkv (B, T, 3 C), queries, keys and values behind each other -> y (B, T, C); C a multiple of `heads`
/// Numeric  with dropout the weights (B, H, T, T) are made
/// Throws   ShapeError: another rank, or sizes that are no multiples
template <Floating T>
Tensor<T> self_attention(const Tensor<T>& qkv, int64_t heads, const SelfAttentionOptions& options = {},
                         Generator& generator = default_generator()) {
    if (qkv.rank() != 3 || heads < 1 || qkv.size(2) % (3 * heads) != 0)
        detail::fail<ShapeError>("self_attention", "qkv ", qkv.shape(),
                                 " must be (batch, length, 3 width), width a multiple of ", heads, " heads");
    const auto parts = chunk<3>(qkv, -1);
    return detail::attend(parts[0], parts[1], parts[2], heads, options, generator);
}

struct MultiHeadAttentionOptions {
    bool causal = false;
    double dropout = 0;  // of the attention weights
    bool bias = true;
};

/// Attention with `heads` heads: y = out_proj(attention(x in_proj_weight^T + in_proj_bias)), of a sequence over
/// itself; or of queries over the keys and values of another.
/// Shape    x (B, T, width), keys and values (B, S, width) -> y, same shape as x; in_proj_weight (3 width, width):
///          queries, keys, values
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
    /// Queries from one sequence, keys and values from another. `mask` broadcasts to (B, H, T, S).
    /// Throws   ShapeError: not (B, T, width), (B, S, width) and (B, S, width)
    Tensor<T> operator()(const Tensor<T>& queries, const Tensor<T>& keys, const Tensor<T>& values,
                         const Tensor<bool>& mask = {}, Generator& generator = default_generator()) const {
        const int64_t width = in_proj_weight.size(1);
        if (queries.rank() != 3 || keys.rank() != 3 || keys.shape() != values.shape() ||
            queries.size(0) != keys.size(0) || queries.size(2) != width || keys.size(2) != width)
            detail::fail<ShapeError>("MultiHeadAttention", "queries ", queries.shape(), ", keys ",
                                     keys.shape(), " and values ", values.shape(),
                                     " do not fit: they are (batch, length, ", width,
                                     "), keys and values of one length");
        const auto project = [&](const Tensor<T>& x, int64_t part) {
            const Tensor<T> weight = narrow(in_proj_weight, 0, part * width, width);
            return linear(
                x, weight,
                in_proj_bias.defined() ? narrow(in_proj_bias, 0, part * width, width) : in_proj_bias);
        };
        const double p = training ? dropout : 0;
        return out_proj(detail::attend(project(queries, 0), project(keys, 1), project(values, 2), heads,
                                       {.causal = causal, .dropout = p, .mask = mask}, generator));
    }
};
MultiHeadAttention(int64_t, int64_t, Generator&)->MultiHeadAttention<float>;
MultiHeadAttention(int64_t, int64_t, Generator&, MultiHeadAttentionOptions)->MultiHeadAttention<float>;

}
