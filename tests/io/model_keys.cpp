#include <tapegrad/io/model_keys.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// The parameters of small models of transformers 5.24, under the names that TensorNameMap of gguf 0.19 gives them.
const Pairs llama = {
    {"token_embd.weight", "model.embed_tokens.weight"},
    {"blk.0.attn_q.weight", "model.layers.0.self_attn.q_proj.weight"},
    {"blk.0.attn_q.bias", "model.layers.0.self_attn.q_proj.bias"},
    {"blk.0.attn_k.weight", "model.layers.0.self_attn.k_proj.weight"},
    {"blk.0.attn_k.bias", "model.layers.0.self_attn.k_proj.bias"},
    {"blk.0.attn_v.weight", "model.layers.0.self_attn.v_proj.weight"},
    {"blk.0.attn_v.bias", "model.layers.0.self_attn.v_proj.bias"},
    {"blk.0.attn_output.weight", "model.layers.0.self_attn.o_proj.weight"},
    {"blk.0.attn_output.bias", "model.layers.0.self_attn.o_proj.bias"},
    {"blk.0.ffn_gate.weight", "model.layers.0.mlp.gate_proj.weight"},
    {"blk.0.ffn_gate.bias", "model.layers.0.mlp.gate_proj.bias"},
    {"blk.0.ffn_up.weight", "model.layers.0.mlp.up_proj.weight"},
    {"blk.0.ffn_up.bias", "model.layers.0.mlp.up_proj.bias"},
    {"blk.0.ffn_down.weight", "model.layers.0.mlp.down_proj.weight"},
    {"blk.0.ffn_down.bias", "model.layers.0.mlp.down_proj.bias"},
    {"blk.0.attn_norm.weight", "model.layers.0.input_layernorm.weight"},
    {"blk.0.ffn_norm.weight", "model.layers.0.post_attention_layernorm.weight"},
    {"output_norm.weight", "model.norm.weight"},
    {"output.weight", "lm_head.weight"},
};
const Pairs qwen2 = {
    {"token_embd.weight", "model.embed_tokens.weight"},
    {"blk.0.attn_q.weight", "model.layers.0.self_attn.q_proj.weight"},
    {"blk.0.attn_q.bias", "model.layers.0.self_attn.q_proj.bias"},
    {"blk.0.attn_k.weight", "model.layers.0.self_attn.k_proj.weight"},
    {"blk.0.attn_k.bias", "model.layers.0.self_attn.k_proj.bias"},
    {"blk.0.attn_v.weight", "model.layers.0.self_attn.v_proj.weight"},
    {"blk.0.attn_v.bias", "model.layers.0.self_attn.v_proj.bias"},
    {"blk.0.attn_output.weight", "model.layers.0.self_attn.o_proj.weight"},
    {"blk.0.ffn_gate.weight", "model.layers.0.mlp.gate_proj.weight"},
    {"blk.0.ffn_up.weight", "model.layers.0.mlp.up_proj.weight"},
    {"blk.0.ffn_down.weight", "model.layers.0.mlp.down_proj.weight"},
    {"blk.0.attn_norm.weight", "model.layers.0.input_layernorm.weight"},
    {"blk.0.ffn_norm.weight", "model.layers.0.post_attention_layernorm.weight"},
    {"output_norm.weight", "model.norm.weight"},
    {"output.weight", "lm_head.weight"},
};
const Pairs qwen3 = {
    {"token_embd.weight", "model.embed_tokens.weight"},
    {"blk.0.attn_q.weight", "model.layers.0.self_attn.q_proj.weight"},
    {"blk.0.attn_k.weight", "model.layers.0.self_attn.k_proj.weight"},
    {"blk.0.attn_v.weight", "model.layers.0.self_attn.v_proj.weight"},
    {"blk.0.attn_output.weight", "model.layers.0.self_attn.o_proj.weight"},
    {"blk.0.attn_q_norm.weight", "model.layers.0.self_attn.q_norm.weight"},
    {"blk.0.attn_k_norm.weight", "model.layers.0.self_attn.k_norm.weight"},
    {"blk.0.ffn_gate.weight", "model.layers.0.mlp.gate_proj.weight"},
    {"blk.0.ffn_up.weight", "model.layers.0.mlp.up_proj.weight"},
    {"blk.0.ffn_down.weight", "model.layers.0.mlp.down_proj.weight"},
    {"blk.0.attn_norm.weight", "model.layers.0.input_layernorm.weight"},
    {"blk.0.ffn_norm.weight", "model.layers.0.post_attention_layernorm.weight"},
    {"output_norm.weight", "model.norm.weight"},
    {"output.weight", "lm_head.weight"},
};
const Pairs gpt2 = {
    {"token_embd.weight", "transformer.wte.weight"},
    {"position_embd.weight", "transformer.wpe.weight"},
    {"blk.0.attn_norm.weight", "transformer.h.0.ln_1.weight"},
    {"blk.0.attn_norm.bias", "transformer.h.0.ln_1.bias"},
    {"blk.0.attn_qkv.weight", "transformer.h.0.attn.c_attn.weight"},
    {"blk.0.attn_qkv.bias", "transformer.h.0.attn.c_attn.bias"},
    {"blk.0.attn_output.weight", "transformer.h.0.attn.c_proj.weight"},
    {"blk.0.attn_output.bias", "transformer.h.0.attn.c_proj.bias"},
    {"blk.0.ffn_norm.weight", "transformer.h.0.ln_2.weight"},
    {"blk.0.ffn_norm.bias", "transformer.h.0.ln_2.bias"},
    {"blk.0.ffn_up.weight", "transformer.h.0.mlp.c_fc.weight"},
    {"blk.0.ffn_up.bias", "transformer.h.0.mlp.c_fc.bias"},
    {"blk.0.ffn_down.weight", "transformer.h.0.mlp.c_proj.weight"},
    {"blk.0.ffn_down.bias", "transformer.h.0.mlp.c_proj.bias"},
    {"output_norm.weight", "transformer.ln_f.weight"},
    {"output_norm.bias", "transformer.ln_f.bias"},
    {"output.weight", "lm_head.weight"},
};
const Pairs bert = {
    {"token_embd.weight", "embeddings.word_embeddings.weight"},
    {"position_embd.weight", "embeddings.position_embeddings.weight"},
    {"token_types.weight", "embeddings.token_type_embeddings.weight"},
    {"token_embd_norm.weight", "embeddings.LayerNorm.weight"},
    {"token_embd_norm.bias", "embeddings.LayerNorm.bias"},
    {"blk.0.attn_q.weight", "encoder.layer.0.attention.self.query.weight"},
    {"blk.0.attn_q.bias", "encoder.layer.0.attention.self.query.bias"},
    {"blk.0.attn_k.weight", "encoder.layer.0.attention.self.key.weight"},
    {"blk.0.attn_k.bias", "encoder.layer.0.attention.self.key.bias"},
    {"blk.0.attn_v.weight", "encoder.layer.0.attention.self.value.weight"},
    {"blk.0.attn_v.bias", "encoder.layer.0.attention.self.value.bias"},
    {"blk.0.attn_output.weight", "encoder.layer.0.attention.output.dense.weight"},
    {"blk.0.attn_output.bias", "encoder.layer.0.attention.output.dense.bias"},
    {"blk.0.attn_output_norm.weight", "encoder.layer.0.attention.output.LayerNorm.weight"},
    {"blk.0.attn_output_norm.bias", "encoder.layer.0.attention.output.LayerNorm.bias"},
    {"blk.0.ffn_up.weight", "encoder.layer.0.intermediate.dense.weight"},
    {"blk.0.ffn_up.bias", "encoder.layer.0.intermediate.dense.bias"},
    {"blk.0.ffn_down.weight", "encoder.layer.0.output.dense.weight"},
    {"blk.0.ffn_down.bias", "encoder.layer.0.output.dense.bias"},
    {"blk.0.layer_output_norm.weight", "encoder.layer.0.output.LayerNorm.weight"},
    {"blk.0.layer_output_norm.bias", "encoder.layer.0.output.LayerNorm.bias"},
};

