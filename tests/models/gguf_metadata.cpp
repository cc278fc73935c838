#include <tapegrad/models/gguf_metadata.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/gguf_writer.hpp>
#include <tapegrad/models/pretrained.hpp>

#include "../io/temporary.hpp"
#include "../support/message.hpp"
#include "golden_model.hpp"

using namespace tapegrad;

namespace {

/// A model of transformers as a GGUF file.
GgufModel write_gguf(const std::string& name, const std::string& path, const char* type = "F32") {
    const ConfigFile config(support::model_folder(name) + "/config.json");
    GgufModel model = gguf_metadata(config);
    const KeyMap map = gguf_keys(model.metadata.string("general.architecture"), model.heads).reversed();
    StateDict dict = map(load_safetensors(support::model_folder(name) + "/model.safetensors"));
    for (const NamedTensor& extra : model.tensors) dict.add(extra.name, extra.tensor);
    save_gguf(path, dict, model.metadata, type);
    return model;
}
/// Every parameter as transformers wrote it.
void check_back(const std::string& name, const StateDict& found) {
    const StateDict original = load_safetensors(support::model_folder(name) + "/model.safetensors");
    CHECK(found.size() == original.size());
    for (const auto& [key, x] : original)
        CHECK(to_vector(found.get<float>(key)) == to_vector(detail::cast_handle<float>(x)));
}

}

TEST_CASE("gguf_metadata: a model goes through GGUF, and computes the same") {
    const TemporaryFolder folder;
    const std::string path = folder / "m.gguf";
    for (const char* name : {"llama", "mistral", "llama_linear", "gpt2"}) {
        CAPTURE(name);
        write_gguf(name, path);
        const SafetensorsFile expected(support::model_folder(name) + "/expected.safetensors");
        const Tensor<float> logits = std::visit(
            [&](const auto& model) -> Tensor<float> { return model(expected.load<int64_t>("ids")); },
            load_language_model(path));
        CHECK(support::relative_error(logits, expected.load<float>("logits")) < 2e-6);
    }
}

TEST_CASE("gguf_metadata: what is no such model") {
    const TemporaryFolder folder;
    const std::string path = folder / "m.gguf";
    write_gguf("llama", path);
    CHECK(support::message<IoError>([&] { static_cast<void>(load_pretrained<GPT<float>>(path)); }) ==
          "gguf: " + path + ": general.architecture: 'llama' is not known here");
    CHECK(support::message<IoError>([&] { static_cast<void>(load_pretrained<DeepseekV2<float>>(path)); }) ==
          "gguf: " + path + ": general.architecture: 'llama' is not read into such a model");
    const GgufModel model = gguf_metadata(ConfigFile(support::model_folder("llama") + "/config.json"));
    StateDict dict = gguf_keys(model.metadata)
                         .reversed()(load_safetensors(support::model_folder("llama") + "/model.safetensors"));
    dict.add("blk.0.what.weight", ones<float>({2}));
    save_gguf(path, dict, model.metadata);
    CHECK(support::message<ValueError>([&] { static_cast<void>(load_language_model(path)); }) ==
          "load_pretrained: " + path + ": no such model has a tensor 'blk.0.what.weight'");
}

TEST_CASE("gguf_metadata: LLaMA's keys") {
    const GgufModel model = gguf_metadata(ConfigFile(support::model_folder("llama") + "/config.json"));
    const GgufMetadata& m = model.metadata;
    CHECK(m.string("general.architecture") == "llama");
    CHECK(m.integer("llama.vocab_size") == 61);
    CHECK(m.integer("llama.context_length") == 64);
    CHECK(m.integer("llama.embedding_length") == 32);
    CHECK(m.integer("llama.block_count") == 2);
    CHECK(m.integer("llama.feed_forward_length") == 48);
    CHECK(m.integer("llama.attention.head_count") == 4);
    CHECK(m.integer("llama.attention.head_count_kv") == 2);
    CHECK(m.real("llama.attention.layer_norm_rms_epsilon") == doctest::Approx(1e-5));
    CHECK(m.integer("llama.rope.dimension_count") == 8);
    CHECK(m.real("llama.rope.freq_base") == 10000);
    CHECK(m.string("tokenizer.ggml.model") == "none");
    CHECK(m.integer("tokenizer.ggml.bos_token_id") == 1);
    CHECK(model.heads.kv_heads == 2);
    CHECK(model.tensors.empty());
}

