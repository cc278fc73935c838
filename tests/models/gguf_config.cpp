#include <tapegrad/models/gguf_config.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/gguf_writer.hpp>
#include <tapegrad/tensor/creation.hpp>

#include "../io/temporary.hpp"
#include "../support/message.hpp"

using namespace tapegrad;

namespace {

GgufMetadata llama_keys() {
    return {{"general.architecture", "llama"},
            {"llama.context_length", std::uint32_t{64}},
            {"llama.embedding_length", std::uint32_t{32}},
            {"llama.block_count", std::uint32_t{2}},
            {"llama.feed_forward_length", std::uint32_t{48}},
            {"llama.attention.head_count", std::uint32_t{4}},
            {"llama.attention.head_count_kv", std::uint32_t{2}},
            {"llama.attention.layer_norm_rms_epsilon", 1e-5F},
            {"llama.rope.freq_base", 5e5F},
            {"tokenizer.ggml.bos_token_id", std::uint32_t{1}}};
}
GgufFile file_of(const TemporaryFolder& folder, const GgufMetadata& metadata, const StateDict& extra = {}) {
    StateDict dict;
    dict.add("token_embd.weight", zeros<float>({61, 32}));
    dict.add_all("", extra);
    save_gguf(folder / "m.gguf", dict, metadata);
    return GgufFile(folder / "m.gguf");
}
std::string error_of(const char* key, const GgufValue& value) {
    const TemporaryFolder folder;
    GgufMetadata metadata = llama_keys();
    metadata.set(key, value);
    const GgufFile file = file_of(folder, metadata);
    const std::string found = support::message<IoError>([&] { static_cast<void>(llama_config(file)); });
    return found.substr(found.find("m.gguf: ") + 8);
}
StateDict one(const char* name, const TensorBase& x) {
    StateDict dict;
    dict.add(name, x);
    return dict;
}

}

TEST_CASE("gguf_config: LLaMA") {
    const TemporaryFolder folder;
    const LlamaConfig c = llama_config(file_of(folder, llama_keys()));
    CHECK(c.vocab_size == 61);
    CHECK(c.hidden_size == 32);
    CHECK(c.intermediate_size == 48);
    CHECK(c.num_hidden_layers == 2);
    CHECK(c.num_attention_heads == 4);
    CHECK(c.num_key_value_heads == 2);
    CHECK(c.max_position_embeddings == 64);
    CHECK(c.rotary.theta == 5e5);
    CHECK(c.tie_word_embeddings);
    CHECK(!c.attention_bias);
    CHECK(c.rms_norm_eps == 1e-5);  // not what the float is
    std::string json = config_json(c);
    json.insert(json.rfind("\n}"), ",\n  \"bos_token_id\": 1");
    CHECK(config_json(file_of(folder, llama_keys())) == json);
}

TEST_CASE("gguf_config: scalings, and what only the tensors say") {
    const TemporaryFolder folder;
    GgufMetadata metadata = llama_keys();
    metadata.set("llama.rope.scaling.type", "yarn");
    metadata.set("llama.rope.scaling.factor", 4.0F);
    metadata.set("llama.rope.scaling.original_context_length", std::uint32_t{32});
    LlamaConfig c = llama_config(file_of(folder, metadata, one("output.weight", zeros<float>({61, 32}))));
    CHECK(!c.tie_word_embeddings);
    CHECK(c.rotary.scaling == RotaryScaling::yarn);
    CHECK(c.rotary.factor == 4);
    CHECK(c.rotary.original_context == 32);
    metadata.set("llama.rope.scaling.type", "linear");
    const GgufFile linear = file_of(folder, metadata, one("blk.0.attn_q.bias", zeros<float>({32})));
    c = llama_config(linear);
    CHECK(c.rotary.scaling == RotaryScaling::linear);
    CHECK(c.attention_bias);
    // What LLaMA 3.1 was trained with: known from the factors alone.
    RotaryOptions r{.theta = 5e5, .scaling = RotaryScaling::llama3, .factor = 8, .original_context = 8192};
    metadata = llama_keys();
    metadata.set("llama.attention.key_length", std::uint32_t{64});
    const GgufFile three =
        file_of(folder, metadata, one("rope_freqs.weight", from_vector(detail::llama3_factors(r, 64), {32})));
    c = llama_config(three);
    CHECK(c.head_dim == 64);
    CHECK(c.rotary.scaling == RotaryScaling::llama3);
    CHECK(c.rotary.factor == 8);
    CHECK(c.rotary.original_context == 8192);
    CHECK(config_json(three).find("\"rope_type\": \"llama3\"") != std::string::npos);
    const GgufFile other = file_of(folder, metadata, one("rope_freqs.weight", full<float>({32}, 3.0F)));
    CHECK_THROWS_WITH_AS(llama_config(other),
                         ("gguf: " + (folder / "m.gguf") +
                          ": rope_freqs.weight: is not of LLaMA 3's scaling, and no other is known")
                             .c_str(),
                         IoError);
}

