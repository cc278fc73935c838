// Writing a byte-level BPE tokenizer so that Hugging Face's libraries open it.
#pragma once

#include "../io/atomic_file.hpp"
#include "../io/json.hpp"
#include "bpe_model.hpp"
#include "tokenizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The merges of a model as pairs of tokens, the lowest rank first.
inline std::vector<std::pair<std::string_view, std::string_view>> merges_in_order(const BpeModel& model) {
    struct Ranked {
        std::uint32_t rank, left, right;
    };
    std::vector<Ranked> ranked;
    model.merges().for_each([&](std::uint32_t left, std::uint32_t right, Merge m) {
        ranked.push_back({m.rank, left, right});
    });
    std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
    std::vector<std::pair<std::string_view, std::string_view>> out;
    for (const Ranked& r : ranked) out.emplace_back(model.vocabulary[r.left], model.vocabulary[r.right]);
    return out;
}

/// The model of a tokenizer that the files can hold.
inline const BpeModel& byte_level_model(const Tokenizer& tokenizer) {
    const auto* model = dynamic_cast<const BpeModel*>(tokenizer.parts().model.get());
    if (model == nullptr || !model->options().byte_level || !tokenizer.parts().normalizers.empty() ||
        !tokenizer.parts().before.empty() || !tokenizer.parts().after.empty())
        fail<ValueError>("save_tokenizer",
                         "only byte-level BPE without normalization and template is written");
    return *model;
}

inline std::string vocabulary_json(const Vocabulary& vocabulary) {
    std::string out = "{";
    for (int64_t id = 0; id < vocabulary.size(); ++id) {
        if (!vocabulary.contains(id)) continue;
        if (out.size() > 1) out += ',';
        append_json_string(out, vocabulary[id]);
        out += ':' + std::to_string(id);
    }
    return out + '}';
}

/// The cuts of a tokenizer: all that `BpeTrainer` makes.
inline std::string pre_tokenizer_json(const Tokenizer& tokenizer) {
    const auto& parts = tokenizer.parts().pre_tokenizers;
    const auto* level = parts.empty() ? nullptr : dynamic_cast<const ByteLevel*>(parts.back().get());
    const auto* split = parts.size() < 2 ? nullptr : dynamic_cast<const Split*>(parts[0].get());
    if (level == nullptr || parts.size() > 2 || (parts.size() == 2 && split == nullptr) ||
        (split != nullptr &&
         (split->pattern.scan == nullptr || split->invert || split->behavior != SplitBehavior::isolated)))
        fail<ValueError>("save_tokenizer", "only a pattern and bytes are written as cuts");
    std::string bytes = R"({"type":"ByteLevel","add_prefix_space":)";
    bytes += level->add_prefix_space ? "true" : "false";
    bytes += R"(,"trim_offsets":true,"use_regex":)";
    bytes += level->use_regex ? "true}" : "false}";
    if (split == nullptr) return bytes;
    std::string out = R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":)";
    for (const KnownPattern& pattern : known_patterns)
        if (pattern.scan == split->pattern.scan) {
            append_json_string(out, pattern.text);
            break;
        }
    return out + R"(},"behavior":"Isolated","invert":false},)" + bytes + "]}";
}

inline void write_file(const std::string& path, const std::string& text) {
    AtomicFile file("save_tokenizer", path);
    file.write(text.data(), static_cast<int64_t>(text.size()));
    file.commit();
}

}

/// Writes vocab.json and merges.txt, as GPT-2's are. Cuts and added tokens are not in them.
/// Throws   ValueError: another kind of tokenizer; IoError: a file cannot be written
inline void save_gpt2_files(const Tokenizer& tokenizer, const std::string& vocab_path,
                            const std::string& merges_path) {
    const BpeModel& model = detail::byte_level_model(tokenizer);
    std::string merges = "#version: 0.2\n";
    for (const auto& [left, right] : detail::merges_in_order(model)) {
        merges += left;
        merges += ' ';
        merges += right;
        merges += '\n';
    }
    detail::write_file(vocab_path, detail::vocabulary_json(model.vocabulary) + '\n');
    detail::write_file(merges_path, merges);
}

/// Writes tokenizer.json with all that there is.
/// Throws   ValueError: a kind of tokenizer that is not byte-level BPE; IoError: the file cannot be written
inline void save_tokenizer_json(const Tokenizer& tokenizer, const std::string& path) {
    const BpeModel& model = detail::byte_level_model(tokenizer);
    std::string out = R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[)";
    const auto yes = [](bool value) { return value ? std::string("true") : std::string("false"); };
    for (const AddedToken& token : tokenizer.parts().added) {
        out += out.back() == '[' ? "" : ",";
        out += R"({"id":)" + std::to_string(token.id) + R"(,"content":)";
        append_json_string(out, token.content);
        out += R"(,"single_word":)" + yes(token.single_word) + R"(,"lstrip":)" + yes(token.lstrip) +
               R"(,"rstrip":)" + yes(token.rstrip) + R"(,"normalized":)" + yes(token.normalized) +
               R"(,"special":)" + yes(token.special) + '}';
    }
    out += R"(],"normalizer":null,"pre_tokenizer":)" + detail::pre_tokenizer_json(tokenizer);
    out +=
        R"(,"post_processor":null,"decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true})";
    out +=
        R"(,"model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,"end_of_word_suffix":null)";
    out += R"(,"fuse_unk":false,"byte_fallback":false,"ignore_merges":)" +
           yes(model.options().ignore_merges) + R"(,"vocab":)";
    out += detail::vocabulary_json(model.vocabulary) + R"(,"merges":[)";
    for (const auto& [left, right] : detail::merges_in_order(model)) {
        out += out.back() == '[' ? "[" : ",[";
        append_json_string(out, left);
        out += ',';
        append_json_string(out, right);
        out += ']';
    }
    detail::write_file(path, out + "]}}\n");
}

}
