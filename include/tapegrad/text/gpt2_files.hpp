// GPT-2's tokenizer as two files: vocab.json with the ids of the tokens, merges.txt with a merge a line.
#pragma once

#include "bpe_model.hpp"
#include "tokenizer.hpp"
#include "vocabulary_json.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

inline TextList read_merges(const InputFile& file) {
    TextList parts;
    const std::string content = read_all(file);
    for_each_line(content, [&](std::string_view line, int64_t offset) {
        if (line.starts_with("#version")) return;
        const std::size_t space = line.find(' ');
        if (space == line.npos || line.find(' ', space + 1) != line.npos)
            file.fail(offset, "the merge ", shown(line), " is not two tokens with a space between them");
        parts.add(line.substr(0, space));
        parts.add(line.substr(space + 1));
    });
    return parts;
}

}

/// GPT-2's tokenizer, or any that is saved as it is. `<|endoftext|>` is special where the vocabulary has it.
/// Throws   IoError: a file is not there, or is not what it should be
/// Source   Radford et al., "Language Models are Unsupervised Multitask Learners", 2019
inline Tokenizer load_gpt2_tokenizer(const std::string& vocab_path, const std::string& merges_path) {
    const InputFile vocab_file("vocab.json", vocab_path), merges_file("merges.txt", merges_path);
    detail::VocabularyEvents events(vocab_file);
    const std::string json = detail::read_all(vocab_file);
    parse_json(json, events);
    Vocabulary vocabulary = events.take(0);
    if (!events.scores.empty()) vocab_file.fail(0, "a vocabulary with scores");
    detail::MergeTable merges =
        detail::merge_table(merges_file, 0, vocabulary, detail::read_merges(merges_file));

    TokenizerParts parts;
    const int64_t end = vocabulary.find("<|endoftext|>");
    if (end >= 0) parts.added.push_back({.content = "<|endoftext|>", .id = end, .special = true});
    parts.model =
        std::make_shared<BpeModel>(std::move(vocabulary), std::move(merges), BpeOptions{.byte_level = true});
    parts.pre_tokenizers.push_back(std::make_shared<detail::ByteLevel>(false, true));
    parts.decoders.push_back(std::make_shared<detail::DecodeByteLevel>());
    return Tokenizer(std::move(parts));
}

}
