// BERT's basic tokenizer: what it does to a text, and where it cuts it. Its categories are those of Unicode 8,
// as in tokenizers.
#pragma once

#include "normalizer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

inline bool is_bert_punctuation(char32_t point) {
    static const CodePointSet differing(unicode::bert_punctuation);
    if (point < 0x80) return is_punctuation(point) || is_symbol(point);
    return is_punctuation(point) != differing.contains(point);
}
inline bool is_bert_nonspacing(char32_t point) {
    static const CodePointSet differing(unicode::bert_nonspacing);
    return point >= 0x300 && (category_of(point) == Category::Mn) != differing.contains(point);
}
/// Control characters and their like, but for the three that are white space.
inline bool is_bert_control(char32_t point) {
    static const CodePointSet differing(unicode::bert_other);
    if (point == '\t' || point == '\n' || point == '\r') return false;
    const Category c = category_of(point);
    return (c >= Category::Cc && c <= Category::Co) != differing.contains(point);
}
/// Chinese characters, each a word.
constexpr bool is_chinese(char32_t p) {
    return (p >= 0x4E00 && p <= 0x9FFF) || (p >= 0x3400 && p <= 0x4DBF) || (p >= 0x20000 && p <= 0x2A6DF) ||
           (p >= 0x2A700 && p <= 0x2B81F) || (p >= 0x2B920 && p <= 0x2CEAF) || (p >= 0xF900 && p <= 0xFAFF) ||
           (p >= 0x2F800 && p <= 0x2FA1F);
}

/// The names are those of tokenizer.json.
struct BertNormalizer final : Normalizer {
    BertNormalizer(bool clean, bool chinese, bool accents, bool small)
        : clean_text(clean), handle_chinese_chars(chinese), strip_accents(accents), lowercase(small) {}
    void apply(std::string& text) const override {
        std::string out;
        out.reserve(text.size());
        for_each_point(text, [&](char32_t p, std::string_view) {
            if (clean_text) {
                if (p == 0 || p == replacement_character || is_bert_control(p)) return;
                if (is_space(p)) p = ' ';
            }
            const bool apart = handle_chinese_chars && is_chinese(p);
            if (apart) out += ' ';
            append_utf8(out, p);
            if (apart) out += ' ';
        });
        if (strip_accents) {
            out = normalize(out, NormalForm::nfd);
            Remove(is_bert_nonspacing).apply(out);
        }
        if (lowercase) Lowercase().apply(out);
        text = std::move(out);
    }
    bool clean_text, handle_chinese_chars, strip_accents, lowercase;
};

/// At white space, which is left out, then around punctuation.
inline std::vector<std::shared_ptr<const PreTokenizer>> bert_pre_tokenizers() {
    return {split_at(is_space, SplitBehavior::removed),
            split_at(is_bert_punctuation, SplitBehavior::isolated)};
}

}
