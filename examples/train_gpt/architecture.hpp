// Models of the size that was asked for. Those of one arch have as many parameters, whatever their attention: what it
// saves goes into the feed-forward parts.
#pragma once

#include <tapegrad/models/deepseek_v2.hpp>
#include <tapegrad/models/gpt.hpp>
#include <tapegrad/models/llama.hpp>

#include "settings.hpp"

inline tapegrad::GPTConfig gpt2(const Settings& s, int64_t vocabulary) {
    return {.vocab_size = vocabulary,
            .block_size = s.context,
            .n_layer = s.layers,
            .n_head = s.heads,
            .n_embd = s.width,
            .dropout = s.dropout,
            .bias = s.config != "nanogpt-cpu",
            .init_std = s.init_std};
}

/// The hidden size for which a layer with `attention` parameters in its attention has as many as LLaMA's: 4 width^2,
/// and feed-forward parts 8/3 as wide.
inline int64_t hidden_size(const Settings& s, int64_t attention) {
    return 8 * s.width / 3 + (4 * s.width * s.width - attention) / (3 * s.width);
}

inline tapegrad::LlamaConfig llama(const Settings& s, int64_t vocabulary) {
    int64_t groups = s.heads;
    if (s.attention == "mqa") groups = 1;
    if (s.attention == "gqa") groups = s.kv_heads > 0 ? s.kv_heads : std::max<int64_t>(1, s.heads / 2);
    const int64_t keys = s.width / s.heads * groups;  // and values
    return {.vocab_size = vocabulary,
            .hidden_size = s.width,
            .intermediate_size = hidden_size(s, 2 * s.width * s.width + 2 * s.width * keys),
            .num_hidden_layers = s.layers,
            .num_attention_heads = s.heads,
            .num_key_value_heads = groups,
            .max_position_embeddings = s.context,
            .rms_norm_eps = 1e-5,
            .initializer_range = s.init_std,
            .tie_word_embeddings = true};
}

/// LLaMA with latent attention, or with experts too: 8, of which each token goes through 2 and a shared one.
inline tapegrad::DeepseekV2Config deepseek(const Settings& s, int64_t vocabulary) {
    const int64_t depth = s.width / s.heads, rope = depth / 2, rank = s.width / 4;
    const int64_t attention = s.width * s.heads * (depth + rope) + s.width * (rank + rope) +
                              rank * s.heads * 2 * depth + s.heads * depth * s.width;
    const int64_t hidden = hidden_size(s, attention);
    tapegrad::DeepseekV2Config c{.vocab_size = vocabulary,
                                 .hidden_size = s.width,
                                 .intermediate_size = hidden,
                                 .moe_intermediate_size = hidden / 3,
                                 .num_hidden_layers = s.layers,
                                 .num_attention_heads = s.heads,
                                 .max_position_embeddings = s.context,
                                 .q_lora_rank = 0,
                                 .kv_lora_rank = rank,
                                 .qk_nope_head_dim = depth,
                                 .qk_rope_head_dim = rope,
                                 .v_head_dim = depth,
                                 .n_routed_experts = s.arch == "deepseek" ? 8 : 0,
                                 .n_shared_experts = 1,
                                 .first_k_dense_replace = 1,
                                 .rms_norm_eps = 1e-5,
                                 .initializer_range = s.init_std,
                                 .tie_word_embeddings = true};
    c.router.top_k = 2;
    return c;
}

/// Multiplications and additions of the matrix products of training on one token, as nanoGPT counts them: six for each
/// weight that it meets, twelve for each pair of tokens, layer and element of the heads.
template <class M>
double flop_per_token(const M& model, const Settings& s) {
    double weights = static_cast<double>(tapegrad::count_parameters(model));
    if constexpr (requires { model.transformer; })
        weights -= static_cast<double>(model.transformer.wpe.weight.numel());
    if constexpr (requires { model.config.n_routed_experts; })
        if (const auto& c = model.config; c.n_routed_experts > 0) {  // those that it does not meet
            const int64_t others = c.n_routed_experts - c.router.top_k;
            weights -= static_cast<double>((c.num_hidden_layers - c.first_k_dense_replace) * others * 3 *
                                           c.moe_intermediate_size * c.hidden_size);
        }
    return 6 * weights + 12 * static_cast<double>(s.layers * s.width * s.context);
}
