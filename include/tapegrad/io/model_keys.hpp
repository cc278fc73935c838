// Names of the parameters of language models: Meta's and GGUF's to those of Hugging Face.
// Source   https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/constants.py (names of GGUF),
//          https://github.com/meta-llama/llama-models (names of Meta), transformers (names of Hugging Face)
#pragma once

#include "key_map.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct AttentionHeads {
    int64_t heads = 0;
    int64_t kv_heads = 0;  // of keys and values; 0: as many
};

namespace detail {

class KeyRules {
public:
    void add(std::string from, std::string to, KeyAction action = KeyAction::keep, int64_t heads = 0) {
        rules_.push_back({std::move(from), std::move(to), action, heads});
    }
    /// `from`.weight and .bias
    void add_both(const std::string& from, const std::string& to, KeyAction action = KeyAction::keep) {
        add(from + ".weight", to + ".weight", action);
        add(from + ".bias", to + ".bias");
    }
    /// The other side has no use for it.
    void drop(std::string from) { add(std::move(from), ""); }
    void drop_other(std::string to) { add("", std::move(to)); }
    KeyMap map() { return KeyMap(std::move(rules_)); }

private:
    std::vector<KeyRule> rules_;
};

/// What GGUF's decoders of the LLaMA family have in common. With `heads` the rows of queries and keys are
/// regrouped, as in "llama"; the others rotate halves, as Hugging Face does.
inline void add_gguf_decoder(KeyRules& rules, AttentionHeads heads) {
    rules.add("token_embd.weight", "model.embed_tokens.weight");
    rules.add("output_norm.weight", "model.norm.weight");
    rules.add("output.weight", "lm_head.weight");
    rules.drop("rope_freqs.weight");
    rules.drop("blk.{}.attn_rot_embd.weight");
    rules.drop_other("model.layers.{}.self_attn.rotary_emb.inv_freq");
    const std::string from = "blk.{}.", to = "model.layers.{}.";
    const KeyAction turn = heads.heads > 0 ? KeyAction::to_halves : KeyAction::keep;
    const int64_t kv_heads = heads.kv_heads > 0 ? heads.kv_heads : heads.heads;
    for (const char* part : {".weight", ".bias"}) {
        rules.add(from + "attn_q" + part, to + "self_attn.q_proj" + part, turn, heads.heads);
        rules.add(from + "attn_k" + part, to + "self_attn.k_proj" + part, turn, kv_heads);
    }
    rules.add_both(from + "attn_v", to + "self_attn.v_proj");
    rules.add_both(from + "attn_output", to + "self_attn.o_proj");
    rules.add(from + "attn_norm.weight", to + "input_layernorm.weight");
    rules.add(from + "ffn_norm.weight", to + "post_attention_layernorm.weight");
    for (const char* matrix : {"gate", "up", "down"})
        rules.add_both(from + "ffn_" + matrix, to + "mlp." + matrix + "_proj");
}

}

/// Meta's consolidated.00.pth of LLaMA 1 to 3 (and Mistral) -> Hugging Face's LlamaForCausalLM.
inline KeyMap meta_llama_keys(AttentionHeads heads) {
    detail::KeyRules rules;
    const int64_t kv_heads = heads.kv_heads > 0 ? heads.kv_heads : heads.heads;
    rules.add("tok_embeddings.weight", "model.embed_tokens.weight");
    rules.add("norm.weight", "model.norm.weight");
    rules.add("output.weight", "lm_head.weight");
    rules.drop("rope.freqs");
    rules.drop("layers.{}.attention.inner_attention.rope.freqs");
    rules.drop_other("model.layers.{}.self_attn.rotary_emb.inv_freq");
    const std::string from = "layers.{}.", to = "model.layers.{}.";
    rules.add(from + "attention.wq.weight", to + "self_attn.q_proj.weight", KeyAction::to_halves,
              heads.heads);
    rules.add(from + "attention.wk.weight", to + "self_attn.k_proj.weight", KeyAction::to_halves, kv_heads);
    rules.add(from + "attention.wv.weight", to + "self_attn.v_proj.weight");
    rules.add(from + "attention.wo.weight", to + "self_attn.o_proj.weight");
    rules.add(from + "attention_norm.weight", to + "input_layernorm.weight");
    rules.add(from + "ffn_norm.weight", to + "post_attention_layernorm.weight");
    rules.add(from + "feed_forward.w1.weight", to + "mlp.gate_proj.weight");
    rules.add(from + "feed_forward.w2.weight", to + "mlp.down_proj.weight");
    rules.add(from + "feed_forward.w3.weight", to + "mlp.up_proj.weight");
    return rules.map();
}

