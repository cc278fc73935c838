// Models from the folders that Hugging Face's libraries write, and back; and from GGUF files.
#pragma once

#include <variant>

#include "../io/key_map.hpp"
#include "../io/load_weights.hpp"
#include "../io/mapped_weights.hpp"
#include "../io/open_weights.hpp"
#include "../io/sharded_writer.hpp"
#include "config_json.hpp"
#include "configs.hpp"
#include "gguf_config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

[[noreturn]] inline void fail_type(const ConfigFile& file, const char* wanted) {
    const JsonObject o = file.root();
    o.fail_member("model_type", o.at("model_type"), text(shown(file.model_type()), " is no ", wanted));
}
inline void read_config(const ConfigFile& file, LlamaConfig& c) {
    const std::string type = file.model_type();
    if (type == "llama")
        c = llama_config(file);
    else if (type == "mistral")
        c = mistral_config(file);
    else if (type == "qwen2")
        c = qwen2_config(file);
    else
        fail_type(file, "llama, mistral or qwen2");
}
inline void read_config(const ConfigFile& file, DeepseekV2Config& c) {
    if (file.model_type() != "deepseek_v2") fail_type(file, "deepseek_v2");
    c = deepseek_v2_config(file);
}
inline void read_config(const ConfigFile& file, GPTConfig& c) {
    if (file.model_type() != "gpt2") fail_type(file, "gpt2");
    c = gpt2_config(file);
}
inline void read_config(const ConfigFile& file, BertConfig& c) {
    if (file.model_type() != "bert") fail_type(file, "bert");
    c = bert_config(file);
}

inline void read_config(const WeightFile& file, const GgufMetadata& metadata, LlamaConfig& c) {
    c = llama_config(file, metadata);
}
inline void read_config(const WeightFile& file, const GgufMetadata& metadata, GPTConfig& c) {
    c = gpt2_config(file, metadata);
}
template <class Config>
void read_config(const WeightFile&, const GgufMetadata& metadata, Config&) {
    metadata.fail("general.architecture: ", shown(metadata.string("general.architecture")),
                  " is not read into such a model");
}

/// From the names of GPT-2's files to those of the model here. Its matrices are stored (in, out), and its causal masks
/// with them; older files have no "transformer." in front.
inline KeyMap gpt2_names() {
    std::vector<KeyRule> rules;
    for (const std::string& front : {std::string("transformer."), std::string()}) {
        const auto rule = [&](const std::string& key, KeyAction action = KeyAction::keep) {
            rules.push_back({front + key, "transformer." + key, action});
        };
        for (const char* key : {"attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"}) {
            rule(std::string("h.{}.") + key + ".weight", KeyAction::transpose);
            rule(std::string("h.{}.") + key + ".bias");
        }
        for (const char* key : {"wte.weight", "wpe.weight", "ln_f.weight", "ln_f.bias", "h.{}.ln_1.weight",
                                "h.{}.ln_1.bias", "h.{}.ln_2.weight", "h.{}.ln_2.bias"})
            rule(key);
        for (const char* key : {"h.{}.attn.bias", "h.{}.attn.masked_bias"})
            rules.push_back({front + key, ""});
    }
    rules.push_back({"lm_head.weight", "lm_head.weight"});
    return KeyMap(std::move(rules));
}
/// The tensors of a model as its file has them.
template <class M>
StateDict dict_for_file(const M& model) {
    const StateDict own = state_dict_once(model);
    using Config = decltype(model.config);
    if constexpr (std::is_same_v<std::remove_cvref_t<Config>, GPTConfig>)
        return gpt2_names().reversed()(own);
    else
        return own;
}
/// About how many elements the matrices of a model have, never more than they do.
inline double matrix_elements(const LlamaConfig& c) {
    const auto width = static_cast<double>(c.hidden_size), head = static_cast<double>(c.rotary_width());
    const auto groups =
        static_cast<double>(c.num_key_value_heads > 0 ? c.num_key_value_heads : c.num_attention_heads);
    const double attention = width * head * 2 * (static_cast<double>(c.num_attention_heads) + groups);
    return static_cast<double>(c.vocab_size) * width +
           static_cast<double>(c.num_hidden_layers) *
               (attention + 3 * width * static_cast<double>(c.intermediate_size));
}
inline double matrix_elements(const DeepseekV2Config& c) {
    const auto width = static_cast<double>(c.hidden_size), rank = static_cast<double>(c.kv_lora_rank);
    const auto layers = static_cast<double>(c.num_hidden_layers),
               heads = static_cast<double>(c.num_attention_heads);
    const double attention = width * rank + heads * static_cast<double>(c.v_head_dim) * width +
                             rank * heads * static_cast<double>(c.qk_nope_head_dim + c.v_head_dim);
    const int64_t dense =
        std::min(c.num_hidden_layers, c.n_routed_experts > 0 ? c.first_k_dense_replace : c.num_hidden_layers);
    const double experts = static_cast<double>(c.num_hidden_layers - dense) *
                           static_cast<double>(c.n_routed_experts + c.n_shared_experts) *
                           static_cast<double>(c.moe_intermediate_size);
    return static_cast<double>(c.vocab_size) * width + layers * attention +
           3 * width * (experts + static_cast<double>(dense) * static_cast<double>(c.intermediate_size));
}
inline double matrix_elements(const GPTConfig& c) {
    const auto width = static_cast<double>(c.n_embd);
    const double inner = c.n_inner > 0 ? static_cast<double>(c.n_inner) : 4 * width;
    return (static_cast<double>(c.vocab_size) + static_cast<double>(c.block_size)) * width +
           static_cast<double>(c.n_layer) * (4 * width * width + 2 * width * inner);
}
inline double matrix_elements(const BertConfig& c) {
    const auto width = static_cast<double>(c.hidden_size);
    return (static_cast<double>(c.vocab_size) + static_cast<double>(c.max_position_embeddings)) * width +
           static_cast<double>(c.num_hidden_layers) *
               (4 * width * width + 2 * width * static_cast<double>(c.intermediate_size));
}
/// Before memory is asked for: a model must not be larger than its files.
template <class Config>
void check_size(const std::string& folder, const WeightFile& file, const Config& config) {
    double held = 0;
    for (const TensorInfo& info : file.infos()) held += static_cast<double>(numel_of(info.shape));
    const double wanted = matrix_elements(config);
    if (wanted > held)
        fail<ValueError>("load_pretrained", folder, ": the configuration describes ", wanted,
                         " parameters, and the files hold ", held);
}

