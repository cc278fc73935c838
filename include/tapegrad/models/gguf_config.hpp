// The configurations of models in GGUF's metadata, and GGUF's metadata from config.json.
// Source   https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, "standardized key-value pairs"
#pragma once

#include "../io/gguf.hpp"
#include "../io/model_keys.hpp"
#include "config_json.hpp"
#include "configs.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Reads the keys of the architecture of a file: "llama.block_count" as "block_count".
class GgufKeys {
public:
    GgufKeys(const WeightFile& file, const GgufMetadata& metadata)
        : file_(file), metadata_(metadata), architecture_(metadata.string("general.architecture")) {}

    const std::string& architecture() const { return architecture_; }
    const WeightFile& file() const { return file_; }
    const GgufMetadata& metadata() const { return metadata_; }
    std::string key(std::string_view name) const { return architecture_ + "." + std::string(name); }
    bool contains(std::string_view name) const { return metadata_.contains(key(name)); }
    /// An integer in [low, high].
    int64_t integer(std::string_view name, int64_t low, int64_t high) const {
        const int64_t value = metadata_.integer(key(name));
        if (value < low || value > high) fail(name, text(value, " is not in [", low, ", ", high, "]"));
        return value;
    }
    int64_t size(std::string_view name) const { return integer(name, 1, max_config_size); }
    int64_t size(std::string_view name, int64_t absent) const { return contains(name) ? size(name) : absent; }
    double positive(std::string_view name) const {
        const double value = metadata_.real(key(name));
        if (!(value > 0)) fail(name, text(value, " is not positive"));
        return metadata_.at(key(name)).type() == GgufType::float32 ? as_written(static_cast<float>(value))
                                                                   : value;
    }
    double positive(std::string_view name, double absent) const {
        return contains(name) ? positive(name) : absent;
    }
    std::string string(std::string_view name, std::string_view absent) const {
        return metadata_.string(key(name), absent);
    }
    /// Rows of the table of tokens.
    int64_t vocab_size() const {
        const Shape shape = file_.info("token_embd.weight").shape;
        if (shape.rank() != 2) metadata_.fail("token_embd.weight: shape ", shape, " is no table");
        return shape[0];
    }
    [[noreturn]] void fail(std::string_view name, const std::string& reason) const {
        metadata_.fail(key(name), ": ", reason);
    }

private:
    /// The number of the fewest digits that became this float: 1e-05, not 9.99999974737875e-06.
    static double as_written(float value) {
        char digits[32];
        const char* const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        double out = 0;
        std::from_chars(digits, end, out);
        return out;
    }

    const WeightFile& file_;
    const GgufMetadata& metadata_;
    std::string architecture_;
};

/// How much slower LLaMA 3 turns each pair: what GGUF holds as rope_freqs.weight.
inline std::vector<float> llama3_factors(const RotaryOptions& r, int64_t width) {
    RotaryOptions plain = r;
    plain.scaling = RotaryScaling::none;
    const auto slow = to_vector(rotary_rates(r, width)), fast = to_vector(rotary_rates(plain, width));
    std::vector<float> factors;
    for (std::size_t i = 0; i < slow.size(); ++i) factors.push_back(static_cast<float>(fast[i] / slow[i]));
    return factors;
}

/// The scaling of which rope_freqs.weight was made. LLaMA 3.1 to 3.3 differ in the factor alone, which is that of the
/// slowest pair.
inline void read_rope_factors(const GgufKeys& keys, RotaryOptions& r, int64_t width) {
    const Tensor<float> found = keys.file().load_as<float>("rope_freqs.weight");
    const std::vector<float> factors = to_vector(found);
    r.scaling = RotaryScaling::llama3;
    r.original_context = 8192;
    r.factor = factors.empty() ? 1 : std::round(1e4 * static_cast<double>(factors.back())) / 1e4;
    bool same = found.shape() == Shape{width / 2} && r.factor > 0;
    if (same) {
        const std::vector<float> wanted = llama3_factors(r, width);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            same &= std::fabs(wanted[i] - factors[i]) <= 1e-4F * wanted[i];
    }
    if (!same) keys.metadata().fail("rope_freqs.weight: is not of LLaMA 3's scaling, and no other is known");
}

inline RotaryOptions read_rotary(const GgufKeys& keys, int64_t width, int64_t context) {
    RotaryOptions r;
    r.theta = keys.positive("rope.freq_base", r.theta);
    if (keys.size("rope.dimension_count", width) != width)
        keys.fail("rope.dimension_count", text("turns a part of the ", width, " elements of a head"));
    const std::string type = keys.string("rope.scaling.type", "none");
    if (type == "linear") {
        r.scaling = RotaryScaling::linear;
    } else if (type == "yarn") {
        r.scaling = RotaryScaling::yarn;
        r.original_context = keys.size("rope.scaling.original_context_length", context);
    } else if (type != "none") {
        keys.fail("rope.scaling.type", shown(type) + " is not known here");
    }
    if (r.scaling != RotaryScaling::none) r.factor = keys.positive("rope.scaling.factor");
    if (keys.file().contains("rope_freqs.weight")) read_rope_factors(keys, r, width);
    return r;
}

