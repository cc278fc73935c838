// The config.json of a model, for Hugging Face's libraries to read.
#pragma once

#include <charconv>
#include <cmath>

#include "../io/json.hpp"
#include "bert.hpp"
#include "deepseek_v2.hpp"
#include "gpt.hpp"
#include "llama.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The members of a JSON object, one on each line.
class JsonMembers {
public:
    explicit JsonMembers(int depth = 1) : depth_(depth) {}
    JsonMembers& add(std::string_view key, std::string_view value) {
        begin(key);
        append_json_string(text_, value);
        return *this;
    }
    JsonMembers& add(std::string_view key, const char* value) { return add(key, std::string_view(value)); }
    JsonMembers& add(std::string_view key, int64_t value) { return raw(key, std::to_string(value)); }
    JsonMembers& add(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
    /// With the fewest digits that give the same number, as a real one.
    JsonMembers& add(std::string_view key, double value) {
        char digits[32];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        std::string number(digits, end);
        if (number.find_first_of(".e") == number.npos) number += ".0";
        return raw(key, number);
    }
    JsonMembers& add(std::string_view key, const JsonMembers& value) { return raw(key, value.to_string()); }
    JsonMembers& add_null(std::string_view key) { return raw(key, "null"); }
    /// null for 0.
    JsonMembers& add_size(std::string_view key, int64_t value) {
        return value > 0 ? add(key, value) : add_null(key);
    }
    JsonMembers& add_architecture(std::string_view name) {
        std::string list = "[";
        append_json_string(list, name);
        return raw("architectures", list + "]");
    }
    std::string to_string() const {
        return "{" + text_ + "\n" + std::string(2 * static_cast<std::size_t>(depth_ - 1), ' ') + "}";
    }

private:
    void begin(std::string_view key) {
        if (!text_.empty()) text_ += ',';
        text_ += '\n' + std::string(2 * static_cast<std::size_t>(depth_), ' ');
        append_json_string(text_, key);
        text_ += ": ";
    }
    JsonMembers& raw(std::string_view key, std::string_view value) {
        begin(key);
        text_ += value;
        return *this;
    }

    int depth_;
    std::string text_;
};

/// rope_parameters, which newer libraries read; older ones read rope_theta and rope_scaling.
inline void add_rotary(JsonMembers& members, const RotaryOptions& r) {
    JsonMembers now(2), before(2);
    now.add("rope_theta", r.theta);
    const char* type = "default";
    if (r.scaling == RotaryScaling::linear) type = "linear";
    if (r.scaling == RotaryScaling::ntk) type = "dynamic";
    if (r.scaling == RotaryScaling::yarn) type = "yarn";
    if (r.scaling == RotaryScaling::llama3) type = "llama3";
    for (JsonMembers* m : {&now, &before}) {
        m->add("rope_type", type);
        if (r.scaling == RotaryScaling::none) continue;
        m->add("factor", r.factor);
        if (r.scaling == RotaryScaling::llama3)
            m->add("low_freq_factor", r.low_freq_factor).add("high_freq_factor", r.high_freq_factor);
        if (r.scaling == RotaryScaling::yarn || r.scaling == RotaryScaling::llama3)
            m->add("original_max_position_embeddings", r.original_context);
        if (r.scaling != RotaryScaling::yarn) continue;
        m->add("beta_fast", r.beta_fast).add("beta_slow", r.beta_slow).add("truncate", r.truncate);
        if (r.mscale != 0) m->add("mscale", r.mscale);
        if (r.mscale_all_dim != 0) m->add("mscale_all_dim", r.mscale_all_dim);
        if (r.attention_factor != 0) m->add("attention_factor", r.attention_factor);
    }
    members.add("rope_theta", r.theta).add("rope_parameters", now);
    if (r.scaling != RotaryScaling::none) members.add("rope_scaling", before);
}

}

/// Which of its relatives a LLaMA is: "llama", "mistral" or "qwen2".
inline const char* model_type(const LlamaConfig& c) {
    if (c.attention_bias && !c.attention_out_bias) return "qwen2";
    return c.sliding_window > 0 ? "mistral" : "llama";
}
inline const char* model_type(const DeepseekV2Config&) { return "deepseek_v2"; }
inline const char* model_type(const GPTConfig&) { return "gpt2"; }
inline const char* model_type(const BertConfig&) { return "bert"; }

