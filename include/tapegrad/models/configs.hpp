// The configurations of models, from config.json.
#pragma once

#include "bert.hpp"
#include "config_file.hpp"
#include "deepseek_v2.hpp"
#include "gpt.hpp"
#include "llama.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// What LLaMA, Mistral and Qwen2 write alike.
inline LlamaConfig read_decoder_config(const JsonObject& o) {
    expect_text(o, "hidden_act", {"silu", "swish"});
    LlamaConfig c;
    c.vocab_size = size_of(o, "vocab_size");
    c.hidden_size = size_of(o, "hidden_size");
    c.intermediate_size = size_of(o, "intermediate_size");
    c.num_hidden_layers = o.integer("num_hidden_layers", 0, 10000);
    c.num_attention_heads = size_of(o, "num_attention_heads");
    c.num_key_value_heads = size_of(o, "num_key_value_heads", c.num_attention_heads);
    c.head_dim = size_of(o, "head_dim", 0);
    c.max_position_embeddings = size_of(o, "max_position_embeddings", c.max_position_embeddings);
    c.rms_norm_eps = positive(o, "rms_norm_eps", c.rms_norm_eps);
    c.initializer_range = positive(o, "initializer_range", c.initializer_range);
    c.tie_word_embeddings = o.boolean("tie_word_embeddings", false);
    c.rotary = read_rotary(o, c.max_position_embeddings);
    if (c.num_attention_heads % c.num_key_value_heads != 0)
        o.fail_member("num_key_value_heads", o.at("num_key_value_heads"),
                      text("does not divide num_attention_heads ", c.num_attention_heads));
    if (c.head_dim == 0 && c.hidden_size % c.num_attention_heads != 0)
        o.fail_member("num_attention_heads", o.at("num_attention_heads"),
                      text("does not divide hidden_size ", c.hidden_size));
    if (c.rotary_width() % 2 != 0)
        o.fail(o.value(), text("heads of ", c.rotary_width(), " elements are no pairs"));
    return c;
}

}

/// Throws   IoError, as all here: the file, the member and what is wrong with it
inline LlamaConfig llama_config(const ConfigFile& file) {
    const detail::JsonObject o = file.root();
    LlamaConfig c = detail::read_decoder_config(o);
    c.attention_bias = c.attention_out_bias = o.boolean("attention_bias", false);
    c.mlp_bias = o.boolean("mlp_bias", false);
    return c;
}

/// Mistral is LLaMA that sees a window.
inline LlamaConfig mistral_config(const ConfigFile& file) {
    const detail::JsonObject o = file.root();
    LlamaConfig c = detail::read_decoder_config(o);
    c.sliding_window = detail::size_of(o, "sliding_window", 0);
    return c;
}

/// Qwen2 is LLaMA with biases of queries, keys and values, and a window in the upper layers.
inline LlamaConfig qwen2_config(const ConfigFile& file) {
    const detail::JsonObject o = file.root();
    LlamaConfig c = detail::read_decoder_config(o);
    c.attention_bias = true;
    if (o.boolean("use_sliding_window", false)) {
        c.sliding_window = detail::size_of(o, "sliding_window", 0);
        c.first_window_layer = o.integer("max_window_layers", 0, 10000, 28);
    }
    return c;
}

