// Self-attention of decoders: as many heads of keys and values as wanted, rotary positions, windows, caches.
#pragma once

#include <array>

#include "../ops/attention.hpp"
#include "cache_buffer.hpp"
#include "linear.hpp"
#include "rotary_table.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What a layer is given beside its input: the layers of a model share all but the cache.
template <Floating T, std::size_t CacheParts = 2>
struct AttentionInput {
    RotaryTable<T> rotary = {};
    Tensor<bool> mask = {};  // (B, S) over all tokens, cached ones too, false: padding; or (B, T, S)
    std::array<CacheBuffer<T>, CacheParts>* cache = nullptr;
};

namespace detail {

/// Heads side by side in the last axis (B, T, heads D) as a view (B, heads, T, D), and back.
template <Floating T>
Tensor<T> split_heads(const Tensor<T>& x, int64_t heads) {
    return transpose(reshape(x, {x.size(0), x.size(1), heads, x.size(2) / heads}), 1, 2);
}
template <Floating T>
Tensor<T> join_heads(const Tensor<T>& x) {
    return reshape(transpose(x, 1, 2), {x.size(0), x.size(2), x.size(1) * x.size(3)});
}
/// What the last `length` tokens of `keys` see: those up to themselves. `mask` (B, S) or (B, T, S), as far
/// as the keys go back.
inline SdpaOptions causal_options(int64_t length, int64_t keys, int64_t window, const Tensor<bool>& mask) {
    SdpaOptions o{.causal = true, .offset = keys - length, .window = window};
    if (mask.defined())
        o.mask = reshape(narrow(mask, -1, mask.size(-1) - keys, keys),
                         {mask.size(0), 1, mask.rank() == 3 ? length : 1, keys});
    return o;
}

/// Causal attention to the cached keys and values and these, which the cache keeps.
/// Shape    q (B, H, T, D), k and v (B, G, T, D) -> (B, T, H D)
template <Floating T>
Tensor<T> attend_cached(const Tensor<T>& q, Tensor<T> k, Tensor<T> v, int64_t window,
                        const AttentionInput<T>& in) {
    if (in.cache != nullptr) {
        k = (*in.cache)[0].extend(k);
        v = (*in.cache)[1].extend(v);
    }
    const SdpaOptions o = causal_options(q.size(2), k.size(2), window, in.mask);
    return join_heads(scaled_dot_product_attention(q, k, v, o));
}

}

struct GroupedAttentionOptions {
    int64_t heads = 1;
    int64_t kv_heads = 0;   // 0: as many as heads (MHA); 1: MQA; between: GQA. Of them heads is a multiple
    int64_t head_dim = 0;   // 0: width / heads
    int64_t window = 0;     // how many tokens up to its own a query sees; 0: all
    bool bias = false;      // of queries, keys and values
    bool out_bias = false;  // of o_proj
};

/// Causal self-attention in which groups of heads share keys and values.
///   y = o_proj(attention(rotary(q_proj(x)), rotary(k_proj(x)), v_proj(x)))
/// Shape    x (B, T, width) -> y, same shape; q_proj (heads D, width), k_proj and v_proj (kv_heads D, width)
/// Numeric  begins as its linear layers. The keys are those of Hugging Face's LLaMA, Mistral and Qwen2
/// Source   Shazeer, Fast Transformer Decoding, 2019; Ainslie et al., GQA, 2023; Jiang et al., Mistral 7B, 2023
template <Floating T = float>
struct GroupedAttention {
    Linear<T> q_proj, k_proj, v_proj, o_proj;
    int64_t heads = 1, kv_heads = 1, window = 0;
    TAPEGRAD_FIELDS(q_proj, k_proj, v_proj, o_proj, heads, kv_heads, window);

    GroupedAttention() = default;
    /// Throws   ShapeError: heads no multiple of kv_heads, or width none of heads where head_dim is not given
    GroupedAttention(int64_t width, Generator& generator, const GroupedAttentionOptions& o)
        : heads(o.heads), kv_heads(o.kv_heads > 0 ? o.kv_heads : o.heads), window(o.window) {
        if (heads < 1 || heads % kv_heads != 0 || (o.head_dim == 0 && width % heads != 0))
            detail::fail<ShapeError>("GroupedAttention", "width ", width, ", ", heads, " heads and ",
                                     kv_heads, " of keys and values do not divide");
        const int64_t depth = o.head_dim > 0 ? o.head_dim : width / heads;
        q_proj = Linear<T>(width, heads * depth, generator, {.bias = o.bias});
        k_proj = Linear<T>(width, kv_heads * depth, generator, {.bias = o.bias});
        v_proj = Linear<T>(width, kv_heads * depth, generator, {.bias = o.bias});
        o_proj = Linear<T>(heads * depth, width, generator, {.bias = o.out_bias});
    }

    Tensor<T> operator()(const Tensor<T>& x, const AttentionInput<T>& in = {}) const {
        const Tensor<T> q = in.rotary(detail::split_heads(q_proj(x), heads));
        const Tensor<T> k = in.rotary(detail::split_heads(k_proj(x), kv_heads));  // (B, kv_heads, T, D)
        const Tensor<T> v = detail::split_heads(v_proj(x), kv_heads);
        return o_proj(detail::attend_cached(q, k, v, window, in));
    }
};

}
