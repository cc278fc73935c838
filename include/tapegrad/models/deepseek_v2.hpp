// DeepSeek-V2: latent attention and a mixture of experts, with the names of Hugging Face's files.
#pragma once

#include "../nn/latent_attention.hpp"
#include "../nn/mixture_of_experts.hpp"
#include "decoder.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The feed-forward part of a layer: one for all tokens, or experts.
/// Shape    x (B, T, width) -> y, same shape
template <Floating T = float>
struct DeepseekMlp {
    static constexpr bool is_container = true;  // its members are named as it is
    std::optional<GatedMlp<T>> dense;
    std::optional<MixtureOfExperts<T>> experts;
    TAPEGRAD_FIELDS(dense, experts);

    /// `routings` gets what the router decided, if it is not null.
    Tensor<T> operator()(const Tensor<T>& x, std::vector<Routing<T>>* routings = nullptr) const {
        if (dense) return (*dense)(x);
        const Routing<T> routing = experts->gate(reshape(x, {x.size(0) * x.size(1), x.size(2)}));
        if (routings != nullptr) routings->push_back(routing);
        return (*experts)(x, routing);
    }
};

/// Names and defaults are those of Hugging Face's config.json.
struct DeepseekV2Config {
    int64_t vocab_size = 102400;
    int64_t hidden_size = 4096;
    int64_t intermediate_size = 11008;     // of layers without experts
    int64_t moe_intermediate_size = 1407;  // of an expert
    int64_t num_hidden_layers = 32;
    int64_t num_attention_heads = 32;
    int64_t max_position_embeddings = 2048;
    int64_t q_lora_rank = 1536;  // 0: queries have no latent vector
    int64_t kv_lora_rank = 512;
    int64_t qk_nope_head_dim = 128;
    int64_t qk_rope_head_dim = 64;
    int64_t v_head_dim = 128;
    int64_t n_routed_experts = 64;  // 0: no layer has experts
    int64_t n_shared_experts = 2;
    int64_t first_k_dense_replace = 0;  // the layers before it have no experts
    double rms_norm_eps = 1e-6;
    double initializer_range = 0.02;
    bool tie_word_embeddings = false;
    bool attention_bias = false;
    RouterOptions router =
        {};  // num_experts_per_tok, n_group, topk_group, norm_topk_prob, routed_scaling_factor
    RotaryOptions rotary = {.layout = RotaryLayout::interleaved};

    static constexpr std::size_t cache_parts = 1;
    int64_t rotary_width() const { return qk_rope_head_dim; }
    int64_t window(int64_t) const { return 0; }
    /// What YaRN multiplies scores by, beside what it does to the rotations.
    double mscale() const {
        return rotary.scaling == RotaryScaling::none || rotary.mscale_all_dim == 0
                   ? 1
                   : yarn_mscale(rotary.factor, rotary.mscale_all_dim);
    }
    template <Floating T>
    DecoderLayer<T, LatentAttention<T>, DeepseekMlp<T>> layer(int64_t i, Generator& generator) const {
        const RMSNormOptions norm{.eps = rms_norm_eps};
        DeepseekMlp<T> mlp;
        if (n_routed_experts > 0 && i >= first_k_dense_replace)
            mlp.experts.emplace(
                hidden_size, moe_intermediate_size, n_routed_experts, generator,
                MixtureOfExpertsOptions{.router = router,
                                        .shared_hidden = n_shared_experts * moe_intermediate_size});
        else
            mlp.dense.emplace(hidden_size, intermediate_size, generator);
        return {RMSNorm<T>(hidden_size, norm),
                LatentAttention<T>(hidden_size, generator,
                                   {.heads = num_attention_heads,
                                    .q_rank = q_lora_rank,
                                    .kv_rank = kv_lora_rank,
                                    .nope_dim = qk_nope_head_dim,
                                    .rope_dim = qk_rope_head_dim,
                                    .value_dim = v_head_dim,
                                    .bias = attention_bias,
                                    .mscale = mscale()}),
                RMSNorm<T>(hidden_size, norm), std::move(mlp)};
    }
};

/// DeepSeek-V2: its cache holds kv_lora_rank + qk_rope_head_dim elements a token and layer.
/// Source   DeepSeek-AI, DeepSeek-V2: A Strong, Economical, and Efficient Mixture-of-Experts Language Model, 2024
template <Floating T = float>
using DeepseekV2 = DecoderModel<T, DeepseekV2Config>;

}