/// What files hold beside parameters: angles and positions that are computed here.
inline bool is_computed(std::string_view name) {
    return name.ends_with("rotary_emb.inv_freq") || name.ends_with("embeddings.position_ids");
}
/// Throws   ValueError: a tensor whose other name is not known
inline std::shared_ptr<const WeightFile> hugging_face_names(const std::string& path,
                                                            std::shared_ptr<const WeightFile> file,
                                                            const KeyMap& map) {
    auto mapped = std::make_shared<MappedWeights>(std::move(file), map);
    if (!mapped->report().ok())
        fail<ValueError>("load_pretrained", path, ": no such model has a tensor ",
                         shown(mapped->report().unmatched.front()));
    return mapped;
}
template <class M>
void load_named(const std::string& folder, const WeightFile& file, M& model) {
    using Config = std::remove_cvref_t<decltype(model.config)>;
    LoadReport report;
    if constexpr (std::is_same_v<Config, GPTConfig>) {
        KeyReport keys;
        report = load_state_dict(model, gpt2_names()(file.load_all(), keys), {.strict = false});
        report.unexpected.insert(report.unexpected.end(), keys.unmatched.begin(), keys.unmatched.end());
    } else if constexpr (std::is_same_v<Config, BertConfig>) {
        const StateDict dict = file.load_all(), inside = dict.under("bert.");
        report = load_state_dict(model, inside.empty() ? dict : inside, {.strict = false});
        std::erase_if(report.missing, [](const std::string& name) { return name.starts_with("pooler."); });
    } else {
        report = load_weights(file, model, {.strict = false});
    }
    std::erase_if(report.unexpected, is_computed);
    if (!report.ok()) fail<ValueError>("load_pretrained", folder, ": the keys do not fit\n", report);
}

}

/// A model from a folder: config.json, and model.safetensors or several files with their index. Or from a GGUF file of
/// LLaMA, Mistral, Qwen2 or GPT-2, or the first of several. Elements of another type are converted.
///   const auto model = load_pretrained<Llama<float>>("TinyLlama");
/// M        Llama (also Mistral and Qwen2), DeepseekV2, GPT, Bert
/// Throws   IoError: a file is missing or not as it should be, or describes another model; ValueError: names or shapes
///          that do not fit
template <class M>
M load_pretrained(const std::string& path) {
    decltype(M::config) config;
    std::shared_ptr<const WeightFile> weights;
    if (detail::is_gguf(path)) {
        weights = open_weights(path);
        const GgufMetadata& metadata = *metadata_of(*weights);
        detail::read_config(*weights, metadata, config);
        weights = detail::hugging_face_names(path, std::move(weights), gguf_keys(metadata));
    } else {
        detail::read_config(ConfigFile(path + "/config.json"), config);
        weights = open_weights(path);
    }
    detail::check_size(path, *weights, config);
    // A BERT may come without its pooler, which then is a new one.
    std::optional<init::Skip> all_is_loaded;
    if constexpr (!std::is_same_v<decltype(config), BertConfig>) all_is_loaded.emplace();
    M model(config, default_generator());
    detail::load_named(path, *weights, model);
    return model;
}

/// A model that writes texts, whatever it is.
template <Floating T = float>
using AnyLanguageModel = std::variant<GPT<T>, Llama<T>, DeepseekV2<T>>;

/// The same, by the model_type of its config.json, or the general.architecture of its GGUF file.
///   std::visit([&](const auto& model) { ... model(ids, {.cache = &cache}) ... }, load_language_model("folder"));
/// Throws   as load_pretrained
template <Floating T = float>
AnyLanguageModel<T> load_language_model(const std::string& path) {
    if (detail::is_gguf(path)) {
        const std::string architecture = metadata_of(*open_weights(path))->string("general.architecture");
        if (architecture == "gpt2") return load_pretrained<GPT<T>>(path);
        return load_pretrained<Llama<T>>(path);
    }
    const ConfigFile file(path + "/config.json");
    const std::string type = file.model_type();
    if (type == "gpt2") return load_pretrained<GPT<T>>(path);
    if (type == "deepseek_v2") return load_pretrained<DeepseekV2<T>>(path);
    if (type == "llama" || type == "mistral" || type == "qwen2") return load_pretrained<Llama<T>>(path);
    detail::fail_type(file, "gpt2, llama, mistral, qwen2 or deepseek_v2");
}

/// Writes config.json and the weights into a folder, for load_pretrained and for Hugging Face's from_pretrained.
/// Throws   IoError: a file cannot be written; ValueError: a model of which Hugging Face has none, weights that are
///          stored in fewer bits
template <class M>
void save_pretrained(const std::string& folder, const M& model, const ShardOptions& options = {}) {
    const std::string config = config_json(model.config);
    save_sharded(folder, detail::dict_for_file(model), options);
    AtomicFile file("save_pretrained", folder + "/config.json");
    file.write(config.data(), static_cast<int64_t>(config.size()));
    file.commit();
}

}
