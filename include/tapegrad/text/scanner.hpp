// The patterns by which tokenizers cut a text into pieces, as scanners written by hand: each regards every
// character a bounded number of times, where a machine for regular expressions may go back without end.
#pragma once

#include "unicode.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// Properties of a character, as bits.
namespace kind {
inline constexpr std::uint8_t letter = 1, number = 2, space = 4, mark = 8, punctuation = 16, symbol = 32,
                              upper = 64,  // Lu Lt Lm Lo M: may stand in the capital part of a word
    small = 128;                           // Ll Lm Lo M: in the small part
}

constexpr std::uint8_t kind_of(Category c) {
    std::uint8_t k = 0;
    if (c <= Category::Lo) k |= kind::letter;
    if (c >= Category::Mn && c <= Category::Me) k |= kind::mark;
    if (c >= Category::Nd && c <= Category::No) k |= kind::number;
    if (c >= Category::Pc && c <= Category::Po) k |= kind::punctuation;
    if (c >= Category::Sm && c <= Category::So) k |= kind::symbol;
    if (c >= Category::Zs && c <= Category::Zp) k |= kind::space;
    const bool both = c == Category::Lm || c == Category::Lo || (k & kind::mark) != 0;
    if (both || c == Category::Lu || c == Category::Lt) k |= kind::upper;
    if (both || c == Category::Ll) k |= kind::small;
    return k;
}

/// The properties of every code point, those of ASCII near at hand.
struct KindTable {
    static const KindTable& get() {
        static const KindTable table;
        return table;
    }
    KindTable() {
        for (char32_t p = 0; p < 0x110000; ++p) {
            std::uint8_t k = kind_of(category_of(p));
            if ((p >= '\t' && p <= '\r') || p == 0x85) k = kind::space;
            all.assign(p, 1, k);
            if (p < 0x80) ascii[p] = k;
        }
        all.finish();
    }
    CodePointMap<std::uint8_t> all;
    std::uint8_t ascii[0x80]{};
};

/// A character of a text: its code point, its properties and the place behind it. Behind the text all are 0.
struct Scanned {
    char32_t point = 0;
    std::uint8_t kinds = 0;
    std::size_t end = 0;

    bool is(std::uint8_t mask) const { return (kinds & mask) != 0; }
    bool newline() const { return point == '\n' || point == '\r'; }
};

/// What all patterns are built of. A scanner returns where the match that begins at `at` ends, or `at` where
/// there is none.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text), kinds_(KindTable::get()) {}

    std::size_t size() const { return text_.size(); }

    TAPEGRAD_INLINE Scanned read(std::size_t at) const {
        if (at >= text_.size()) return {0, 0, at};
        const auto lead = static_cast<unsigned char>(text_[at]);
        if (lead < 0x80) return {lead, kinds_.ascii[lead], at + 1};
        const Utf8Unit unit = decode_multibyte(text_, at);
        return {unit.point, kinds_.all[unit.point], at + unit.size};
    }
    bool ends(std::size_t at) const { return at >= text_.size(); }

    /// Past all characters of a kind in `mask`.
    TAPEGRAD_INLINE std::size_t while_kind(std::size_t at, std::uint8_t mask) const {
        for (Scanned c = read(at); c.is(mask); c = read(at)) at = c.end;
        return at;
    }
    /// Past all characters of no kind in `mask`.
    TAPEGRAD_INLINE std::size_t while_not(std::size_t at, std::uint8_t mask) const {
        while (!ends(at)) {
            const Scanned c = read(at);
            if (c.is(mask)) break;
            at = c.end;
        }
        return at;
    }
    std::size_t while_newline(std::size_t at, bool slash = false) const {
        while (!ends(at) && (text_[at] == '\n' || text_[at] == '\r' || (slash && text_[at] == '/'))) ++at;
        return at;
    }
    /// Past at most `limit` numbers.
    std::size_t numbers(std::size_t at, int limit) const {
        for (Scanned c = read(at); limit > 0 && c.is(kind::number); c = read(at), --limit) at = c.end;
        return at;
    }
    /// Past 's 't 're 've 'm 'll 'd; with `any_case` also their capitals and the long s.
    std::size_t contraction(std::size_t at, bool any_case) const {
        if (ends(at) || text_[at] != '\'') return at;
        const auto letter = [&](std::size_t i) -> Scanned {
            Scanned c = read(i);
            if (any_case && c.point == 0x17F) c.point = 's';
            if (any_case && c.point >= 'A' && c.point <= 'Z') c.point += 32;
            return c;
        };
        const Scanned first = letter(at + 1);
        if (first.point == 's' || first.point == 't' || first.point == 'm' || first.point == 'd')
            return first.end;
        const Scanned second = letter(first.end);
        const bool two = (first.point == 'r' && second.point == 'e') ||
                         (first.point == 'v' && second.point == 'e') ||
                         (first.point == 'l' && second.point == 'l');
        return two ? second.end : at;
    }
    /// \s+(?!\S)|\s+ : a run of spaces without its last, which belongs to the word that follows.
    std::size_t spaces(std::size_t at) const {
        std::size_t last = at, end = at;
        for (Scanned c = read(end); c.is(kind::space); c = read(end)) {
            last = end;
            end = c.end;
        }
        return ends(end) || last == at ? end : last;
    }
    /// \s*[\r\n]+|\s+(?!\S)|\s+ : the same, after what reaches to the last end of a line in the run.
    /// With `whole_tail` the run that ends the text is never cut: \s++$ comes first.
    std::size_t spaces_and_lines(std::size_t at, bool whole_tail = false) const {
        std::size_t last = at, end = at, line = at;
        for (Scanned c = read(end); c.is(kind::space); c = read(end)) {
            last = end;
            end = c.end;
            if (c.newline()) line = end;
        }
        if (line != at && !(whole_tail && ends(end))) return line;
        return ends(end) || last == at ? end : last;
    }

