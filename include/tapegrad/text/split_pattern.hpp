// Patterns by which a text is split, recognised by how they are written: there is no machine for regular
// expressions here, but a scanner for each pattern that tokenizers are known to use.
#pragma once

#include <optional>

#include "scanner.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Patterns by their names, as tokenizer.json writes them.
inline constexpr std::string_view gpt2_pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view cl100k_pattern =  // LLaMA 3 too
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view qwen2_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view o200k_pattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

namespace detail {

/// tiktoken's own way of writing cl100k: white space that ends a text is one piece.
inline constexpr std::string_view cl100k_tiktoken_pattern =
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s)";

/// Where the match of a pattern that begins at a place ends; the place itself where none begins there.
using Scan = std::size_t (*)(const Scanner&, std::size_t);

struct KnownPattern {
    std::string_view text;
    Scan scan;
};

template <WordPattern pattern>
std::size_t scan_words_as(const Scanner& s, std::size_t at) {
    return scan_words(s, at, pattern);
}
inline std::size_t scan_numbers3(const Scanner& s, std::size_t at) { return s.numbers(at, 3); }
inline std::size_t scan_number(const Scanner& s, std::size_t at) { return s.numbers(at, 1); }
inline std::size_t scan_all_numbers(const Scanner& s, std::size_t at) {
    return s.while_kind(at, kind::number);
}
inline std::size_t scan_space(const Scanner& s, std::size_t at) {
    const Scanned c = s.read(at);
    return c.is(kind::space) ? c.end : at;
}
inline std::size_t scan_spaces(const Scanner& s, std::size_t at) { return s.while_kind(at, kind::space); }
/// Two or more of U+0020.
inline std::size_t scan_two_spaces(const Scanner& s, std::size_t at) {
    std::size_t end = at;
    while (s.read(end).point == ' ') ++end;
    return end - at >= 2 ? end : at;
}
/// \w+|[^\w\s]+
inline std::size_t scan_word_or_signs(const Scanner& s, std::size_t at) {
    const auto sort_of = [](const Scanned& c) {
        return is_word_character(c.point) ? 1 : c.is(kind::space) ? 0 : 2;
    };
    Scanned c = s.read(at);
    const int sort = sort_of(c);
    if (sort == 0) return at;
    while (!s.ends(at) && sort_of(c) == sort) {
        at = c.end;
        c = s.read(at);
    }
    return at;
}
inline std::size_t scan_line_end(const Scanner& s, std::size_t at) {
    const Scanned c = s.read(at);
    return c.newline() ? c.end : at;
}
/// [一-龥぀-ゟ゠-ヿ]+
inline std::size_t scan_chinese_japanese(const Scanner& s, std::size_t at) {
    for (Scanned c = s.read(at);
         (c.point >= 0x4E00 && c.point <= 0x9FA5) || (c.point >= 0x3040 && c.point <= 0x30FF); c = s.read(at))
        at = c.end;
    return at;
}

inline constexpr WordPattern cl100k_words{}, cl100k_tiktoken_words{.whole_tail = true},
    qwen2_words{.digits = 1}, marked_words{.digits = 1, .word = kind::letter | kind::mark};

inline constexpr KnownPattern known_patterns[] = {
    // GPT-2, as it was published and as tiktoken writes it
    {gpt2_pattern, scan_gpt2},
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?[\p{N}]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", scan_gpt2},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", scan_gpt2},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s)", scan_gpt2},
    // cl100k and LLaMA 3
    {cl100k_pattern, scan_words_as<cl100k_words>},
    {R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)",
     scan_words_as<cl100k_words>},
    {cl100k_tiktoken_pattern, scan_words_as<cl100k_tiktoken_words>},
    // Qwen 2, and with marks Qwen 3.5
    {qwen2_pattern, scan_words_as<qwen2_words>},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     scan_words_as<marked_words>},
    {o200k_pattern, scan_o200k},
    // DeepSeek V3
    {R"(\p{N}{1,3})", scan_numbers3},
    {"[一-龥\u3040-ゟ゠-ヿ]+", scan_chinese_japanese},
    {R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     scan_deepseek},
    // CLIP
    {R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)", scan_clip},
    // simple ones
    {R"(\p{N})", scan_number},
    {R"(\p{N}+)", scan_all_numbers},
    {R"(\s)", scan_space},
    {R"(\s+)", scan_spaces},
    {" {2,}", scan_two_spaces},
    {R"([\r\n])", scan_line_end},
    {R"(\w+|[^\w\s]+)", scan_word_or_signs},
};

/// The scanner of a pattern, or null.
inline Scan find_pattern(std::string_view text) {
    for (const KnownPattern& p : known_patterns)
        if (p.text == text) return p.scan;
    return nullptr;
}

/// A part of a text, and whether the pattern matched it.
struct SplitPart {
    std::string_view text;
    bool match;
};

/// A scanner, or a text to be found as it stands.
struct SplitPattern {
    Scan scan = nullptr;
    std::string literal;

    /// Calls f(part) for each match and for what lies between two.
    template <class F>
    void parts(std::string_view text, F f) const {
        if (scan != nullptr) {
            const Scanner scanner(text);
            std::size_t begin = 0;  // of what did not match
            for (std::size_t at = 0; at < text.size();) {
                const std::size_t end = scan(scanner, at);
                if (end == at) {
                    at = scanner.read(at).end;
                    continue;
                }
                if (begin != at) f(SplitPart{text.substr(begin, at - begin), false});
                f(SplitPart{text.substr(at, end - at), true});
                begin = at = end;
            }
            if (begin != text.size()) f(SplitPart{text.substr(begin), false});
            return;
        }
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t found = literal.empty() ? text.npos : text.find(literal, at);
            if (found != at) f(SplitPart{text.substr(at, found == text.npos ? found : found - at), false});
            if (found == text.npos) return;
            f(SplitPart{text.substr(found, literal.size()), true});
            at = found + literal.size();
        }
    }
    /// The text with `content` in place of each match.
    std::string replaced(std::string_view text, std::string_view content) const {
        std::string out;
        out.reserve(text.size());
        parts(text, [&](SplitPart part) { out += part.match ? content : part.text; });
        return out;
    }
};

/// What becomes of the matches of a pattern.
enum class SplitBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

/// Splits a text and adds the pieces.
inline void split_text(std::string_view text, const SplitPattern& pattern, SplitBehavior behavior,
                       bool invert, std::vector<std::string_view>& out) {
    const auto join = [&](std::string_view part) {  // to the piece before, which it follows in memory
        out.back() = {out.back().data(), out.back().size() + part.size()};
    };
    const std::size_t first = out.size();
    bool before = false;
    pattern.parts(text, [&](SplitPart part) {
        const bool match = part.match != invert;
        const bool has = out.size() != first;
        switch (behavior) {
            case SplitBehavior::removed:
                if (!match) out.push_back(part.text);
                break;
            case SplitBehavior::isolated:
                out.push_back(part.text);
                break;
            case SplitBehavior::merged_with_previous:
                if (match && !before && has)
                    join(part.text);
                else
                    out.push_back(part.text);
                break;
            case SplitBehavior::merged_with_next:
                // Of a run of matches only the last belongs to what follows.
                if (!match && before)
                    join(part.text);
                else
                    out.push_back(part.text);
                break;
            case SplitBehavior::contiguous:
                if (match == before && has)
                    join(part.text);
                else
                    out.push_back(part.text);
                break;
        }
        before = match;
    });
}

}
}