/// The text of config.json.
/// Throws   ValueError: something that no model of Hugging Face has
inline std::string config_json(const LlamaConfig& c) {
    const std::string type = model_type(c);
    const bool qwen2 = type == "qwen2", mistral = type == "mistral";
    if ((c.attention_out_bias && !c.attention_bias) || (mistral && c.first_window_layer > 0) ||
        ((qwen2 || mistral) && c.mlp_bias) || (type == "llama" && c.attention_bias != c.attention_out_bias) ||
        (mistral && c.attention_bias))
        detail::fail<ValueError>("config_json",
                                 "no LLaMA, Mistral or Qwen2 has these biases and windows together");
    detail::JsonMembers m;
    m.add_architecture(qwen2 ? "Qwen2ForCausalLM" : mistral ? "MistralForCausalLM" : "LlamaForCausalLM");
    m.add("model_type", type.c_str()).add("hidden_act", "silu").add("dtype", "float32");
    m.add("vocab_size", c.vocab_size)
        .add("hidden_size", c.hidden_size)
        .add("intermediate_size", c.intermediate_size);
    m.add("num_hidden_layers", c.num_hidden_layers).add("num_attention_heads", c.num_attention_heads);
    m.add("num_key_value_heads", c.num_key_value_heads > 0 ? c.num_key_value_heads : c.num_attention_heads);
    m.add("head_dim", c.rotary_width()).add("max_position_embeddings", c.max_position_embeddings);
    m.add("rms_norm_eps", c.rms_norm_eps).add("initializer_range", c.initializer_range);
    m.add("tie_word_embeddings", c.tie_word_embeddings);
    if (type == "llama") m.add("attention_bias", c.attention_bias).add("mlp_bias", c.mlp_bias);
    if (mistral) m.add("sliding_window", c.sliding_window);
    if (qwen2) {
        m.add("use_sliding_window", c.sliding_window > 0).add_size("sliding_window", c.sliding_window);
        m.add("max_window_layers", c.sliding_window > 0 ? c.first_window_layer : c.num_hidden_layers);
    }
    detail::add_rotary(m, c.rotary);
    return m.to_string() + "\n";
}
inline std::string config_json(const DeepseekV2Config& c) {
    const bool grouped = c.router.groups > 1;
    detail::JsonMembers m;
    m.add_architecture("DeepseekV2ForCausalLM");
    m.add("model_type", "deepseek_v2").add("hidden_act", "silu").add("dtype", "float32");
    m.add("vocab_size", c.vocab_size)
        .add("hidden_size", c.hidden_size)
        .add("intermediate_size", c.intermediate_size);
    m.add("moe_intermediate_size", c.moe_intermediate_size).add("num_hidden_layers", c.num_hidden_layers);
    m.add("num_attention_heads", c.num_attention_heads).add("num_key_value_heads", c.num_attention_heads);
    m.add("max_position_embeddings", c.max_position_embeddings).add_size("q_lora_rank", c.q_lora_rank);
    m.add("kv_lora_rank", c.kv_lora_rank).add("qk_nope_head_dim", c.qk_nope_head_dim);
    m.add("qk_rope_head_dim", c.qk_rope_head_dim).add("v_head_dim", c.v_head_dim);
    m.add("n_routed_experts", c.n_routed_experts).add("n_shared_experts", c.n_shared_experts);
    m.add("first_k_dense_replace", c.n_routed_experts > 0 ? c.first_k_dense_replace : c.num_hidden_layers);
    m.add("num_experts_per_tok", c.router.top_k).add("norm_topk_prob", c.router.normalize);
    m.add("routed_scaling_factor", c.router.scale);
    m.add("topk_method", grouped ? "group_limited_greedy" : "greedy");
    m.add_size("n_group", grouped ? c.router.groups : 0)
        .add_size("topk_group", grouped ? c.router.top_groups : 0);
    m.add("rms_norm_eps", c.rms_norm_eps).add("initializer_range", c.initializer_range);
    m.add("tie_word_embeddings", c.tie_word_embeddings).add("attention_bias", c.attention_bias);
    detail::add_rotary(m, c.rotary);
    return m.to_string() + "\n";
}
inline std::string config_json(const GPTConfig& c) {
    if (!c.bias)
        detail::fail<ValueError>("config_json", "Hugging Face's GPT-2 has biases; this model has none");
    detail::JsonMembers m;
    m.add_architecture("GPT2LMHeadModel");
    m.add("model_type", "gpt2").add("activation_function", c.gelu == GeluForm::tanh ? "gelu_new" : "gelu");
    m.add("dtype", "float32").add("vocab_size", c.vocab_size).add("n_positions", c.block_size);
    m.add("n_embd", c.n_embd)
        .add("n_layer", c.n_layer)
        .add("n_head", c.n_head)
        .add_size("n_inner", c.n_inner);
    m.add("layer_norm_epsilon", c.eps).add("initializer_range", c.init_std).add("tie_word_embeddings", true);
    m.add("resid_pdrop", c.dropout).add("embd_pdrop", c.dropout).add("attn_pdrop", c.dropout);
    return m.to_string() + "\n";
}
inline std::string config_json(const BertConfig& c) {
    detail::JsonMembers m;
    m.add_architecture("BertModel");
    m.add("model_type", "bert").add("hidden_act", c.gelu == GeluForm::tanh ? "gelu_new" : "gelu");
    m.add("dtype", "float32").add("vocab_size", c.vocab_size).add("hidden_size", c.hidden_size);
    m.add("num_hidden_layers", c.num_hidden_layers).add("num_attention_heads", c.num_attention_heads);
    m.add("intermediate_size", c.intermediate_size).add("max_position_embeddings", c.max_position_embeddings);
    m.add("type_vocab_size", c.type_vocab_size).add("layer_norm_eps", c.layer_norm_eps);
    m.add("initializer_range", c.initializer_range);
    return m.to_string() + "\n";
}

}
