// BERT's vocab.txt: a token a line, its id the number of the line.
#pragma once

#include "bert.hpp"
#include "text_file.hpp"
#include "tokenizer.hpp"
#include "wordpiece.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct BertOptions {
    /// For models called "uncased": small letters, and with `strip_accents` no accents.
    bool lowercase = true, strip_accents = true;
    /// Each Chinese character is a word.
    bool handle_chinese_chars = true;
};

/// BERT's tokenizer. [UNK] must be there; [CLS] and [SEP] go around a text with `add_special`; these, [PAD] and
/// [MASK] are special.
/// Throws   IoError: the file is not there, a token is there twice, or one of the three is missing
/// Source   Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", 2018
inline Tokenizer load_bert_tokenizer(const std::string& path, BertOptions options = {}) {
    const InputFile file("vocab.txt", path);
    Vocabulary vocabulary;
    const std::string content = detail::read_all(file);
    detail::for_each_line(content, [&](std::string_view line, int64_t offset) {
        if (vocabulary.size() > Vocabulary::max_id || !vocabulary.add(line, vocabulary.size()))
            file.fail(offset, "the token ", detail::shown(line), " is there twice");
    });
    TokenizerParts parts;
    for (const char* name : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})
        if (const int64_t id = vocabulary.find(name); id >= 0)
            parts.added.push_back({.content = name, .id = id, .special = true});
    const auto needed = [&](std::string_view name) {
        const int64_t id = vocabulary.find(name);
        if (id < 0) file.fail(file.size(), "there is no ", name);
        return id;
    };
    parts.before = {needed("[CLS]")};
    parts.after = {needed("[SEP]")};
    parts.normalizers.push_back(std::make_shared<detail::BertNormalizer>(
        true, options.handle_chinese_chars, options.strip_accents && options.lowercase, options.lowercase));
    parts.pre_tokenizers = detail::bert_pre_tokenizers();
    parts.decoders.push_back(std::make_shared<detail::DecodeWordPiece>("##", true));
    const int64_t unk = needed("[UNK]");
    parts.model = std::make_shared<WordPieceModel>(std::move(vocabulary), WordPieceOptions{.unk = unk});
    return Tokenizer(std::move(parts));
}

}