void check_pairs(const KeyMap& map, const Pairs& pairs) {
    const KeyMap back = map.reversed();
    for (const auto& [gguf, hugging_face] : pairs) {
        CAPTURE(gguf);
        REQUIRE(map.find(gguf));
        CHECK(map.find(gguf)->name == hugging_face);
        REQUIRE(back.find(hugging_face));
        CHECK(back.find(hugging_face)->name == gguf);
    }
}
bool drops(const KeyMap& map, std::string_view name) {
    const auto found = map.find(name);
    return found && found->name.empty();
}

}

TEST_CASE("model_keys: GGUF's names, both ways") {
    check_pairs(gguf_keys("llama", {4, 2}), llama);
    check_pairs(gguf_keys("qwen2", {}), qwen2);
    check_pairs(gguf_keys("qwen3", {}), qwen3);
    check_pairs(gguf_keys("gpt2", {}), gpt2);
    check_pairs(gguf_keys("bert", {}), bert);
}

TEST_CASE("model_keys: names without their prefix, and with one that others leave out") {
    const KeyMap from_gpt2 = gguf_gpt2_keys().reversed(), from_bert = gguf_bert_keys().reversed();
    for (const auto& [gguf, hugging_face] : gpt2)
        if (hugging_face != "lm_head.weight") CHECK(from_gpt2.find(hugging_face.substr(12))->name == gguf);
    for (const auto& [gguf, hugging_face] : bert) CHECK(from_bert.find("bert." + hugging_face)->name == gguf);
}