TEST_CASE("gguf_metadata: LLaMA 3's scaling is a tensor") {
    const GgufModel model = gguf_metadata(ConfigFile(support::model_folder("llama3") + "/config.json"));
    REQUIRE(model.tensors.size() == 1);
    CHECK(model.tensors[0].name == "rope_freqs.weight");
    CHECK(model.tensors[0].tensor.shape() == Shape{6});
    const auto factors = to_vector(detail::cast_handle<float>(model.tensors[0].tensor));
    CHECK(factors.front() == doctest::Approx(1));
    CHECK(factors.back() == doctest::Approx(8));
    CHECK(model.metadata.integer("llama.attention.key_length") == 12);
}

TEST_CASE("gguf_metadata: GPT-2") {
    const TemporaryFolder folder;
    write_gguf("gpt2", folder / "m.gguf");
    const GgufFile file(folder / "m.gguf");
    const ConfigFile config(support::model_folder("gpt2") + "/config.json");
    const GPTConfig found = gpt2_config(file), wanted = gpt2_config(config);
    CHECK(found.vocab_size == wanted.vocab_size);
    CHECK(found.block_size == wanted.block_size);
    CHECK(found.n_layer == wanted.n_layer);
    CHECK(found.n_inner == 4 * wanted.n_embd);
    CHECK(file.info("blk.0.attn_qkv.weight").shape == Shape{96, 32});
    check_back("gpt2", gguf_gpt2_keys()(file.load_all()));
}

TEST_CASE("gguf_metadata: Qwen2, and its windows") {
    const TemporaryFolder folder;
    std::string json = read_text(support::model_folder("qwen2") + "/config.json");
    write_text(folder / "windows.json", json);
    CHECK_THROWS_WITH_AS(gguf_metadata(ConfigFile(folder / "windows.json")),
                         "gguf_metadata: GGUF has no key for a window of the upper layers alone", ValueError);
    json.replace(json.find("\"use_sliding_window\": true"), 26, "\"use_sliding_window\": false");
    write_text(folder / "config.json", json);
    const GgufModel model = gguf_metadata(ConfigFile(folder / "config.json"));
    CHECK(model.metadata.string("general.architecture") == "qwen2");
    const StateDict dict = load_safetensors(support::model_folder("qwen2") + "/model.safetensors");
    save_gguf(folder / "m.gguf", gguf_qwen2_keys().reversed()(dict), model.metadata);
    const GgufFile file(folder / "m.gguf");
    const LlamaConfig c = llama_config(file);
    CHECK(c.attention_bias);
    CHECK(!c.attention_out_bias);
    CHECK(c.sliding_window == 0);
    check_back("qwen2", gguf_qwen2_keys()(file.load_all()));
    CHECK(config_json(file).find("\"use_sliding_window\": false") != std::string::npos);
}

TEST_CASE("gguf_metadata: what GGUF cannot say") {
    const auto error_of = [](const std::string& json) {
        const TemporaryFolder folder;
        write_text(folder / "config.json", json);
        try {
            static_cast<void>(gguf_metadata(ConfigFile(folder / "config.json")));
        } catch (const Error& e) {
            const std::string found = e.what();
            const std::size_t at = found.find("config.json: ");
            return at == found.npos ? found : found.substr(at + 13);
        }
        return std::string("no error");
    };
    CHECK(error_of(R"({"model_type": "rwkv"})") ==
          "at byte 21: model_type: 'rwkv' has no GGUF architecture here");
    CHECK(error_of(R"({"model_type": "gpt2", "vocab_size": 8, "n_embd": 4, "n_layer": 1, "n_head": 2,
                      "activation_function": "gelu"})") ==
          "gguf_metadata: GGUF's gpt2 has the gelu of tanh, this model that of erf");
    CHECK(error_of(R"({"model_type": "llama", "vocab_size": 8, "hidden_size": 4, "intermediate_size": 4,
                      "num_hidden_layers": 1, "num_attention_heads": 2,
                      "rope_scaling": {"rope_type": "dynamic", "factor": 2}})") ==
          "gguf_metadata: GGUF has no key for the dynamic scaling of rotary positions");
    CHECK(error_of(R"({"model_type": "llama", "vocab_size": 8, "hidden_size": 4, "intermediate_size": 4,
                      "num_hidden_layers": 1, "num_attention_heads": 0})") ==
          "at byte 154: num_attention_heads: must be an integer in [1, 1073741824]");
}
