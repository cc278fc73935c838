// What SentencePiece does to a text before it looks for pieces: its rules, spaces at the ends and in a row,
// and a visible character for spaces.
#pragma once

#include "charsmap.hpp"
#include "normalizer.hpp"
#include "prefix_trie.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// The names are those of SentencePiece's NormalizerSpec.
struct SentencePieceRules {
    bool add_dummy_prefix = true;
    bool remove_extra_whitespaces = true;
    bool escape_whitespaces = true;
    bool treat_whitespace_as_suffix = false;
};

struct SentencePieceNormalizer final : Normalizer {
    /// `kept` has the texts that no rule may change: user-defined pieces.
    SentencePieceNormalizer(SentencePieceRules r, CharsMap m, PrefixTrie k)
        : rules(r), map(std::move(m)), kept(std::move(k)) {}

    void apply(std::string& text) const override {
        const std::string_view space = rules.escape_whitespaces ? metaspace : std::string_view(" ");
        std::string out;
        out.reserve(text.size() + text.size() / 4 + 8);
        std::size_t at = 0;
        if (rules.remove_extra_whitespaces)
            for (Prefix p; at < text.size() && (p = prefix(text, at)).text == " ";) at += p.length;
        if (at == text.size()) return text.clear();
        if (!rules.treat_whitespace_as_suffix && rules.add_dummy_prefix) out += space;
        bool after_space = rules.remove_extra_whitespaces;
        while (at < text.size()) {
            const Prefix p = prefix(text, at);
            std::string_view add = p.text;
            while (after_space && add.starts_with(' ')) add.remove_prefix(1);
            if (!add.empty()) {
                append_replaced(out, add, " ", space);
                after_space = add.ends_with(' ');
            }
            at += p.length;
            if (!rules.remove_extra_whitespaces) after_space = false;
        }
        if (rules.remove_extra_whitespaces)
            while (out.ends_with(space)) out.resize(out.size() - space.size());
        if (rules.treat_whitespace_as_suffix && rules.add_dummy_prefix) out += space;
        text = std::move(out);
    }

    SentencePieceRules rules;
    CharsMap map;
    PrefixTrie kept;

private:
    struct Prefix {
        std::string_view text;  // what it becomes
        std::size_t length = 0;
    };
    /// The next characters that become something together. A malformed byte is U+FFFD, by itself.
    Prefix prefix(std::string_view text, std::size_t at) const {
        if (const auto match = kept.longest(text, at); match.value >= 0)
            return {text.substr(at, match.end - at), match.end - at};
        if (const auto match = map.longest(text, at); match.length > 0)
            return {match.replacement, match.length};
        const Utf8Unit unit = decode_utf8(text, at);
        if (unit.malformed()) return {"\xEF\xBF\xBD", 1};
        return {text.substr(at, unit.size), unit.size};
    }
};

}
