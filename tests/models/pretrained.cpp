#include <tapegrad/models/pretrained.hpp>

#include <doctest/doctest.h>

#include "../io/temporary.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "golden_model.hpp"

using namespace tapegrad;
using support::message;
using support::model_folder;

namespace {

/// Loads a folder, saves the model into another, in one file and in several, and loads it again.
template <class M>
void round_trip(const std::string& name) {
    CAPTURE(name);
    const M model = load_pretrained<M>(model_folder(name));
    for (const int64_t max_size : {int64_t{5'000'000}, int64_t{20'000}}) {
        const TemporaryFolder folder;
        save_pretrained(folder.path, model, {.max_shard_size = max_size});
        CHECK(folder.files() > (max_size < 1'000'000 ? 3u : 1u));
        const M again = load_pretrained<M>(folder.path);
        CHECK(config_json(again.config) == config_json(model.config));
        const StateDict a = state_dict(model), b = state_dict(again);
        REQUIRE(a.size() == b.size());
        for (const NamedTensor& entry : a)
            visit(entry.tensor, [&]<class T>(const Tensor<T>& x) {
                CHECK(support::same_bits(b.template get<T>(entry.name), x));
            });
        // The file has the tensors of the one that transformers wrote.
        if (max_size > 1'000'000) {
            const SafetensorsFile mine(folder / "model.safetensors"),
                theirs(model_folder(name) + "/model.safetensors");
            CHECK(mine.names().size() == theirs.names().size());
            for (const std::string& key : theirs.names()) {
                CAPTURE(key);
                CHECK(support::same_bits(mine.load<float>(key), theirs.load<float>(key)));
            }
        }
    }
}

template <class M>
std::string error_of(const std::string& config, const StateDict& weights) {
    const TemporaryFolder folder;
    write_text(folder / "config.json", config);
    save_safetensors(folder / "model.safetensors", weights);
    const std::string found =
        support::message<Error>([&] { static_cast<void>(load_pretrained<M>(folder.path)); });
    return found.substr(found.find(folder.path) + folder.path.size());
}

const char* const tiny_gpt2 =
    R"({"model_type": "gpt2", "vocab_size": 3, "n_positions": 2, "n_embd": 2, "n_layer": 0, "n_head": 1})";
StateDict tiny_weights() {
    return StateDict({{"wte.weight", ones<float>({3, 2})},
                      {"wpe.weight", ones<float>({2, 2})},
                      {"ln_f.weight", ones<float>({2})},
                      {"ln_f.bias", zeros<float>({2})}});
}

}

TEST_CASE("pretrained: every model, from the folder of transformers and back") {
    for (const char* name :
         {"llama", "llama_linear", "llama3", "llama_yarn", "llama_ntk", "mistral", "qwen2"})
        round_trip<Llama<float>>(name);
    for (const char* name : {"deepseek_v2", "deepseek_v2_lite"}) round_trip<DeepseekV2<float>>(name);
    round_trip<GPT<float>>("gpt2");
    round_trip<Bert<float>>("bert");
}

TEST_CASE("pretrained: GPT-2 computes what transformers computes, and its gradients") {
    const GPT<float> model = load_pretrained<GPT<float>>(model_folder("gpt2"));
    const SafetensorsFile expected(model_folder("gpt2") + "/expected.safetensors");
    const auto ids = expected.load<int64_t>("ids");
    CHECK(support::relative_error(model(ids), expected.load<float>("logits")) < 2e-6);
    const Tensor<float> loss = model.loss(ids, expected.load<int64_t>("targets"));
    CHECK(support::close(loss, expected.load<float>("loss"), 1e-6));
    loss.backward();
    int checked = 0;
    for_each_parameter(model, [&](std::string_view key, const Tensor<float>& p) {
        CAPTURE(std::string(key));
        const Tensor<float> want = expected.load<float>("grad." + std::string(key));
        const bool turned = p.rank() == 2 && key.find(".h.") != key.npos;
        // A gradient that is 0 but for rounding, as that of the keys' biases, is compared with what its tensor holds.
        CHECK(support::relative_error(p.grad(), turned ? detail::contiguous(transpose(want)) : want) < 2e-5);
        ++checked;
    });
    CHECK(checked == 2 + 2 * 12 + 2);
}

TEST_CASE("pretrained: a language model, whatever it is, in double too") {
    for (const char* name : {"gpt2", "llama", "mistral", "qwen2", "deepseek_v2"}) {
        CAPTURE(name);
        const SafetensorsFile expected(model_folder(name) + "/expected.safetensors");
        const auto logits =
            std::visit([&](const auto& model) { return model(expected.load<int64_t>("ids")); },
                       load_language_model<double>(model_folder(name)));
        CHECK(support::relative_error(logits, expected.load<float>("logits")) < 2e-6);
    }
    CHECK(message<IoError>([] {
              static_cast<void>(load_language_model(model_folder("bert")));
          }).ends_with("model_type: 'bert' is no gpt2, llama, mistral, qwen2 or deepseek_v2"));
    CHECK(message<IoError>([] {
              static_cast<void>(load_pretrained<Llama<float>>(model_folder("gpt2")));
          }).ends_with("model_type: 'gpt2' is no llama, mistral or qwen2"));
}

TEST_CASE("pretrained: old files, with other names and with what is computed") {
    const TemporaryFolder folder;
    write_text(folder / "config.json", tiny_gpt2);
    save_safetensors(folder / "model.safetensors", tiny_weights());
    CHECK(load_pretrained<GPT<float>>(folder.path).transformer.wte.weight(2, 1) == 1);

    StateDict bert;
    for (const NamedTensor& entry : SafetensorsFile(model_folder("bert") + "/model.safetensors").load_all())
        if (!entry.name.starts_with("pooler.")) bert.add("bert." + entry.name, entry.tensor);
    bert.add("cls.predictions.bias", zeros<float>({61}));
    bert.add("bert.embeddings.position_ids", zeros<int64_t>({1, 16}));
    write_text(folder / "config.json", read_text(model_folder("bert") + "/config.json"));
    save_safetensors(folder / "model.safetensors", bert);
    const Bert<float> model = load_pretrained<Bert<float>>(folder.path),
                      want = load_pretrained<Bert<float>>(model_folder("bert"));
    const Tensor<int64_t> ids{{1, 2, 3}};
    CHECK(support::same_bits(model(ids), want(ids)));
}

TEST_CASE("pretrained: what does not fit") {
    StateDict weights = tiny_weights();
    weights.add("h.0.ln_1.weight", zeros<float>({2}));
    CHECK(error_of<GPT<float>>(tiny_gpt2, weights) ==
          ": the keys do not fit\n1 unexpected:\n  transformer.h.0.ln_1.weight");
    CHECK(error_of<GPT<float>>(tiny_gpt2, StateDict({{"wte.weight", zeros<float>({9, 2})}})) ==
          ": the keys do not fit\n3 missing:\n  transformer.wpe.weight\n  transformer.ln_f.weight\n  "
          "transformer.ln_f.bias"
          "\n1 misshaped:\n  transformer.wte.weight: (3, 2) in the module, (9, 2) in the dictionary");
    // What a hostile config asks for is not given.
    CHECK(error_of<GPT<float>>(
              R"({"model_type": "gpt2", "vocab_size": 1000000000, "n_embd": 1000000000, "n_layer": 9000,
                                   "n_head": 1})",
              tiny_weights()) ==
          ": the configuration describes 1.0800100000102402e+23 parameters, and the files hold 14");
    CHECK(error_of<GPT<float>>("{", {}).starts_with("/config.json"));
    GPTConfig nano{.vocab_size = 3, .block_size = 2, .n_layer = 0, .n_head = 1, .n_embd = 2, .bias = false};
    CHECK(message<ValueError>([&] { static_cast<void>(config_json(nano)); }) ==
          "config_json: Hugging Face's GPT-2 has biases; this model has none");
}
