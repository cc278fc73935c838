// LLaMA 1, 2 and 3, with the names of Hugging Face's files.
#pragma once

#include "../nn/gated_mlp.hpp"
#include "decoder.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Names and defaults are those of Hugging Face's config.json.
struct LlamaConfig {
    int64_t vocab_size = 32000;
    int64_t hidden_size = 4096;
    int64_t intermediate_size = 11008;
    int64_t num_hidden_layers = 32;
    int64_t num_attention_heads = 32;
    int64_t num_key_value_heads = 0;  // 0: as many as num_attention_heads
    int64_t head_dim = 0;             // 0: hidden_size / num_attention_heads
    int64_t max_position_embeddings = 2048;
    double rms_norm_eps = 1e-6;
    double initializer_range = 0.02;
    bool tie_word_embeddings = false;
    bool attention_bias = false;      // of queries, keys and values
    bool attention_out_bias = false;  // of o_proj: with attention_bias in LLaMA, never in Qwen2
    bool mlp_bias = false;
    int64_t sliding_window = 0;      // tokens that a query sees; 0: all
    int64_t first_window_layer = 0;  // the layers before it see all tokens
    RotaryOptions rotary = {};

    static constexpr std::size_t cache_parts = 2;
    int64_t rotary_width() const { return head_dim > 0 ? head_dim : hidden_size / num_attention_heads; }
    int64_t window(int64_t layer) const { return layer >= first_window_layer ? sliding_window : 0; }
    template <Floating T>
    DecoderLayer<T, GroupedAttention<T>, GatedMlp<T>> layer(int64_t i, Generator& generator) const {
        const RMSNormOptions norm{.eps = rms_norm_eps};
        return {RMSNorm<T>(hidden_size, norm),
                GroupedAttention<T>(hidden_size, generator,
                                    {.heads = num_attention_heads,
                                     .kv_heads = num_key_value_heads,
                                     .head_dim = head_dim,
                                     .window = window(i),
                                     .bias = attention_bias,
                                     .out_bias = attention_out_bias}),
                RMSNorm<T>(hidden_size, norm),
                GatedMlp<T>(hidden_size, intermediate_size, generator, {.bias = mlp_bias})};
    }
};

/// LLaMA: RMS normalisation in front, rotary positions, SwiGLU, keys and values for groups of heads.
/// Source   Touvron et al., LLaMA: Open and Efficient Foundation Language Models, 2023
template <Floating T = float>
using Llama = DecoderModel<T, LlamaConfig>;

}