inline DeepseekV2Config deepseek_v2_config(const ConfigFile& file) {
    const detail::JsonObject o = file.root();
    detail::expect_text(o, "hidden_act", {"silu", "swish"});
    detail::expect_text(o, "scoring_func", {"softmax"});
    detail::expect_text(o, "topk_method", {"greedy", "group_limited_greedy"});
    DeepseekV2Config c;
    c.vocab_size = detail::size_of(o, "vocab_size");
    c.hidden_size = detail::size_of(o, "hidden_size");
    c.intermediate_size = detail::size_of(o, "intermediate_size");
    c.num_hidden_layers = o.integer("num_hidden_layers", 0, 10000);
    c.num_attention_heads = detail::size_of(o, "num_attention_heads");
    c.max_position_embeddings = detail::size_of(o, "max_position_embeddings", c.max_position_embeddings);
    c.q_lora_rank = detail::size_of(o, "q_lora_rank", 0);
    c.kv_lora_rank = detail::size_of(o, "kv_lora_rank");
    c.qk_nope_head_dim = detail::size_of(o, "qk_nope_head_dim");
    c.qk_rope_head_dim = detail::size_of(o, "qk_rope_head_dim");
    c.v_head_dim = detail::size_of(o, "v_head_dim");
    c.n_routed_experts = detail::size_of(o, "n_routed_experts", 0);
    c.n_shared_experts = detail::size_of(o, "n_shared_experts", 0);
    c.moe_intermediate_size = detail::size_of(o, "moe_intermediate_size", c.moe_intermediate_size);
    c.first_k_dense_replace = o.integer("first_k_dense_replace", 0, 10000, 0);
    c.rms_norm_eps = detail::positive(o, "rms_norm_eps", c.rms_norm_eps);
    c.initializer_range = detail::positive(o, "initializer_range", c.initializer_range);
    c.tie_word_embeddings = o.boolean("tie_word_embeddings", false);
    c.attention_bias = o.boolean("attention_bias", false);
    c.router.top_k = detail::size_of(o, "num_experts_per_tok", c.router.top_k);
    c.router.normalize = o.boolean("norm_topk_prob", false);
    c.router.scale = o.real("routed_scaling_factor", 1);
    if (o.string("topk_method", "greedy") == "group_limited_greedy") {
        c.router.groups = detail::size_of(o, "n_group");
        c.router.top_groups = detail::size_of(o, "topk_group");
    }
    c.rotary = detail::read_rotary(o, c.max_position_embeddings);
    c.rotary.layout = RotaryLayout::interleaved;
    if (c.qk_rope_head_dim % 2 != 0)
        o.fail_member("qk_rope_head_dim", o.at("qk_rope_head_dim"), "must be even");
    return c;
}

inline GPTConfig gpt2_config(const ConfigFile& file) {
    const detail::JsonObject o = file.root();
    detail::expect_text(o, "activation_function", {"gelu_new", "gelu_pytorch_tanh", "gelu"});
    for (const char* const key :
         {"scale_attn_by_inverse_layer_idx", "reorder_and_upcast_attn", "add_cross_attention"})
        if (o.boolean(key, false)) o.fail_member(key, o.at(key), "is not known here");
    GPTConfig c;
    c.vocab_size = detail::size_of(o, "vocab_size");
    c.block_size = detail::size_of(o, "n_positions", detail::size_of(o, "n_ctx", 1024));
    c.n_layer = o.integer("n_layer", 0, 10000);
    c.n_head = detail::size_of(o, "n_head");
    c.n_embd = detail::size_of(o, "n_embd");
    c.n_inner = detail::size_of(o, "n_inner", 0);
    c.init_std = detail::positive(o, "initializer_range", c.init_std);
    c.eps = detail::positive(o, "layer_norm_epsilon", c.eps);
    c.gelu = o.string("activation_function", "gelu_new") == "gelu" ? GeluForm::erf : GeluForm::tanh;
    if (c.n_embd % c.n_head != 0)
        o.fail_member("n_head", o.at("n_head"), detail::text("does not divide n_embd ", c.n_embd));
    return c;
}

inline BertConfig bert_config(const ConfigFile& file) {
    const detail::JsonObject o = file.root();
    detail::expect_text(o, "hidden_act", {"gelu", "gelu_new", "gelu_pytorch_tanh"});
    detail::expect_text(o, "position_embedding_type", {"absolute"});
    BertConfig c;
    c.vocab_size = detail::size_of(o, "vocab_size");
    c.hidden_size = detail::size_of(o, "hidden_size");
    c.num_hidden_layers = o.integer("num_hidden_layers", 0, 10000);
    c.num_attention_heads = detail::size_of(o, "num_attention_heads");
    c.intermediate_size = detail::size_of(o, "intermediate_size");
    c.max_position_embeddings = detail::size_of(o, "max_position_embeddings", c.max_position_embeddings);
    c.type_vocab_size = detail::size_of(o, "type_vocab_size", c.type_vocab_size);
    c.layer_norm_eps = detail::positive(o, "layer_norm_eps", c.layer_norm_eps);
    c.initializer_range = detail::positive(o, "initializer_range", c.initializer_range);
    c.gelu = o.string("hidden_act", "gelu") == "gelu" ? GeluForm::erf : GeluForm::tanh;
    if (c.hidden_size % c.num_attention_heads != 0)
        o.fail_member("num_attention_heads", o.at("num_attention_heads"),
                      detail::text("does not divide hidden_size ", c.hidden_size));
    return c;
}

}
