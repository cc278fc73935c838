// Tokens that are found in a text as they stand, before everything else: special ones and others that were
// added to a vocabulary.
#pragma once

#include <map>

#include "normalizer.hpp"
#include "prefix_trie.hpp"
#include "vocabulary.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A token with its way of being found; the names are those of tokenizer.json.
struct AddedToken {
    std::string content;
    int64_t id = 0;
    /// Only where no letter, digit or underscore is beside it.
    bool single_word = false;
    /// Takes the white space before it, and behind it.
    bool lstrip = false, rstrip = false;
    /// Is looked for in the text after normalization, itself normalized.
    bool normalized = false;
    /// Left out when decoding; found only where special tokens are allowed.
    bool special = false;
};

namespace detail {

/// The character that ends before `end`.
inline Utf8Unit unit_before(std::string_view text, std::size_t end) {
    for (std::uint32_t n = 4; n > 1; --n)
        if (n <= end)
            if (const Utf8Unit unit = decode_utf8(text.substr(0, end), end - n);
                unit.size == n && !unit.malformed())
                return unit;
    return decode_utf8(text.substr(end - 1, 1), 0);
}

inline bool is_space_unit(Utf8Unit unit) { return !unit.malformed() && is_space(unit.point); }

/// A part of a text: a token, or what is to be cut (id -1).
struct Segment {
    std::string_view text;
    int64_t id = -1;
};

}

class AddedTokens {
public:
    AddedTokens() = default;
    AddedTokens(std::vector<AddedToken> tokens,
                const std::vector<std::shared_ptr<const Normalizer>>& normalizers)
        : tokens_(std::move(tokens)) {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            const AddedToken& token = tokens_[i];
            std::string text = token.content;
            if (token.normalized)
                for (const auto& normalizer : normalizers) normalizer->apply(text);
            if (!text.empty()) finders_[token.normalized ? 1 : 0].add(text, static_cast<int64_t>(i));
            normalized_.push_back(std::move(text));
            by_text_.emplace(token.content, i);
            by_id_.emplace(token.id, i);
        }
    }

    const std::vector<AddedToken>& all() const { return tokens_; }
    const AddedToken* find(std::string_view text) const {
        const auto found = by_text_.find(text);
        return found == by_text_.end() ? nullptr : &tokens_[found->second];
    }
    const AddedToken* find(int64_t id) const {
        const auto found = by_id_.find(id);
        return found == by_id_.end() ? nullptr : &tokens_[found->second];
    }

    /// What a token decodes to: its content, as it was looked for.
    const std::string& text_of(const AddedToken& token) const {
        return normalized_[static_cast<std::size_t>(&token - tokens_.data())];
    }

    /// Cuts a text at the tokens that are normalized, or are not.
    template <class F>
    void split(std::string_view text, bool normalized, bool allow_special, F f) const {
        const detail::PrefixTrie& finder = finders_[normalized ? 1 : 0];
        if (finder.empty()) return f(detail::Segment{text, -1});
        std::size_t begin = 0;  // of what is no token
        for (std::size_t at = 0; at < text.size();) {
            const auto [index, end] = finder.longest(text, at);
            if (index < 0) {
                ++at;
                continue;
            }
            const AddedToken& token = tokens_[static_cast<std::size_t>(index)];
            const std::size_t start = at;
            at = end;
            if ((token.special && !allow_special) || (token.single_word && !alone(text, start, end)))
                continue;
            std::size_t from = start, to = end;
            if (token.lstrip)
                while (from > begin && detail::is_space_unit(detail::unit_before(text, from)))
                    from -= detail::unit_before(text, from).size;
            if (token.rstrip)
                while (to < text.size() && detail::is_space_unit(detail::decode_utf8(text, to)))
                    to += detail::decode_utf8(text, to).size;
            if (begin < from) f(detail::Segment{text.substr(begin, from - begin), -1});
            f(detail::Segment{text.substr(start, end - start), token.id});
            begin = to;
        }
        if (begin < text.size()) f(detail::Segment{text.substr(begin), -1});
    }

private:
    static bool alone(std::string_view text, std::size_t begin, std::size_t end) {
        return (begin == 0 || !is_word_character(detail::unit_before(text, begin).point)) &&
               (end == text.size() || !is_word_character(detail::decode_utf8(text, end).point));
    }

    std::vector<AddedToken> tokens_;
    std::vector<std::string> normalized_;
    detail::PrefixTrie finders_[2];  // the second of normalized ones
    std::map<std::string, std::size_t, std::less<>> by_text_;
    std::map<int64_t, std::size_t> by_id_;
};

}
