// The tokenizer in the metadata of a GGUF file.
//
//   const Tokenizer tokenizer = load_gguf_tokenizer("model.gguf");
// Source   https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, "tokenizer"
#pragma once

#include "../io/gguf.hpp"
#include "gpt2_files.hpp"
#include "sentencepiece.hpp"
#include "split_pattern.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// How llama.cpp names the pattern by which a tokenizer splits a text.
struct GgufPattern {
    std::string_view name, pattern;
    bool ignore_merges, add_bos;  // when the file does not say it
};
inline constexpr GgufPattern gguf_patterns[] = {
    // The first of a pattern is what is written for it.
    {"gpt-2", gpt2_pattern, false, false},    {"llama-bpe", cl100k_pattern, true, true},
    {"dbrx", cl100k_pattern, false, false},   {"qwen2", qwen2_pattern, false, false},
    {"gpt-4o", o200k_pattern, false, false},  {"llama3", cl100k_pattern, true, true},
    {"llama-v3", cl100k_pattern, true, true}, {"smaug-bpe", cl100k_pattern, false, false},
    {"phi-2", gpt2_pattern, false, false},    {"deepseek-r1-qwen", qwen2_pattern, false, false},
};

/// The kinds of tokens, by the number that stands in the file.
enum class GgufToken { normal = 1, unknown, control, user_defined, unused, byte };

/// The lists of a tokenizer, of one length.
struct GgufTokens {
    std::vector<std::string> texts;
    std::vector<GgufToken> kinds;

    explicit GgufTokens(const GgufMetadata& m) : texts(m.strings("tokenizer.ggml.tokens")) {
        kinds.assign(texts.size(), GgufToken::normal);
        if (!m.contains("tokenizer.ggml.token_type")) return;
        const std::vector<int64_t> types = m.integers("tokenizer.ggml.token_type");
        if (types.size() != texts.size())
            m.fail("tokenizer.ggml.token_type: ", types.size(), " values for ", texts.size(), " tokens");
        for (std::size_t i = 0; i < types.size(); ++i) {
            if (types[i] < 1 || types[i] > 6)
                m.fail("tokenizer.ggml.token_type: the type ", types[i], " of the token ", shown(texts[i]));
            kinds[i] = static_cast<GgufToken>(types[i]);
        }
    }
    int64_t size() const { return static_cast<int64_t>(texts.size()); }
};

/// What goes before and behind a text.
inline void put_ends(const GgufMetadata& m, const GgufTokens& tokens, bool add_bos, TokenizerParts& parts) {
    const auto put = [&](const char* add, const char* which, bool absent, std::vector<int64_t>& out) {
        const std::string key = std::string("tokenizer.ggml.") + which;
        if (!m.boolean(std::string("tokenizer.ggml.") + add, absent) || !m.contains(key)) return;
        const int64_t id = m.integer(key);
        if (id < 0 || id >= tokens.size()) m.fail(key, ": ", id, " among ", tokens.size(), " tokens");
        out.push_back(id);
    };
    parts.before.clear();
    parts.after.clear();
    put("add_bos_token", "bos_token_id", add_bos, parts.before);
    put("add_eos_token", "eos_token_id", false, parts.after);
}