TEST_CASE("model_keys: what is dropped") {
    CHECK(drops(gguf_llama_keys({4}), "rope_freqs.weight"));
    CHECK(drops(gguf_llama_keys({4}).reversed(), "model.layers.1.self_attn.rotary_emb.inv_freq"));
    CHECK(drops(gguf_gpt2_keys().reversed(), "h.3.attn.bias"));
    CHECK(drops(gguf_gpt2_keys().reversed(), "transformer.h.3.attn.masked_bias"));
    CHECK(drops(gguf_bert_keys().reversed(), "pooler.dense.weight"));
    CHECK(drops(gguf_bert_keys().reversed(), "bert.embeddings.position_ids"));
    CHECK(drops(gguf_bert_keys().reversed(), "cls.predictions.bias"));
    CHECK(drops(meta_llama_keys({4}), "rope.freqs"));
    CHECK(!gguf_llama_keys({4}).find("blk.0.ffn_gate_exps.weight"));
}

TEST_CASE("model_keys: what turns with the rotation, and what lies the other way") {
    const KeyMap llama_map = gguf_llama_keys({4, 2}), qwen = gguf_qwen2_keys(), gpt = gguf_gpt2_keys();
    CHECK(llama_map.find("blk.0.attn_q.weight")->action == KeyAction::to_halves);
    CHECK(llama_map.find("blk.0.attn_q.weight")->heads == 4);
    CHECK(llama_map.find("blk.0.attn_k.bias")->heads == 2);
    CHECK(llama_map.find("blk.0.attn_k.bias")->action == KeyAction::to_halves);
    CHECK(gguf_llama_keys({4}).find("blk.0.attn_k.weight")->heads == 4);
    CHECK(llama_map.find("blk.0.attn_v.weight")->action == KeyAction::keep);
    CHECK(qwen.find("blk.0.attn_q.weight")->action == KeyAction::keep);
    CHECK(gpt.find("blk.0.attn_qkv.weight")->action == KeyAction::transpose);
    CHECK(gpt.find("blk.0.attn_qkv.bias")->action == KeyAction::keep);
    CHECK(gpt.find("token_embd.weight")->action == KeyAction::keep);
}

TEST_CASE("model_keys: Meta's LLaMA, both ways") {
    const KeyMap meta = meta_llama_keys({4, 2});
    check_pairs(meta, {{"tok_embeddings.weight", "model.embed_tokens.weight"},
                       {"norm.weight", "model.norm.weight"},
                       {"output.weight", "lm_head.weight"},
                       {"layers.7.attention.wq.weight", "model.layers.7.self_attn.q_proj.weight"},
                       {"layers.7.attention.wk.weight", "model.layers.7.self_attn.k_proj.weight"},
                       {"layers.7.attention.wv.weight", "model.layers.7.self_attn.v_proj.weight"},
                       {"layers.7.attention.wo.weight", "model.layers.7.self_attn.o_proj.weight"},
                       {"layers.7.attention_norm.weight", "model.layers.7.input_layernorm.weight"},
                       {"layers.7.ffn_norm.weight", "model.layers.7.post_attention_layernorm.weight"},
                       {"layers.7.feed_forward.w1.weight", "model.layers.7.mlp.gate_proj.weight"},
                       {"layers.7.feed_forward.w2.weight", "model.layers.7.mlp.down_proj.weight"},
                       {"layers.7.feed_forward.w3.weight", "model.layers.7.mlp.up_proj.weight"}});
    CHECK(meta.find("layers.0.attention.wq.weight")->action == KeyAction::to_halves);
    CHECK(meta.find("layers.0.attention.wk.weight")->heads == 2);
    StateDict dict;
    dict.add("layers.0.attention.wk.weight", arange<float>(0, 8));
    // Two heads of four rows: neighbours become halves.
    CHECK(to_vector(meta(dict).get<float>("model.layers.0.self_attn.k_proj.weight")) ==
          std::vector<float>{0, 2, 1, 3, 4, 6, 5, 7});
}

TEST_CASE("model_keys: errors") {
    CHECK_THROWS_WITH_AS(gguf_keys("rwkv", {}), "gguf_keys: no names are known of the architecture 'rwkv'",
                         ValueError);
    CHECK_THROWS_WITH_AS(gguf_llama_keys({}), "gguf_llama_keys: 0 heads", ValueError);
    CHECK_THROWS_WITH_AS(meta_llama_keys({}), "key_map: layers.{}.attention.wq.weight: 0 heads", ValueError);
}
