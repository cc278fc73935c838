// GGUF's metadata of a model of Hugging Face, from its config.json.
#pragma once

#include "../io/model_keys.hpp"
#include "gguf_config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What a GGUF file of a model needs beside its tensors.
struct GgufModel {
    GgufMetadata metadata;
    std::vector<NamedTensor> tensors;  // that are no parameters: rope_freqs.weight of LLaMA 3
    AttentionHeads heads;              // for gguf_keys
};

namespace detail {

constexpr std::uint32_t u32(int64_t n) { return static_cast<std::uint32_t>(n); }

inline void put_decoder(GgufModel& model, const std::string& architecture, const LlamaConfig& c) {
    const auto set = [&](const char* name, GgufValue value) {
        model.metadata.set(architecture + "." + name, std::move(value));
    };
    const int64_t kv_heads = c.num_key_value_heads > 0 ? c.num_key_value_heads : c.num_attention_heads;
    set("vocab_size", u32(c.vocab_size));
    set("context_length", u32(c.max_position_embeddings));
    set("embedding_length", u32(c.hidden_size));
    set("block_count", u32(c.num_hidden_layers));
    set("feed_forward_length", u32(c.intermediate_size));
    set("attention.head_count", u32(c.num_attention_heads));
    set("attention.head_count_kv", u32(kv_heads));
    set("attention.layer_norm_rms_epsilon", static_cast<float>(c.rms_norm_eps));
    set("rope.dimension_count", u32(c.rotary_width()));
    set("rope.freq_base", static_cast<float>(c.rotary.theta));
    if (c.head_dim > 0 && c.head_dim * c.num_attention_heads != c.hidden_size) {
        set("attention.key_length", u32(c.head_dim));
        set("attention.value_length", u32(c.head_dim));
    }
    if (c.sliding_window > 0) {
        if (c.first_window_layer > 0)
            fail<ValueError>("gguf_metadata", "GGUF has no key for a window of the upper layers alone");
        // llama.cpp does not look at it: its LLaMA sees all tokens.
        set("attention.sliding_window", u32(c.sliding_window));
    }
    model.heads = {c.num_attention_heads, kv_heads};
    const RotaryOptions& r = c.rotary;
    if (r.scaling == RotaryScaling::linear || r.scaling == RotaryScaling::yarn) {
        set("rope.scaling.type", r.scaling == RotaryScaling::linear ? "linear" : "yarn");
        set("rope.scaling.factor", static_cast<float>(r.factor));
        if (r.scaling == RotaryScaling::yarn)
            set("rope.scaling.original_context_length", u32(r.original_context));
    } else if (r.scaling == RotaryScaling::llama3) {
        const std::vector<float> factors = llama3_factors(r, c.rotary_width());
        model.tensors.push_back(
            {"rope_freqs.weight", from_vector(factors, {static_cast<int64_t>(factors.size())})});
    } else if (r.scaling != RotaryScaling::none) {
        fail<ValueError>("gguf_metadata", "GGUF has no key for the dynamic scaling of rotary positions");
    }
}

}

/// Metadata, and tensors beside the parameters, of llama, mistral, qwen2 and gpt2. Of the tokenizer it says only
/// that there is none, so that llama.cpp opens the file and computes with ids.
/// Throws   IoError: the file, the member and what is wrong with it; ValueError: what GGUF cannot say
inline GgufModel gguf_metadata(const ConfigFile& file) {
    const std::string type = file.model_type(), architecture = type == "mistral" ? "llama" : type;
    GgufModel model;
    model.metadata.set("general.architecture", architecture);
    if (type == "llama") {
        detail::put_decoder(model, architecture, llama_config(file));
    } else if (type == "mistral") {
        detail::put_decoder(model, architecture, mistral_config(file));
    } else if (type == "qwen2") {
        detail::put_decoder(model, architecture, qwen2_config(file));
    } else if (type == "gpt2") {
        const GPTConfig c = gpt2_config(file);
        if (c.gelu != GeluForm::tanh)
            detail::fail<ValueError>("gguf_metadata",
                                     "GGUF's gpt2 has the gelu of tanh, this model that of erf");
        const auto set = [&](const char* name, GgufValue value) {
            model.metadata.set(std::string("gpt2.") + name, std::move(value));
        };
        set("vocab_size", detail::u32(c.vocab_size));
        set("context_length", detail::u32(c.block_size));
        set("embedding_length", detail::u32(c.n_embd));
        set("block_count", detail::u32(c.n_layer));
        set("feed_forward_length", detail::u32(c.n_inner > 0 ? c.n_inner : 4 * c.n_embd));
        set("attention.head_count", detail::u32(c.n_head));
        set("attention.layer_norm_epsilon", static_cast<float>(c.eps));
        model.heads = {c.n_head, c.n_head};
    } else {
        const detail::JsonObject root = file.root();
        root.fail_member("model_type", root.at("model_type"),
                         detail::shown(type) + " has no GGUF architecture here");
    }
    model.metadata.set("tokenizer.ggml.model", "none");
    for (const char* token : {"bos_token_id", "eos_token_id"}) {
        const detail::JsonValue* const id = file.root().find(token);
        if (id != nullptr && id->kind == detail::JsonValue::Kind::number && id->number >= 0 &&
            id->number <= 0xFFFFFFFF)
            model.metadata.set(std::string("tokenizer.ggml.") + token, detail::u32(id->number));
    }
    return model;
}

}