private:
    std::string_view text_;
    const KindTable& kinds_;
};

/// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
inline std::size_t scan_gpt2(const Scanner& s, std::size_t at) {
    if (const std::size_t end = s.contraction(at, false); end != at) return end;
    const Scanned first = s.read(at);
    const std::size_t word = first.point == ' ' && !s.ends(first.end) ? first.end : at;
    const Scanned c = s.read(word);
    if (c.is(kind::letter)) return s.while_kind(c.end, kind::letter);
    if (c.is(kind::number)) return s.while_kind(c.end, kind::number);
    if (!c.is(kind::space)) return s.while_not(c.end, kind::letter | kind::number | kind::space);
    return s.spaces(at);
}

/// How the kin of cl100k differ.
struct WordPattern {
    int digits = 3;                    // so many make a piece
    std::uint8_t word = kind::letter;  // what words consist of
    bool whole_tail = false;           // spaces that end the text are one piece
};
/// What cl100k, LLaMA 3, Qwen 2 and their kin share:
/// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
/// \s*[\r\n]+|\s+(?!\S)|\s+
inline std::size_t scan_words(const Scanner& s, std::size_t at, WordPattern pattern) {
    if (const std::size_t end = s.contraction(at, true); end != at) return end;
    const Scanned first = s.read(at);
    const std::uint8_t word = pattern.word;
    // Where words have marks, one may also be the character before a word: the longest match is the same.
    if (first.is(word)) return s.while_kind(first.end, word);
    if (!first.is(kind::number) && !first.newline()) {
        const Scanned second = s.read(first.end);
        if (second.is(word)) return s.while_kind(second.end, word);
    }
    if (first.is(kind::number)) return s.numbers(at, pattern.digits);
    const Scanned c = first.point == ' ' && !s.ends(first.end) ? s.read(first.end) : first;
    const auto others = static_cast<std::uint8_t>(word | kind::number | kind::space);
    if (!c.is(others)) return s.while_newline(s.while_not(c.end, others));
    return s.spaces_and_lines(at, pattern.whole_tail);
}

/// The part of o200k that is a word, from behind the character before it, or `at`:
/// [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+
inline std::size_t scan_small_word(const Scanner& s, std::size_t at) {
    std::size_t end = at, both = at;  // behind the last character that may stand in either part
    for (Scanned c = s.read(end); c.is(kind::upper); c = s.read(end)) {
        end = c.end;
        if (c.is(kind::small)) both = end;
    }
    const std::size_t small = s.while_kind(end, kind::small);
    return small != end ? small : both;
}

/// o200k: a word is capitals and small letters in this order, with a contraction behind it.
/// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|
/// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|
/// \p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
inline std::size_t scan_o200k(const Scanner& s, std::size_t at) {
    const Scanned first = s.read(at);
    const bool before = !first.is(kind::letter | kind::number) && !first.newline();
    if (before) {
        const std::size_t end = scan_small_word(s, first.end);
        if (end != first.end) return s.contraction(end, true);
    }
    if (const std::size_t end = scan_small_word(s, at); end != at) return s.contraction(end, true);
    const std::size_t begin = before ? first.end : at;
    if (const std::size_t end = s.while_kind(begin, kind::upper); end != begin)
        return s.contraction(end, true);
    if (first.is(kind::number)) return s.numbers(at, 3);
    const Scanned c = first.point == ' ' && !s.ends(first.end) ? s.read(first.end) : first;
    constexpr std::uint8_t others = kind::letter | kind::number | kind::space;
    if (!c.is(others)) return s.while_newline(s.while_not(c.end, others), true);
    return s.spaces_and_lines(at);
}

/// DeepSeek V3, behind its cuts at numbers and at Chinese and Japanese:
/// [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
/// ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
inline std::size_t scan_deepseek(const Scanner& s, std::size_t at) {
    const Scanned first = s.read(at);
    const auto ascii_letter = [](char32_t p) { return (p | 32) >= 'a' && (p | 32) <= 'z'; };
    constexpr std::uint8_t word = kind::letter | kind::mark, sign = kind::punctuation | kind::symbol;
    if (first.point < 0x80 && first.is(sign)) {
        std::size_t end = first.end;
        for (Scanned c = s.read(end); ascii_letter(c.point); c = s.read(end)) end = c.end;
        if (end != first.end) return end;
    }
    if (!first.is(kind::letter | sign) && !first.newline() && !s.ends(at)) {
        const Scanned second = s.read(first.end);
        if (second.is(word)) return s.while_kind(second.end, word);
    }
    if (first.is(word)) return s.while_kind(first.end, word);
    const Scanned c = first.point == ' ' ? s.read(first.end) : first;
    if (c.is(sign)) return s.while_newline(s.while_kind(c.end, sign));
    return s.spaces_and_lines(at);
}

/// CLIP: 's|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
inline std::size_t scan_clip(const Scanner& s, std::size_t at) {
    if (const std::size_t end = s.contraction(at, false); end != at) return end;
    const Scanned c = s.read(at);
    if (c.is(kind::letter)) return s.while_kind(c.end, kind::letter);
    if (c.is(kind::number)) return c.end;
    if (!c.is(kind::space)) return s.while_not(c.end, kind::letter | kind::number | kind::space);
    return at;
}

}
