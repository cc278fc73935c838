// config.json, with which Hugging Face describes a model.
#pragma once

#include "../nn/rotary_table.hpp"
#include "../text/json_value.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A config.json, open. The functions of models/configs.hpp make the configuration of a model of it.
class ConfigFile {
public:
    static constexpr int64_t max_size = int64_t{1} << 24;

    /// Throws   IoError: it cannot be read, or is no JSON object of at most 16 MiB
    explicit ConfigFile(const std::string& path) : file_("config", path), tree_(file_) {
        if (file_.size() > max_size) file_.fail(0, "is larger than 16777216 bytes");
        parse_json(detail::read_all(file_), tree_);
        static_cast<void>(root());
    }
    ConfigFile(const ConfigFile&) = delete;
    ConfigFile& operator=(const ConfigFile&) = delete;

    detail::JsonObject root() const { return {file_, "", tree_.root()}; }
    /// "llama", "gpt2", ...
    std::string model_type() const { return root().string("model_type"); }

private:
    InputFile file_;
    detail::JsonTree tree_;
};

namespace detail {

/// Sizes that a tensor may have; products of two fit.
inline constexpr int64_t max_config_size = int64_t{1} << 30;

inline int64_t size_of(const JsonObject& o, std::string_view key) {
    return o.integer(key, 1, max_config_size);
}
inline int64_t size_of(const JsonObject& o, std::string_view key, int64_t absent) {
    return o.integer(key, 1, max_config_size, absent);
}
inline double positive(const JsonObject& o, std::string_view key, double absent) {
    const double x = o.real(key, absent);
    if (!(x > 0)) o.fail_member(key, o.at(key), "must be positive");
    return x;
}
/// Fails when a member is there and is not what is built here.
inline void expect_text(const JsonObject& o, std::string_view key,
                        std::initializer_list<std::string_view> known) {
    if (o.find(key) == nullptr) return;
    const std::string value = o.string(key);
    if (std::find(known.begin(), known.end(), value) == known.end())
        o.fail_member(key, o.at(key), text(shown(value), " is not known here"));
}

/// Both forms: rope_parameters with rope_theta inside, and rope_theta beside rope_scaling.
inline RotaryOptions read_rotary(const JsonObject& root, int64_t max_positions) {
    RotaryOptions r;
    r.theta = positive(root, "rope_theta", r.theta);
    const char* const key = root.find("rope_parameters") != nullptr ? "rope_parameters" : "rope_scaling";
    if (root.find(key) == nullptr) return r;
    const JsonObject o = root.object(key);
    r.theta = positive(o, "rope_theta", r.theta);
    const std::string type = o.string("rope_type", o.string("type", "default"));
    if (type == "default") return r;
    r.factor = positive(o, "factor", 1);
    r.original_context = size_of(o, "original_max_position_embeddings", max_positions);
    if (type == "linear") {
        r.scaling = RotaryScaling::linear;
    } else if (type == "dynamic") {
        r.scaling = RotaryScaling::ntk;
        r.original_context = max_positions;
    } else if (type == "llama3") {
        r.scaling = RotaryScaling::llama3;
        r.low_freq_factor = positive(o, "low_freq_factor", r.low_freq_factor);
        r.high_freq_factor = positive(o, "high_freq_factor", r.high_freq_factor);
        if (r.high_freq_factor == r.low_freq_factor)
            o.fail_member("high_freq_factor", o.at("high_freq_factor"), "must differ from low_freq_factor");
    } else if (type == "yarn") {
        r.scaling = RotaryScaling::yarn;
        r.beta_fast = positive(o, "beta_fast", r.beta_fast);
        r.beta_slow = positive(o, "beta_slow", r.beta_slow);
        r.mscale = o.real("mscale", 0);
        r.mscale_all_dim = o.real("mscale_all_dim", 0);
        r.attention_factor = o.real("attention_factor", 0);
        r.truncate = o.boolean("truncate", true);
    } else {
        const char* const name = o.find("rope_type") != nullptr ? "rope_type" : "type";
        o.fail_member(name, o.at(name), text(shown(type), " is not known here"));
    }
    return r;
}

}

}
