// The alphabet in which byte-level vocabularies are written: each byte has a printable character, its own
// where that is one, and one from U+0100 on where it is not (a space is "Ġ").
#pragma once

#include <array>
#include <optional>

#include "utf8.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

struct ByteAlphabet {
    std::array<char32_t, 256> characters{};
    std::array<std::int16_t, 0x144> bytes{};  // -1 for what is not in it

    constexpr ByteAlphabet() {
        bytes.fill(-1);
        char32_t next = 0x100;
        for (unsigned byte = 0; byte < 256; ++byte) {
            const bool printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
            characters[byte] = printable ? byte : next++;
            bytes[characters[byte]] = static_cast<std::int16_t>(byte);
        }
    }
};
inline constexpr ByteAlphabet byte_alphabet;

/// Bytes as a vocabulary writes them.
inline std::string bytes_to_characters(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) append_utf8(out, byte_alphabet.characters[static_cast<unsigned char>(c)]);
    return out;
}
/// Adds the bytes that a vocabulary's text stands for; false, and nothing added, where a character of it is
/// not in the alphabet.
inline bool append_bytes_of(std::string& out, std::string_view characters) {
    const std::size_t before = out.size();
    for (std::size_t at = 0; at < characters.size();) {
        const Utf8Unit unit = decode_utf8(characters, at);
        const int byte = unit.point < byte_alphabet.bytes.size() ? byte_alphabet.bytes[unit.point] : -1;
        if (byte < 0) {
            out.resize(before);
            return false;
        }
        out += static_cast<char>(static_cast<unsigned char>(byte));
        at += unit.size;
    }
    return true;
}

}
