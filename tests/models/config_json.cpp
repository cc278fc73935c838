#include <tapegrad/models/config_json.hpp>

#include <doctest/doctest.h>

#include <tapegrad/models/configs.hpp>

#include "../io/temporary.hpp"
#include "../support/message.hpp"
#include "golden_model.hpp"

using namespace tapegrad;

namespace {

/// A configuration that went through config.json.
template <class Config>
Config again(const Config& c, Config (*read)(const ConfigFile&)) {
    const TemporaryFolder folder;
    write_text(folder / "config.json", config_json(c));
    const ConfigFile file(folder / "config.json");
    CHECK(file.model_type() == model_type(c));
    return read(file);
}

}

TEST_CASE("config_json: what is written is read") {
    LlamaConfig c{.vocab_size = 10, .hidden_size = 16, .num_attention_heads = 2, .rms_norm_eps = 1.25e-5};
    c.rotary = {.theta = 123456.5,
                .scaling = RotaryScaling::yarn,
                .factor = 3,
                .original_context = 99,
                .beta_fast = 16,
                .beta_slow = 2,
                .mscale = 0.5,
                .mscale_all_dim = 0.25,
                .attention_factor = 1.5,
                .truncate = false};
    const LlamaConfig a = again(c, llama_config);
    CHECK(a.rms_norm_eps == 1.25e-5);
    CHECK(a.num_key_value_heads == 2);
    CHECK(a.rotary.theta == 123456.5);
    CHECK(a.rotary.scaling == RotaryScaling::yarn);
    CHECK(a.rotary.original_context == 99);
    CHECK(a.rotary.beta_fast == 16);
    CHECK(a.rotary.beta_slow == 2);
    CHECK(a.rotary.mscale == 0.5);
    CHECK(a.rotary.mscale_all_dim == 0.25);
    CHECK(a.rotary.attention_factor == 1.5);
    CHECK_FALSE(a.rotary.truncate);
    c.rotary = {.scaling = RotaryScaling::llama3,
                .factor = 8,
                .original_context = 77,
                .low_freq_factor = 2,
                .high_freq_factor = 5};
    const LlamaConfig b = again(c, llama_config);
    CHECK(b.rotary.scaling == RotaryScaling::llama3);
    CHECK(b.rotary.low_freq_factor == 2);
    CHECK(b.rotary.high_freq_factor == 5);
    c.rotary = {};
    c.sliding_window = 7;
    CHECK(again(c, mistral_config).sliding_window == 7);
    c.attention_bias = true;
    c.first_window_layer = 3;
    const LlamaConfig q = again(c, qwen2_config);
    CHECK(q.attention_bias);
    CHECK(q.sliding_window == 7);
    CHECK(q.first_window_layer == 3);
    c.mlp_bias = true;
    CHECK(support::message<ValueError>([&] { static_cast<void>(config_json(c)); }) ==
          "config_json: no LLaMA, Mistral or Qwen2 has these biases and windows together");
}

TEST_CASE("config_json: DeepSeek-V2, GPT-2 and BERT") {
    DeepseekV2Config d{.q_lora_rank = 0, .n_shared_experts = 3, .first_k_dense_replace = 2};
    d.router = {.top_k = 6, .groups = 8, .top_groups = 3, .normalize = true, .scale = 16};
    const DeepseekV2Config e = again(d, deepseek_v2_config);
    CHECK(e.q_lora_rank == 0);
    CHECK(e.n_shared_experts == 3);
    CHECK(e.first_k_dense_replace == 2);
    CHECK(e.router.top_k == 6);
    CHECK(e.router.groups == 8);
    CHECK(e.router.top_groups == 3);
    CHECK(e.router.normalize);
    CHECK(e.router.scale == 16);
    CHECK(e.rotary.layout == RotaryLayout::interleaved);
    const GPTConfig g = again(GPTConfig{.n_inner = 100, .gelu = GeluForm::tanh, .eps = 1e-4}, gpt2_config);
    CHECK(g.n_inner == 100);
    CHECK(g.gelu == GeluForm::tanh);
    CHECK(g.eps == 1e-4);
    const BertConfig b = again(BertConfig{.type_vocab_size = 4, .layer_norm_eps = 1e-10}, bert_config);
    CHECK(b.type_vocab_size == 4);
    CHECK(b.layer_norm_eps == 1e-10);
}
