// A tokenizer as metadata of a GGUF file.
#pragma once

#include <sys/stat.h>

#include "gguf_tokenizer.hpp"
#include "load_tokenizer.hpp"
#include "save_tokenizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// How llama.cpp names the cuts of a tokenizer.
inline std::string_view gguf_pattern_of(const Tokenizer& tokenizer, const BpeModel& model) {
    const auto& cuts = tokenizer.parts().pre_tokenizers;
    const auto* const level = cuts.empty() ? nullptr : dynamic_cast<const ByteLevel*>(cuts.back().get());
    const auto* const split = cuts.empty() ? nullptr : dynamic_cast<const Split*>(cuts[0].get());
    Scan scan = nullptr;
    if (cuts.size() == 1 && level != nullptr && level->use_regex) scan = find_pattern(gpt2_pattern);
    if (cuts.size() == 2 && level != nullptr && !level->use_regex && split != nullptr && !split->invert &&
        split->behavior == SplitBehavior::isolated)
        scan = split->pattern.scan;
    if (scan != nullptr && !level->add_prefix_space)
        for (const GgufPattern& known : gguf_patterns)
            if (find_pattern(known.pattern) == scan && known.ignore_merges == model.options().ignore_merges)
                return known.name;
    fail<ValueError>("gguf_tokenizer", "llama.cpp has no name for the cuts of this tokenizer");
}

inline void put_tokens(GgufMetadata& m, const std::vector<std::string>& texts,
                       const std::vector<std::int32_t>& kinds) {
    m.set("tokenizer.ggml.tokens", texts);
    m.set("tokenizer.ggml.token_type", kinds);
}

inline GgufMetadata gguf_sentencepiece_keys(const std::string& path) {
    const InputFile file("sentencepiece", path);
    const SentencePieceModel model = read_sentencepiece(file);
    if (model.model_type != 2)
        fail<ValueError>("gguf_tokenizer", path, ": only SentencePiece's BPE is written, not unigram");
    std::vector<std::string> texts;
    std::vector<float> scores;
    std::vector<std::int32_t> kinds;
    constexpr GgufToken numbers[] = {GgufToken::normal,       GgufToken::unknown, GgufToken::control,
                                     GgufToken::user_defined, GgufToken::byte,    GgufToken::unused};
    for (int64_t id = 0; id < model.vocabulary.size(); ++id) {
        const auto i = static_cast<std::size_t>(id);
        texts.emplace_back(model.vocabulary[id]);
        scores.push_back(static_cast<float>(model.scores[i]));
        kinds.push_back(static_cast<std::int32_t>(numbers[static_cast<int>(model.kinds[i])]));
    }
    GgufMetadata m{{"tokenizer.ggml.model", "llama"}, {"tokenizer.ggml.pre", "default"}};
    put_tokens(m, texts, kinds);
    m.set("tokenizer.ggml.scores", scores);
    m.set("tokenizer.ggml.unknown_token_id", static_cast<std::uint32_t>(model.unk));
    for (const auto& [text, key] : {std::pair{model.bos, "bos_token_id"}, {model.eos, "eos_token_id"}})
        if (const int64_t id = model.vocabulary.find(text); id >= 0)
            m.set(std::string("tokenizer.ggml.") + key, static_cast<std::uint32_t>(id));
    m.set("tokenizer.ggml.add_bos_token", true);
    m.set("tokenizer.ggml.add_eos_token", false);
    m.set("tokenizer.ggml.add_space_prefix", model.rules.add_dummy_prefix);
    m.set("tokenizer.ggml.remove_extra_whitespaces", model.rules.remove_extra_whitespaces);
    return m;
}

}

/// The keys tokenizer.ggml.* of a byte-level BPE tokenizer. Ids up to `vocab_size`, the rows of the model's table,
/// that are no tokens are written as unused.
/// Throws   ValueError: another model, cuts that llama.cpp has no name for, or a normalizer other than NFC (which
///          llama.cpp leaves out)
inline GgufMetadata gguf_tokenizer(const Tokenizer& tokenizer, int64_t vocab_size = 0) {
    const auto* const model = dynamic_cast<const BpeModel*>(tokenizer.parts().model.get());
    if (model == nullptr || !model->options().byte_level)
        detail::fail<ValueError>("gguf_tokenizer", "only byte-level BPE is written of a loaded tokenizer");
    for (const auto& normalizer : tokenizer.parts().normalizers) {
        const auto* const form = dynamic_cast<const detail::NormalizeForm*>(normalizer.get());
        if (form == nullptr || form->form != NormalForm::nfc)
            detail::fail<ValueError>("gguf_tokenizer", "GGUF has no key for a normalizer other than NFC");
    }
    GgufMetadata m{{"tokenizer.ggml.model", "gpt2"},
                   {"tokenizer.ggml.pre", detail::gguf_pattern_of(tokenizer, *model)}};
    const int64_t n = std::max(vocab_size, tokenizer.vocab_size());
    std::vector<std::string> texts(static_cast<std::size_t>(n));
    std::vector<std::int32_t> kinds(texts.size(), static_cast<std::int32_t>(detail::GgufToken::unused));
    for (int64_t id = 0; id < n; ++id) {
        texts[static_cast<std::size_t>(id)] = "[PAD" + std::to_string(id) + "]";
        if (!model->vocabulary.contains(id)) continue;
        texts[static_cast<std::size_t>(id)] = model->vocabulary[id];
        kinds[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(detail::GgufToken::normal);
    }
    for (const AddedToken& token : tokenizer.parts().added) {
        texts[static_cast<std::size_t>(token.id)] = token.content;
        kinds[static_cast<std::size_t>(token.id)] = static_cast<std::int32_t>(
            token.special ? detail::GgufToken::control : detail::GgufToken::user_defined);
    }
    detail::put_tokens(m, texts, kinds);
    std::vector<std::string> merges;
    for (const auto& [left, right] : detail::merges_in_order(*model)) {
        merges.emplace_back(left);
        merges.back() += ' ';
        merges.back() += right;
    }
    m.set("tokenizer.ggml.merges", merges);
    const auto& before = tokenizer.parts().before;
    m.set("tokenizer.ggml.add_bos_token", !before.empty());
    if (!before.empty()) m.set("tokenizer.ggml.bos_token_id", static_cast<std::uint32_t>(before[0]));
    return m;
}

/// The same for a file or folder: a .model of SentencePiece, else what load_tokenizer reads.
/// Throws   as load_tokenizer and gguf_tokenizer
inline GgufMetadata gguf_tokenizer(const std::string& path, int64_t vocab_size = 0) {
    for (const std::string& file : {path, path + "/tokenizer.model"}) {
        struct stat status {};
        if (!file.ends_with(".model") || ::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
            continue;
        const InputFile input("gguf_tokenizer", file);
        char first = 0;
        input.read(0, &first, std::min<int64_t>(1, input.size()));
        if (first == '\n') return detail::gguf_sentencepiece_keys(file);  // and no ranks of tiktoken
    }
    return gguf_tokenizer(load_tokenizer(path), vocab_size);
}

}
