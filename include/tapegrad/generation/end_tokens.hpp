// The tokens that end a text, as a model's folder or GGUF file names them.
#pragma once

#include "../io/open_weights.hpp"
#include "../models/config_file.hpp"
#include "../text/load_tokenizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// eos_token_id, a number or several, of generation_config.json, else of config.json; none where neither has it.
/// Of a GGUF file: its eos_token_id, eot_token_id and eom_token_id.
/// Throws   IoError: a file is no JSON object, or the member no token
inline std::vector<int64_t> end_tokens(const std::string& path) {
    if (detail::is_gguf(path)) {
        const std::unique_ptr<WeightFile> file = open_weights(path);
        const GgufMetadata& metadata = *metadata_of(*file);
        std::vector<int64_t> tokens;
        for (const char* const name : {"eos", "eot", "eom"}) {
            const std::string key = std::string("tokenizer.ggml.") + name + "_token_id";
            if (metadata.contains(key)) tokens.push_back(metadata.integer(key));
        }
        return tokens;
    }
    for (const char* const file : {"/generation_config.json", "/config.json"}) {
        if (!detail::is_there(path + file)) continue;
        const ConfigFile config(path + file);
        const detail::JsonObject root = config.root();
        const detail::JsonValue* const found = root.find("eos_token_id");
        if (found == nullptr) continue;
        const auto token = [&](const detail::JsonValue& value) {
            if (value.kind != detail::JsonValue::Kind::number || value.number < 0)
                root.fail_member("eos_token_id", value, "must be a token, or an array of tokens");
            return value.number;
        };
        std::vector<int64_t> tokens;
        if (found->kind == detail::JsonValue::Kind::array)
            for (const detail::JsonValue& value : found->items) tokens.push_back(token(value));
        else
            tokens.push_back(token(*found));
        return tokens;
    }
    return {};
}

}
