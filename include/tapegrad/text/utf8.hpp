// UTF-8, read and written. A text from outside may be malformed; what is done then is the same everywhere:
// the longest beginning of a character that cannot go on is one unit (of 1 to 3 bytes), as the Unicode
// standard recommends and Python's errors="replace" does. Tokenizers over bytes leave such a unit as it is,
// as something that is no letter, digit, space or mark; where characters are asked for it is U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "../core/config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

inline constexpr char32_t replacement_character = 0xFFFD;

namespace detail {

/// A code point and how many bytes it took; malformed ones are above every code point.
struct Utf8Unit {
    char32_t point;
    std::uint32_t size;
    bool malformed() const { return point > 0x10FFFF; }
};
inline constexpr char32_t malformed_point = 0xFFFFFFFF;

inline Utf8Unit decode_multibyte(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t k) -> unsigned {
        return at + k < text.size() ? static_cast<unsigned char>(text[at + k]) : 0;
    };
    const unsigned lead = byte(0);
    unsigned length = 0, low = 0x80, high = 0xBF;  // of the second byte
    if (lead >= 0xC2 && lead < 0xE0) {
        length = 2;
    } else if (lead >= 0xE0 && lead < 0xF0) {
        length = 3;
        if (lead == 0xE0) low = 0xA0;   // overlong below
        if (lead == 0xED) high = 0x9F;  // surrogates above
    } else if (lead >= 0xF0 && lead < 0xF5) {
        length = 4;
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;  // beyond U+10FFFF
    } else {
        return {malformed_point, 1};
    }
    char32_t point = lead & (0x7Fu >> length);
    for (unsigned k = 1; k < length; ++k) {
        const unsigned b = byte(k);
        if (b < low || b > high) return {malformed_point, k};
        low = 0x80;
        high = 0xBF;
        point = point << 6 | (b & 0x3F);
    }
    return {point, length};
}

/// The unit that begins at `at`, which must be inside of the text.
TAPEGRAD_INLINE Utf8Unit decode_utf8(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) return {lead, 1};
    return decode_multibyte(text, at);
}

/// Calls f(code point, bytes) for each unit; a malformed one is U+FFFD.
template <class F>
void for_each_point(std::string_view text, F f) {
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Unit unit = decode_utf8(text, at);
        f(unit.malformed() ? replacement_character : unit.point, text.substr(at, unit.size));
        at += unit.size;
    }
}

}

/// Adds a code point, which must be below U+110000 and no surrogate.
inline void append_utf8(std::string& out, char32_t point) {
    const auto put = [&](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | point >> 6);
        put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        put(0xE0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    } else {
        put(0xF0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3F));
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    }
}

/// The text with U+FFFD for every malformed unit.
inline std::string replace_malformed(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const detail::Utf8Unit unit = detail::decode_utf8(text, at);
        if (unit.malformed())
            append_utf8(out, replacement_character);
        else
            out.append(text, at, unit.size);
        at += unit.size;
    }
    return out;
}

/// How many bytes at the end of a text are the beginning of a character that more bytes could complete.
inline std::size_t incomplete_utf8(std::string_view text) {
    for (std::size_t n = 1; n <= 3 && n <= text.size(); ++n) {
        const auto byte = static_cast<unsigned char>(text[text.size() - n]);
        if ((byte & 0xC0) == 0x80) continue;
        const detail::Utf8Unit unit = detail::decode_utf8(text, text.size() - n);
        const unsigned length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1;
        return byte < 0xF5 && unit.malformed() && unit.size == n && n < length ? n : 0;
    }
    return 0;
}

}