TEST_CASE("gguf_config: GPT-2") {
    const TemporaryFolder folder;
    const GgufFile file = file_of(folder, {{"general.architecture", "gpt2"},
                                           {"gpt2.context_length", std::uint32_t{16}},
                                           {"gpt2.embedding_length", std::uint32_t{32}},
                                           {"gpt2.block_count", std::uint32_t{2}},
                                           {"gpt2.feed_forward_length", std::uint32_t{128}},
                                           {"gpt2.attention.head_count", std::uint32_t{4}},
                                           {"gpt2.attention.layer_norm_epsilon", 1e-5F}});
    const GPTConfig c = gpt2_config(file);
    CHECK(c.vocab_size == 61);
    CHECK(c.block_size == 16);
    CHECK(c.n_embd == 32);
    CHECK(c.n_layer == 2);
    CHECK(c.n_head == 4);
    CHECK(c.n_inner == 128);
    CHECK(c.gelu == GeluForm::tanh);
    CHECK(config_json(file).find("\"model_type\": \"gpt2\"") != std::string::npos);
    CHECK_THROWS_AS(llama_config(file), IoError);
}

TEST_CASE("gguf_config: values that make no model") {
    const auto u = [](std::uint32_t n) { return GgufValue(n); };
    CHECK(error_of("general.architecture", "rwkv") == "general.architecture: 'rwkv' is not known here");
    CHECK(error_of("general.architecture", u(1)) == "general.architecture: holds uint32, not a string");
    CHECK(error_of("llama.attention.head_count", u(0)) ==
          "llama.attention.head_count: 0 is not in [1, 1073741824]");
    CHECK(error_of("llama.attention.head_count", std::int32_t{-4}) ==
          "llama.attention.head_count: -4 is not in [1, 1073741824]");
    CHECK(error_of("llama.attention.head_count", std::vector<std::uint32_t>{4, 4}) ==
          "llama.attention.head_count: holds array of uint32, not a single value");
    CHECK(error_of("llama.attention.head_count", "4") ==
          "llama.attention.head_count: holds string, not an integer");
    CHECK(error_of("llama.attention.head_count_kv", u(8)) ==
          "llama.attention.head_count_kv: 8 does not divide head_count 4");
    CHECK(error_of("llama.attention.head_count_kv", u(0)) ==
          "llama.attention.head_count_kv: 0 is not in [1, 1073741824]");
    CHECK(error_of("llama.embedding_length", u(33)) ==
          "llama.attention.head_count: 4 does not divide embedding_length 33");
    CHECK(error_of("llama.embedding_length", u(36)) ==
          "llama.attention.head_count: heads of 9 elements are no pairs");
    CHECK(error_of("llama.embedding_length", ~std::uint64_t{0}) ==
          "llama.embedding_length: 18446744073709551615 is above 2^63 - 1");
    CHECK(error_of("llama.block_count", u(1'000'000'000)) ==
          "llama.block_count: 1000000000 is not in [0, 10000]");
    CHECK(error_of("llama.attention.layer_norm_rms_epsilon", 0.0F) ==
          "llama.attention.layer_norm_rms_epsilon: 0 is not positive");
    CHECK(error_of("llama.attention.layer_norm_rms_epsilon", std::nanf("")) ==
          "llama.attention.layer_norm_rms_epsilon: nan is not positive");
    CHECK(error_of("llama.attention.value_length", u(4)) ==
          "llama.attention.value_length: differs from the length of keys");
    CHECK(error_of("llama.rope.dimension_count", u(4)) ==
          "llama.rope.dimension_count: turns a part of the 8 elements of a head");
    CHECK(error_of("llama.rope.scaling.type", "longrope") ==
          "llama.rope.scaling.type: 'longrope' is not known here");
    CHECK(error_of("llama.rope.scaling.type", "linear") == "there is no key 'llama.rope.scaling.factor'");
    CHECK(error_of("llama.expert_count", u(8)) == "llama.expert_count: experts are not known here");
    const TemporaryFolder folder;
    CHECK_THROWS_WITH_AS(
        llama_config(file_of(folder, {})),
        ("gguf: " + (folder / "m.gguf") + ": there is no key 'general.architecture'").c_str(), IoError);
}
