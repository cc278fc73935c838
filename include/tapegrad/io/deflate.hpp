// Compression for npz files and pictures: deflate (RFC 1951) with the fixed codes, repetitions found through
// a table of hashes, and stored blocks where nothing is won.
#pragma once

#include <algorithm>
#include <vector>

#include "bytes.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Bits, the least significant of each byte first.
class BitWriter {
public:
    explicit BitWriter(std::string& out) : out_(out) {}
    void put(std::uint32_t value, int n) {
        bits_ |= std::uint64_t{value} << count_;
        for (count_ += n; count_ >= 8; count_ -= 8, bits_ >>= 8) out_ += static_cast<char>(bits_ & 0xFF);
    }
    /// A Huffman code: its first bit is the most significant.
    void put_code(std::uint32_t code, int n) {
        std::uint32_t reversed = 0;
        for (int i = 0; i < n; ++i, code >>= 1) reversed = reversed << 1 | (code & 1);
        put(reversed, n);
    }
    void to_byte() {
        if (count_ > 0) put(0, 8 - count_);
    }

private:
    std::string& out_;
    std::uint64_t bits_ = 0;
    int count_ = 0;
};

/// A code of the fixed literals and lengths.
inline void put_fixed(BitWriter& out, std::uint32_t symbol) {
    if (symbol < 144)
        out.put_code(0x30 + symbol, 8);
    else if (symbol < 256)
        out.put_code(0x190 + symbol - 144, 9);
    else if (symbol < 280)
        out.put_code(symbol - 256, 7);
    else
        out.put_code(0xC0 + symbol - 280, 8);
}

/// `length` bytes again from `distance` back.
inline void put_repetition(BitWriter& out, std::uint32_t length, std::uint32_t distance) {
    // Of 4 (2) groups for each power of two, and the rest as it is.
    const auto split = [](std::uint32_t v, int per_power, std::uint32_t& group, int& bits) {
        bits = std::max(0, static_cast<int>(std::bit_width(v)) - 1 - per_power);
        group = static_cast<std::uint32_t>(bits << per_power) + (v >> bits);
        return v & ((1u << bits) - 1);
    };
    std::uint32_t group = 0;
    int bits = 0;
    if (length == 258) {
        put_fixed(out, 285);
    } else {
        const std::uint32_t rest = split(length - 3, 2, group, bits);
        put_fixed(out, 257 + group);
        out.put(rest, bits);
    }
    const std::uint32_t rest = split(distance - 1, 1, group, bits);
    out.put_code(group, 5);
    out.put(rest, bits);
}

/// Block by block: what is behind a block's beginning may be repeated from the one before.
class Deflater {
public:
    explicit Deflater(Bytes in) : in_(in), last_(std::size_t{1} << hash_bits, none) {}

    std::string run() {
        std::string out;
        BitWriter bits(out);
        std::size_t at = 0;
        do {
            const std::size_t end = std::min(at + block, in_.size());
            const bool final = end == in_.size();
            std::string packed;
            pack(packed, at, end, final);
            if (!packed.empty() && packed.size() < end - at) {
                // A block of codes need not begin at a byte; here each does, which costs a bit or two.
                out += packed;
            } else {
                bits.put(final ? 1 : 0, 3);
                bits.to_byte();
                append_little(out, static_cast<std::uint16_t>(end - at));
                append_little(out, static_cast<std::uint16_t>(~(end - at)));
                out.append(reinterpret_cast<const char*>(in_.data()) + at, end - at);
            }
            at = end;
        } while (at < in_.size());
        return out;
    }

private:
    static constexpr std::size_t block = 65535, none = ~std::size_t{0};
    static constexpr int hash_bits = 15;

    /// A block of codes, then an empty stored one that brings it to a byte.
    void pack(std::string& out, std::size_t at, std::size_t end, bool final) {
        BitWriter bits(out);
        bits.put(2, 3);  // not the last, fixed codes
        while (at < end) {
            const std::size_t length = end - at >= 4 ? repetition(at, end) : 0;
            if (length >= 4) {
                put_repetition(bits, static_cast<std::uint32_t>(length),
                               static_cast<std::uint32_t>(distance_));
                // Every second place is enough to be found again.
                for (std::size_t i = at + 1; i < at + length && end - i >= 4; i += 2) last_[hash(i)] = i;
                at += length;
            } else {
                put_fixed(bits, static_cast<std::uint32_t>(in_[at++]));
            }
        }
        put_fixed(bits, 256);
        bits.put(final ? 1 : 0, 3);
        bits.to_byte();
        out.append("\0\0\xFF\xFF", 4);
    }
    std::size_t hash(std::size_t at) const {
        return little<std::uint32_t>(in_.data() + at) * 2654435761u >> (32 - hash_bits);
    }
    /// The length of what begins at `at` and was there `distance_` before.
    std::size_t repetition(std::size_t at, std::size_t end) {
        std::size_t& slot = last_[hash(at)];
        const std::size_t before = std::exchange(slot, at);
        if (before == none || at - before > 32768) return 0;
        distance_ = at - before;
        const std::size_t most = std::min(end - at, std::size_t{258});
        std::size_t n = 0;
        while (n < most && in_[before + n] == in_[at + n]) ++n;
        return n;
    }

    Bytes in_;
    std::vector<std::size_t> last_;  // the last place of each hash of 4 bytes
    std::size_t distance_ = 0;
};

}

/// `data` as a raw deflate stream.
inline std::string deflate(Bytes data) { return detail::Deflater(data).run(); }

/// `data` as a zlib stream.
inline std::string deflate_zlib(Bytes data) {
    std::string out("\x78\x01", 2);
    out += deflate(data);
    detail::append_big(out, adler32(data));
    return out;
}

}