inline void expect_architecture(const GgufKeys& keys, std::initializer_list<std::string_view> known) {
    if (std::find(known.begin(), known.end(), keys.architecture()) == known.end())
        keys.metadata().fail("general.architecture: ", shown(keys.architecture()), " is not known here");
}

}

/// Of "llama" (LLaMA, Mistral) and "qwen2". `file` has the tensors, which say what the metadata does not.
/// Throws   IoError, as all here: the file, the key and what is wrong with it
inline LlamaConfig llama_config(const WeightFile& file, const GgufMetadata& metadata) {
    const detail::GgufKeys keys(file, metadata);
    detail::expect_architecture(keys, {"llama", "qwen2"});
    if (keys.contains("expert_count") && keys.integer("expert_count", 0, detail::max_config_size) > 0)
        keys.fail("expert_count", "experts are not known here");
    LlamaConfig c;
    c.vocab_size = keys.vocab_size();
    c.hidden_size = keys.size("embedding_length");
    c.intermediate_size = keys.size("feed_forward_length");
    c.num_hidden_layers = keys.integer("block_count", 0, 10000);
    c.num_attention_heads = keys.size("attention.head_count");
    c.num_key_value_heads = keys.size("attention.head_count_kv", c.num_attention_heads);
    c.head_dim = keys.size("attention.key_length", 0);
    c.max_position_embeddings = keys.size("context_length");
    c.sliding_window = keys.size("attention.sliding_window", 0);
    c.rms_norm_eps = keys.positive("attention.layer_norm_rms_epsilon");
    if (c.num_attention_heads % c.num_key_value_heads != 0)
        keys.fail("attention.head_count_kv",
                  detail::text(c.num_key_value_heads, " does not divide head_count ", c.num_attention_heads));
    if (c.head_dim == 0 && c.hidden_size % c.num_attention_heads != 0)
        keys.fail("attention.head_count",
                  detail::text(c.num_attention_heads, " does not divide embedding_length ", c.hidden_size));
    if (keys.size("attention.value_length", c.rotary_width()) != c.rotary_width())
        keys.fail("attention.value_length", "differs from the length of keys");
    if (c.rotary_width() % 2 != 0)
        keys.fail("attention.head_count",
                  detail::text("heads of ", c.rotary_width(), " elements are no pairs"));
    c.tie_word_embeddings = !file.contains("output.weight");
    c.attention_bias = file.contains("blk.0.attn_q.bias");
    c.attention_out_bias = file.contains("blk.0.attn_output.bias");
    c.mlp_bias = file.contains("blk.0.ffn_up.bias");
    c.rotary = detail::read_rotary(keys, c.rotary_width(), c.max_position_embeddings);
    return c;
}

inline LlamaConfig llama_config(const GgufFile& file) { return llama_config(file, file.metadata()); }

inline GPTConfig gpt2_config(const WeightFile& file, const GgufMetadata& metadata) {
    const detail::GgufKeys keys(file, metadata);
    detail::expect_architecture(keys, {"gpt2"});
    GPTConfig c;
    c.vocab_size = keys.vocab_size();
    c.block_size = keys.size("context_length");
    c.n_layer = keys.integer("block_count", 0, 10000);
    c.n_head = keys.size("attention.head_count");
    c.n_embd = keys.size("embedding_length");
    c.n_inner = keys.size("feed_forward_length");
    c.eps = keys.positive("attention.layer_norm_epsilon");
    c.gelu = GeluForm::tanh;
    if (c.n_embd % c.n_head != 0)
        keys.fail("attention.head_count",
                  detail::text(c.n_head, " does not divide embedding_length ", c.n_embd));
    return c;
}

inline GPTConfig gpt2_config(const GgufFile& file) { return gpt2_config(file, file.metadata()); }

/// From the names of a GGUF file's tensors to Hugging Face's, for the architecture that its metadata names.
/// Throws   ValueError: an architecture whose names are not known; IoError: metadata that do not say the heads
inline KeyMap gguf_keys(const GgufMetadata& metadata) {
    const std::string architecture = metadata.string("general.architecture");
    return gguf_keys(architecture, {metadata.integer(architecture + ".attention.head_count", 0),
                                    metadata.integer(architecture + ".attention.head_count_kv", 0)});
}

/// The config.json with which transformers reads the tensors of a GGUF file under Hugging Face's names (gguf_keys).
/// Architectures llama, qwen2 and gpt2.
inline std::string config_json(const WeightFile& file, const GgufMetadata& metadata) {
    const detail::GgufKeys keys(file, metadata);
    detail::expect_architecture(keys, {"llama", "qwen2", "gpt2"});
    std::string out = keys.architecture() == "gpt2" ? config_json(gpt2_config(file, metadata))
                                                    : config_json(llama_config(file, metadata));
    std::string tokens;
    for (const char* token : {"bos_token_id", "eos_token_id"})
        if (const std::string key = std::string("tokenizer.ggml.") + token; metadata.contains(key))
            detail::append(tokens, detail::text(",\n  \"", token, "\": ", metadata.integer(key)));
    return out.insert(out.rfind("\n}"), tokens);
}
inline std::string config_json(const GgufFile& file) { return config_json(file, file.metadata()); }

}
