// tiktoken's files: a token a line as base64 of its bytes, a space, its rank, which is its id too. Two
// neighbours merge where their bytes together are a token, the lowest rank first.
#pragma once

#include "bpe_model.hpp"
#include "split_pattern.hpp"
#include "text_file.hpp"
#include "tokenizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What such a file does not say itself.
struct TiktokenOptions {
    /// How texts are cut: a pattern that is known here.
    std::string pattern;
    /// Special tokens and their ids.
    std::vector<std::pair<std::string, int64_t>> special = {};
    /// Special tokens that `add_special` puts before a text.
    std::vector<int64_t> before = {};
};

namespace detail {

/// The bytes of a text in base64, whose length must be a multiple of 4; false for anything else.
inline bool append_base64(std::string& out, std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return false;
    const auto digit = [](char c) -> int {
        if (c >= 'A' && c <= 'Z') return c - 'A';
        if (c >= 'a' && c <= 'z') return c - 'a' + 26;
        if (c >= '0' && c <= '9') return c - '0' + 52;
        return c == '+' ? 62 : c == '/' ? 63 : -1;
    };
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::size_t missing = i + 4 == text.size() ? padding : 0;
        unsigned bits = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const int d = k < 4 - missing ? digit(text[i + k]) : 0;
            if (d < 0) return false;
            bits = bits << 6 | static_cast<unsigned>(d);
        }
        if ((missing == 1 && (bits & 0xFF) != 0) || (missing == 2 && (bits & 0xFFFF) != 0)) return false;
        for (std::size_t k = 0; k < 3 - missing; ++k)
            out += static_cast<char>(static_cast<unsigned char>(bits >> (16 - 8 * k) & 0xFF));
    }
    return true;
}

inline Vocabulary read_ranks(const InputFile& file) {
    Vocabulary vocabulary;
    const std::string content = read_all(file);
    std::string token;
    for_each_line(content, [&](std::string_view line, int64_t offset) {
        if (line.empty()) return;
        const std::size_t space = line.find(' ');
        token.clear();
        if (space == line.npos || !append_base64(token, line.substr(0, space)))
            file.fail(offset, "the line ", shown(line), " is not a token in base64 and its rank");
        if (token.size() > max_merged_bytes) file.fail(offset, "a token of ", token.size(), " bytes");
        int64_t rank = -1;
        const auto result = std::from_chars(line.data() + space + 1, line.data() + line.size(), rank);
        // A gap costs memory; no file has more of them than tokens.
        if (result.ec != std::errc() || result.ptr != line.data() + line.size() || rank < 0 ||
            rank > 2 * vocabulary.count() + 65536)
            file.fail(offset, "the rank ", shown(line.substr(space + 1)),
                      " is not an integer that may follow ", vocabulary.count(), " tokens");
        if (!vocabulary.add(token, rank))
            file.fail(offset, "the token or the rank of ", shown(line), " is there twice");
    });
    for (unsigned byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(static_cast<unsigned char>(byte));
        if (vocabulary.find({&c, 1}) < 0) file.fail(file.size(), "there is no token for byte ", byte);
    }
    return vocabulary;
}

/// Every way in which a token is two others, with its rank.
inline MergeTable merges_of_ranks(const Vocabulary& vocabulary) {
    MergeTable table;
    for (int64_t id = 0; id < vocabulary.size(); ++id) {
        if (!vocabulary.contains(id)) continue;
        const std::string_view token = vocabulary[id];
        for (std::size_t cut = 1; cut < token.size(); ++cut) {
            const int64_t left = vocabulary.find(token.substr(0, cut));
            if (left < 0) continue;
            const int64_t right = vocabulary.find(token.substr(cut));
            if (right >= 0)
                table.set(static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(right),
                          {static_cast<std::uint32_t>(id), static_cast<std::uint32_t>(id)});
        }
    }
    return table;
}

inline TiktokenOptions llama3_options() {
    TiktokenOptions o{std::string(cl100k_pattern), {}, {128000}};
    const char* named[] = {"<|begin_of_text|>",
                           "<|end_of_text|>",
                           "<|reserved_special_token_0|>",
                           "<|reserved_special_token_1|>",
                           "<|finetune_right_pad_id|>",
                           "<|step_id|>",
                           "<|start_header_id|>",
                           "<|end_header_id|>",
                           "<|eom_id|>",
                           "<|eot_id|>",
                           "<|python_tag|>"};
    for (const char* name : named)
        o.special.emplace_back(name, 128000 + static_cast<int64_t>(o.special.size()));
    for (int i = 2; o.special.size() < 256; ++i)
        o.special.emplace_back("<|reserved_special_token_" + std::to_string(i) + "|>",
                               128000 + static_cast<int64_t>(o.special.size()));
    return o;
}

}

/// The pattern and the special tokens of an encoding: "gpt2", "r50k_base", "p50k_base", "cl100k_base",
/// "o200k_base", "llama3".
/// Throws   ValueError: another name
inline TiktokenOptions tiktoken_encoding(std::string_view name) {
    if (name == "gpt2" || name == "r50k_base" || name == "p50k_base")
        return {std::string(gpt2_pattern), {{"<|endoftext|>", 50256}}};
    if (name == "cl100k_base")
        return {std::string(detail::cl100k_tiktoken_pattern),
                {{"<|endoftext|>", 100257},
                 {"<|fim_prefix|>", 100258},
                 {"<|fim_middle|>", 100259},
                 {"<|fim_suffix|>", 100260},
                 {"<|endofprompt|>", 100276}}};
    if (name == "o200k_base")
        return {std::string(o200k_pattern), {{"<|endoftext|>", 199999}, {"<|endofprompt|>", 200018}}};
    if (name == "llama3") return detail::llama3_options();
    detail::fail<ValueError>("tiktoken", "the encoding ", name,
                             " is not known; gpt2, r50k_base, p50k_base, "
                             "cl100k_base, o200k_base and llama3 are");
}

/// The tokenizer of a file of ranks. `token_of` gives the bytes of tokens as they are.
/// Throws   IoError: the file is not there, or a line of it is wrong; ValueError: a pattern that is not known, a
///          special token whose id or text is taken
inline Tokenizer load_tiktoken(const std::string& path, const TiktokenOptions& options) {
    const detail::Scan scan = detail::find_pattern(options.pattern);
    if (scan == nullptr)
        detail::fail<ValueError>("tiktoken", "the pattern ", options.pattern.substr(0, 400), " is not known");
    const InputFile file("tiktoken", path);
    Vocabulary vocabulary = detail::read_ranks(file);
    TokenizerParts parts;
    for (const auto& [content, id] : options.special) {
        if (content.empty() || id < 0 || id > Vocabulary::max_id || vocabulary.contains(id))
            detail::fail<ValueError>("tiktoken", "the special token ", content, " has the id ", id,
                                     ", which is taken or none");
        parts.added.push_back({.content = content, .id = id, .special = true});
    }
    parts.before = options.before;
    parts.pre_tokenizers.push_back(std::make_shared<detail::Split>(detail::SplitPattern{scan, {}},
                                                                   detail::SplitBehavior::isolated, false));
    detail::MergeTable merges = detail::merges_of_ranks(vocabulary);
    parts.model = std::make_shared<BpeModel>(std::move(vocabulary), std::move(merges),
                                             BpeOptions{.raw_bytes = true, .ignore_merges = true});
    return Tokenizer(std::move(parts));
}

}
