// Tokens that are found in a text as they stand, before everything else: special ones and others that were
// added to a vocabulary.
#pragma once

#include <array>
#include <map>

#include "normalizer.hpp"
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

/// \w of Unicode.
inline bool is_word_character(char32_t p) {
    if (p < 0x80) return (p | 32) - 'a' < 26 || p - '0' < 10 || p == '_';
    const Category c = category_of(p);
    return c <= Category::Nl || c == Category::Pc || p == 0x200C || p == 0x200D ||
           (p >= 0x24B6 && p <= 0x24E9) || (p >= 0x1F130 && p <= 0x1F149) || (p >= 0x1F150 && p <= 0x1F169) ||
           (p >= 0x1F170 && p <= 0x1F189);
}
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

/// Finds the longest token at the leftmost place.
class TokenFinder {
public:
    bool empty() const { return nodes_.size() == 1; }
    void add(std::string_view text, std::size_t token) {
        std::size_t node = 0;
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if (node == 0) first_[byte] = true;
            const auto [found, fresh] = nodes_[node].next.try_emplace(byte, nodes_.size());
            node = found->second;
            if (fresh) nodes_.emplace_back();
        }
        nodes_[node].token = static_cast<std::ptrdiff_t>(token);
    }
    /// The token that begins at `at` and its end; -1 for none.
    std::pair<std::ptrdiff_t, std::size_t> match(std::string_view text, std::size_t at) const {
        std::pair<std::ptrdiff_t, std::size_t> best{-1, at};
        if (!first_[static_cast<unsigned char>(text[at])]) return best;
        for (std::size_t node = 0; at < text.size();) {
            const auto found = nodes_[node].next.find(static_cast<unsigned char>(text[at]));
            if (found == nodes_[node].next.end()) break;
            node = found->second;
            ++at;
            if (nodes_[node].token >= 0) best = {nodes_[node].token, at};
        }
        return best;
    }

private:
    struct Node {
        std::map<unsigned char, std::size_t> next;
        std::ptrdiff_t token = -1;
    };
    std::vector<Node> nodes_ = std::vector<Node>(1);
    std::array<bool, 256> first_{};
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
            if (!text.empty()) finders_[token.normalized ? 1 : 0].add(text, i);
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

    /// Cuts a text at the tokens that are normalized, or are not.
    template <class F>
    void split(std::string_view text, bool normalized, bool allow_special, F f) const {
        const detail::TokenFinder& finder = finders_[normalized ? 1 : 0];
        if (finder.empty()) return f(detail::Segment{text, -1});
        std::size_t begin = 0;  // of what is no token
        for (std::size_t at = 0; at < text.size();) {
            const auto [index, end] = finder.match(text, at);
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
        return (begin == 0 || !detail::is_word_character(detail::unit_before(text, begin).point)) &&
               (end == text.size() || !detail::is_word_character(detail::decode_utf8(text, end).point));
    }

    std::vector<AddedToken> tokens_;
    detail::TokenFinder finders_[2];
    std::map<std::string, std::size_t, std::less<>> by_text_;
    std::map<int64_t, std::size_t> by_id_;
};

}