inline Tokenizer gguf_bpe(const InputFile& file, const GgufMetadata& m) {
    const std::string name = m.string("tokenizer.ggml.pre");
    const GgufPattern* pattern = nullptr;
    for (const GgufPattern& known : gguf_patterns)
        if (known.name == name) pattern = &known;
    if (pattern == nullptr) m.fail("tokenizer.ggml.pre: ", shown(name), " is not known here");
    const GgufTokens tokens(m);
    TokenizerParts parts;
    Vocabulary vocabulary;
    for (int64_t id = 0; id < tokens.size(); ++id) {
        const std::string& text = tokens.texts[static_cast<std::size_t>(id)];
        const GgufToken kind = tokens.kinds[static_cast<std::size_t>(id)];
        if (kind == GgufToken::unused) continue;
        if (text.empty() || !is_utf8(text))
            m.fail("tokenizer.ggml.tokens: the token ", id, " is empty or not UTF-8");
        if (kind == GgufToken::control || kind == GgufToken::user_defined)
            parts.added.push_back({.content = text, .id = id, .special = kind == GgufToken::control});
        if (!vocabulary.add(text, id))
            m.fail("tokenizer.ggml.tokens: the token ", shown(text), " is there twice");
    }
    TextList merges;
    for (const std::string& merge : m.strings("tokenizer.ggml.merges")) {
        const std::size_t space = merge.find(' ', 1);  // a token is no space
        if (space == merge.npos || merge.find(' ', space + 1) != merge.npos)
            m.fail("tokenizer.ggml.merges: ", shown(merge), " is not two tokens with a space between them");
        merges.add(std::string_view(merge).substr(0, space));
        merges.add(std::string_view(merge).substr(space + 1));
    }
    MergeTable table = merge_table(file, 0, vocabulary, merges);
    parts.model =
        std::make_shared<BpeModel>(std::move(vocabulary), std::move(table),
                                   BpeOptions{.byte_level = true, .ignore_merges = pattern->ignore_merges});
    parts.pre_tokenizers.push_back(std::make_shared<Split>(SplitPattern{find_pattern(pattern->pattern), {}},
                                                           SplitBehavior::isolated, false));
    parts.pre_tokenizers.push_back(std::make_shared<ByteLevel>(false, false));
    parts.decoders.push_back(std::make_shared<DecodeByteLevel>());
    put_ends(m, tokens, pattern->add_bos, parts);
    return Tokenizer(std::move(parts));
}

inline Tokenizer gguf_sentencepiece(const InputFile& file, const GgufMetadata& m) {
    const GgufTokens tokens(m);
    const std::vector<double> scores = m.reals("tokenizer.ggml.scores");
    if (scores.size() != tokens.texts.size())
        m.fail("tokenizer.ggml.scores: ", scores.size(), " values for ", tokens.size(), " tokens");
    SentencePieceModel model;
    model.model_type = 2;
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (tokens.kinds[i] != GgufToken::unused) {
            add_piece(file, 0, tokens.texts[i], static_cast<float>(scores[i]),
                      static_cast<int64_t>(tokens.kinds[i]), model);
        } else {  // no text becomes it, and no text comes of it
            model.vocabulary.add(tokens.texts[i], model.vocabulary.size());
            model.kinds.push_back(TokenKind::control);
            model.scores.push_back(0);
        }
    model.byte_fallback = std::count(model.kinds.begin(), model.kinds.end(), TokenKind::byte) > 0;
    model.rules.add_dummy_prefix = m.boolean("tokenizer.ggml.add_space_prefix", true);
    model.rules.remove_extra_whitespaces = m.boolean("tokenizer.ggml.remove_extra_whitespaces", false);
    check_sentencepiece(file, model);
    TokenizerParts parts = sentencepiece_tokenizer(std::move(model), {}).parts();
    std::erase_if(parts.added, [&](const AddedToken& token) {
        return tokens.kinds[static_cast<std::size_t>(token.id)] == GgufToken::unused;
    });
    put_ends(m, tokens, true, parts);
    return Tokenizer(std::move(parts));
}

}

/// The tokenizer of a GGUF file: byte-level BPE ("gpt2") of the patterns that are known here, or SentencePiece's BPE
/// ("llama"). Unused tokens are in no text.
/// Throws   IoError: the file is not there, has no such tokenizer, or anything in it is not as it should be
inline Tokenizer load_gguf_tokenizer(const std::string& path) {
    const GgufMetadata metadata = GgufFile(path).metadata();
    const InputFile file("gguf_tokenizer", path);
    const std::string model = metadata.string("tokenizer.ggml.model");
    if (model == "gpt2") return detail::gguf_bpe(file, metadata);
    if (model == "llama") return detail::gguf_sentencepiece(file, metadata);
    metadata.fail("tokenizer.ggml.model: ", detail::shown(model), " is not known here");
}

}