/// GGUF "llama" (LLaMA, Mistral, ...) -> LlamaForCausalLM. llama.cpp rotates neighbours there, as Meta does.
inline KeyMap gguf_llama_keys(AttentionHeads heads) {
    detail::KeyRules rules;
    if (heads.heads < 1) detail::fail<ValueError>("gguf_llama_keys", heads.heads, " heads");
    detail::add_gguf_decoder(rules, heads);
    return rules.map();
}
/// GGUF "qwen2" -> Qwen2ForCausalLM.
inline KeyMap gguf_qwen2_keys() {
    detail::KeyRules rules;
    detail::add_gguf_decoder(rules, {});
    return rules.map();
}
/// GGUF "qwen3" -> Qwen3ForCausalLM.
inline KeyMap gguf_qwen3_keys() {
    detail::KeyRules rules;
    detail::add_gguf_decoder(rules, {});
    rules.add("blk.{}.attn_q_norm.weight", "model.layers.{}.self_attn.q_norm.weight");
    rules.add("blk.{}.attn_k_norm.weight", "model.layers.{}.self_attn.k_norm.weight");
    return rules.map();
}
/// GGUF "gpt2" -> GPT2LMHeadModel, whose matrices lie (in, out). From there names without "transformer." are
/// known too.
inline KeyMap gguf_gpt2_keys() {
    detail::KeyRules rules;
    for (const std::string prefix : {"transformer.", ""}) {  // the first is what is written
        rules.add("token_embd.weight", prefix + "wte.weight");
        rules.add("position_embd.weight", prefix + "wpe.weight");
        rules.add_both("output_norm", prefix + "ln_f");
        const std::string from = "blk.{}.", to = prefix + "h.{}.";
        rules.add_both(from + "attn_norm", to + "ln_1");
        rules.add_both(from + "attn_qkv", to + "attn.c_attn", KeyAction::transpose);
        rules.add_both(from + "attn_output", to + "attn.c_proj", KeyAction::transpose);
        rules.add_both(from + "ffn_norm", to + "ln_2");
        rules.add_both(from + "ffn_up", to + "mlp.c_fc", KeyAction::transpose);
        rules.add_both(from + "ffn_down", to + "mlp.c_proj", KeyAction::transpose);
        rules.drop_other(to + "attn.bias");  // the causal mask
        rules.drop_other(to + "attn.masked_bias");
    }
    rules.add("output.weight", "lm_head.weight");
    return rules.map();
}
/// GGUF "bert" -> BertModel. From there names with "bert." are known too; the pooler and the heads of BERT's
/// training, which GGUF does not hold, are dropped.
inline KeyMap gguf_bert_keys() {
    detail::KeyRules rules;
    for (const std::string prefix : {"", "bert."}) {
        const std::string embeddings = prefix + "embeddings.";
        rules.add("token_embd.weight", embeddings + "word_embeddings.weight");
        rules.add("position_embd.weight", embeddings + "position_embeddings.weight");
        rules.add("token_types.weight", embeddings + "token_type_embeddings.weight");
        rules.add_both("token_embd_norm", embeddings + "LayerNorm");
        rules.drop_other(embeddings + "position_ids");
        rules.drop_other(embeddings + "token_type_ids");
        const std::string from = "blk.{}.", to = prefix + "encoder.layer.{}.";
        rules.add_both(from + "attn_q", to + "attention.self.query");
        rules.add_both(from + "attn_k", to + "attention.self.key");
        rules.add_both(from + "attn_v", to + "attention.self.value");
        rules.add_both(from + "attn_output", to + "attention.output.dense");
        rules.add_both(from + "attn_output_norm", to + "attention.output.LayerNorm");
        rules.add_both(from + "ffn_up", to + "intermediate.dense");
        rules.add_both(from + "ffn_down", to + "output.dense");
        rules.add_both(from + "layer_output_norm", to + "output.LayerNorm");
        for (const char* part : {".weight", ".bias"}) rules.drop_other(prefix + "pooler.dense" + part);
    }
    for (const char* head : {"predictions.bias", "predictions.transform.dense.weight",
                             "predictions.transform.dense.bias", "predictions.transform.LayerNorm.weight",
                             "predictions.transform.LayerNorm.bias", "predictions.decoder.weight",
                             "predictions.decoder.bias", "seq_relationship.weight", "seq_relationship.bias"})
        rules.drop_other(std::string("cls.") + head);
    return rules.map();
}

/// The map of an architecture as GGUF names it (general.architecture).
/// Throws   ValueError: none of llama, qwen2, qwen3, gpt2 and bert, or a llama without heads
inline KeyMap gguf_keys(std::string_view architecture, AttentionHeads heads) {
    if (architecture == "llama") return gguf_llama_keys(heads);
    if (architecture == "qwen2") return gguf_qwen2_keys();
    if (architecture == "qwen3") return gguf_qwen3_keys();
    if (architecture == "gpt2") return gguf_gpt2_keys();
    if (architecture == "bert") return gguf_bert_keys();
    detail::fail<ValueError>("gguf_keys", "no names are known of the architecture '", architecture, "'");
}

}
