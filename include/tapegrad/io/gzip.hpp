// The wrappers of compressed data: zlib (RFC 1950), as PNG has it, and gzip (RFC 1952).
#pragma once

#include "inflate.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The bytes of a zlib stream, as PNG has it; its checksum is checked.
/// Throws   InflateFailure
inline std::vector<std::byte> inflate_zlib(Bytes in, std::int64_t limit) {
    if (in.size() < 6) throw InflateFailure{0, "a zlib stream of fewer than 6 bytes"};
    const unsigned head = detail::big<std::uint16_t>(in.data());
    if ((head >> 8 & 15) != 8 || head >> 12 > 7 || head % 31 != 0 || (head & 32) != 0)
        throw InflateFailure{0, "no zlib stream"};
    std::int64_t used = 0;
    std::vector<std::byte> out;
    try {
        out = inflate(in.subspan(2, in.size() - 6), limit, used);
    } catch (const InflateFailure& failure) {
        throw InflateFailure{failure.offset + 2, failure.reason};
    }
    if (used != static_cast<std::int64_t>(in.size()) - 6)
        throw InflateFailure{used + 2, "bytes follow the compressed data"};
    if (detail::big<std::uint32_t>(in.data() + in.size() - 4) != adler32(out))
        throw InflateFailure{used + 2, "the checksum differs"};
    return out;
}

/// True when the data begins as gzip's does.
inline bool is_gzip(Bytes in) {
    return in.size() >= 2 && in[0] == std::byte{0x1F} && in[1] == std::byte{0x8B};
}
/// The bytes of a gzip file of one member; its checksum and length are checked. With `cut`, its first `limit`
/// bytes, and no check.
/// Throws   InflateFailure
inline std::vector<std::byte> inflate_gzip(Bytes in, std::int64_t limit, bool cut = false) {
    const auto size = static_cast<std::int64_t>(in.size());
    const auto byte = [&](std::int64_t i) -> unsigned {
        if (i >= size) throw InflateFailure{size, "the head of the gzip file ends early"};
        return static_cast<unsigned>(in[static_cast<std::size_t>(i)]);
    };
    if (!is_gzip(in) || byte(2) != 8 || (byte(3) & 0xE0) != 0) throw InflateFailure{0, "no gzip file"};
    const unsigned flags = byte(3);
    std::int64_t at = 10;
    if ((flags & 4) != 0) at += 2 + static_cast<std::int64_t>(byte(at) | byte(at + 1) << 8);
    for (const unsigned text : {8u, 16u})  // a name, a comment
        if ((flags & text) != 0)
            while (byte(at++) != 0) {
            }
    if ((flags & 2) != 0) at += 2;
    if (size - at < 8) throw InflateFailure{size, "the gzip file ends early"};
    std::int64_t used = 0;
    std::vector<std::byte> out;
    try {
        out = inflate(in.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(size - at - 8)),
                      limit, used, cut);
    } catch (const InflateFailure& failure) {
        throw InflateFailure{failure.offset + at, failure.reason};
    }
    if (cut) return out;
    if (used != size - at - 8) throw InflateFailure{at + used, "bytes follow the compressed data"};
    const std::byte* const tail = in.data() + in.size() - 8;
    if (detail::little<std::uint32_t>(tail) != crc32(out))
        throw InflateFailure{size - 8, "the checksum differs"};
    if (detail::little<std::uint32_t>(tail + 4) != static_cast<std::uint32_t>(out.size()))
        throw InflateFailure{size - 4, "the length differs"};
    return out;
}

}
