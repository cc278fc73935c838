#include <tapegrad/models/configs.hpp>

#include <doctest/doctest.h>

#include "../io/temporary.hpp"
#include "../support/message.hpp"
#include "golden_model.hpp"

using namespace tapegrad;

namespace {

/// The end of the error that reading a LLaMA's config gives, behind the path.
std::string error_of(const std::string& json) {
    const TemporaryFolder folder;
    write_text(folder / "config.json", json);
    const std::string found = support::message<IoError>([&] {
        const ConfigFile file(folder / "config.json");
        static_cast<void>(llama_config(file));
    });
    return found.substr(found.find("config.json") + 11);
}
LlamaConfig read(LlamaConfig (*f)(const ConfigFile&), const char* name) {
    const ConfigFile file(support::model_folder(name) + "/config.json");
    return f(file);
}

}

TEST_CASE("configs: LLaMA and its relatives, as transformers writes them") {
    const LlamaConfig llama = read(llama_config, "llama");
    CHECK(llama.vocab_size == 61);
    CHECK(llama.intermediate_size == 48);
    CHECK(llama.num_key_value_heads == 2);
    CHECK(llama.rms_norm_eps == 1e-5);
    CHECK(llama.max_position_embeddings == 64);
    CHECK_FALSE(llama.tie_word_embeddings);
    const LlamaConfig llama3 = read(llama_config, "llama3");
    CHECK(llama3.head_dim == 12);
    CHECK(llama3.attention_bias);
    CHECK(llama3.attention_out_bias);
    CHECK(llama3.mlp_bias);
    CHECK(read(llama_config, "llama_yarn").tie_word_embeddings);
    CHECK(read(mistral_config, "mistral").window(0) == 5);
    const LlamaConfig qwen2 = read(qwen2_config, "qwen2");
    CHECK(qwen2.attention_bias);
    CHECK_FALSE(qwen2.attention_out_bias);
    CHECK(qwen2.window(0) == 0);
    CHECK(qwen2.window(1) == 4);
}

TEST_CASE("configs: what is refused, by name") {
    const std::string sizes =
        R"("vocab_size": 10, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1)";
    CHECK(error_of("{}") == ": at byte 1: has no vocab_size");
    CHECK(error_of(R"({"vocab_size": -1})") ==
          ": at byte 18: vocab_size: must be an integer in [1, 1073741824]");
    CHECK(error_of(R"({"vocab_size": 1e30})") ==
          ": at byte 20: vocab_size: must be an integer in [1, 1073741824]");
    CHECK(error_of(R"({"hidden_act": "relu"})") == ": at byte 21: hidden_act: 'relu' is not known here");
    CHECK(error_of("{" + sizes + R"(, "num_attention_heads": 3})") ==
          ": at byte 110: num_attention_heads: does not divide hidden_size 8");
    CHECK(error_of("{" + sizes + R"(, "num_attention_heads": 4, "num_key_value_heads": 3})") ==
          ": at byte 136: num_key_value_heads: does not divide num_attention_heads 4");
    CHECK(error_of("{" + sizes + R"(, "num_attention_heads": 8})") ==
          ": at byte 1: heads of 1 elements are no pairs");
}
