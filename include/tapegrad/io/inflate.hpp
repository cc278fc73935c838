// What deflate compressed (RFC 1951). The data is hostile: it is never read past its end, and what comes out
// never passes the limit that the caller knows.
#pragma once

#include <algorithm>
#include <vector>

#include "bytes.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Why compressed data was refused, and how many bytes into it. A reader of files makes an IoError of it.
struct InflateFailure {
    std::int64_t offset;
    const char* reason;
};

namespace detail {

/// Bits of a byte sequence, the least significant of each byte first.
class BitReader {
public:
    explicit BitReader(Bytes in) : in_(in) {}

    /// Bytes begun so far.
    std::size_t position() const { return at_ - static_cast<std::size_t>(count_ / 8); }
    [[noreturn, gnu::cold]] void fail(const char* reason) const {
        throw InflateFailure{static_cast<std::int64_t>(position()), reason};
    }
    /// The next n <= 32 bits; zeros behind the end.
    std::uint32_t peek(int n) {
        while (count_ <= 56 && at_ < in_.size()) {
            bits_ |= static_cast<std::uint64_t>(in_[at_++]) << count_;
            count_ += 8;
        }
        return static_cast<std::uint32_t>(bits_ & ((std::uint64_t{1} << n) - 1));
    }
    void drop(int n) {
        if (n > count_) fail("the compressed data ends early");
        bits_ >>= n;
        count_ -= n;
    }
    std::uint32_t take(int n) {
        const std::uint32_t value = peek(n);
        drop(n);
        return value;
    }
    void to_byte() { drop(count_ % 8); }

private:
    Bytes in_;
    std::size_t at_ = 0;
    std::uint64_t bits_ = 0;
    int count_ = 0;
};

/// A canonical Huffman code of at most 15 bits.
class HuffmanCode {
public:
    /// From the length of each symbol's code, 0 for none. `lonely`: one symbol alone may leave the code
    /// incomplete. False when the lengths make no code.
    bool build(std::span<const std::uint8_t> lengths, bool lonely) {
        count_.fill(0);
        for (const std::uint8_t n : lengths) ++count_[n];
        count_[0] = 0;
        int left = 1, longest = 0;
        for (std::size_t n = 1; n <= 15; ++n) {
            left = 2 * left - count_[n];
            if (left < 0) return false;
            if (count_[n] != 0) longest = static_cast<int>(n);
        }
        if (left > 0 && !(lonely && longest <= 1)) return false;
        std::array<std::uint16_t, 16> next{}, code{};
        for (std::size_t n = 1; n < 15; ++n) {
            next[n + 1] = static_cast<std::uint16_t>(next[n] + count_[n]);
            code[n + 1] = static_cast<std::uint16_t>((code[n] + count_[n]) << 1);
        }
        fast_.fill({0, 0});
        for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
            const std::uint8_t n = lengths[symbol];
            if (n == 0) continue;
            symbols_[next[n]++] = static_cast<std::uint16_t>(symbol);
            std::size_t reversed = 0;
            for (int bit = 0, c = code[n]; bit < n; ++bit, c >>= 1)
                reversed = reversed << 1 | static_cast<std::size_t>(c & 1);
            ++code[n];
            if (n <= fast_bits)
                for (std::size_t i = reversed; i < fast_.size(); i += std::size_t{1} << n)
                    fast_[i] = {static_cast<std::uint16_t>(symbol), n};
        }
        return true;
    }

    int read(BitReader& in) const {
        std::uint32_t bits = in.peek(15);
        const Entry entry = fast_[bits & (fast_.size() - 1)];
        if (entry.length != 0) {
            in.drop(entry.length);
            return entry.symbol;
        }
        // Codes of one length are consecutive numbers: `first` is the lowest, `index` where its symbol lies.
        int code = 0, first = 0, index = 0;
        for (std::size_t n = 1; n <= 15; ++n, bits >>= 1) {
            code = code << 1 | static_cast<int>(bits & 1);
            first <<= 1;
            const int count = count_[n];
            if (code - first < count) {
                in.drop(static_cast<int>(n));
                return symbols_[static_cast<std::size_t>(index + code - first)];
            }
            index += count;
            first += count;
        }
        in.fail("a code that stands for nothing");
    }

private:
    static constexpr int fast_bits = 10;
    struct Entry {
        std::uint16_t symbol;
        std::uint8_t length;
    };
    std::array<Entry, 1 << fast_bits> fast_{};
    std::array<std::uint16_t, 288> symbols_{};
    std::array<std::uint16_t, 16> count_{};
};

class Inflater {
public:
    Inflater(Bytes in, std::int64_t limit, bool cut) : in_(in), limit_(limit), cut_(cut) {}

    /// Until the last block ends, or at the limit when it may cut.
    std::vector<std::byte> run(std::int64_t& used) {
        bool last = false;
        while (!last && !full()) {
            last = in_.take(1) != 0;
            switch (in_.take(2)) {
                case 0:
                    stored();
                    break;
                case 1:
                    fixed();
                    break;
                case 2:
                    dynamic();
                    break;
                default:
                    in_.fail("a block of an unknown type");
            }
        }
        used = static_cast<std::int64_t>(in_.position());
        return std::move(out_);
    }

private:
    bool full() const { return cut_ && static_cast<std::int64_t>(out_.size()) >= limit_; }
    void put(std::byte b) {
        if (static_cast<std::int64_t>(out_.size()) >= limit_) in_.fail("more comes out than belongs there");
        out_.push_back(b);
    }

    void stored() {
        in_.to_byte();
        const std::uint32_t length = in_.take(16), inverse = in_.take(16);
        if ((length ^ inverse) != 0xFFFF) in_.fail("the length of a stored block is damaged");
        for (std::uint32_t i = 0; i < length && !full(); ++i) put(static_cast<std::byte>(in_.take(8)));
    }
    void fixed() {
        std::array<std::uint8_t, 288> literals{};
        for (std::size_t i = 0; i < 288; ++i) literals[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
        std::array<std::uint8_t, 32> distances{};
        distances.fill(5);
        literals_.build(literals, false);
        distances_.build(distances, false);
        block();
    }
    void dynamic() {
        const std::size_t literals = in_.take(5) + 257, distances = in_.take(5) + 1, codes = in_.take(4) + 4;
        if (literals > 286 || distances > 30) in_.fail("too many symbols");
        constexpr std::uint8_t order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
        std::array<std::uint8_t, 320> lengths{};
        for (std::size_t i = 0; i < codes; ++i) lengths[order[i]] = static_cast<std::uint8_t>(in_.take(3));
        if (!literals_.build(std::span(lengths).first(19), false)) in_.fail("code lengths that fit no code");
        const HuffmanCode& code = literals_;
        lengths.fill(0);
        for (std::size_t i = 0; i < literals + distances;) {
            const int symbol = code.read(in_);
            if (symbol < 16) {
                lengths[i++] = static_cast<std::uint8_t>(symbol);
                continue;
            }
            if (symbol == 16 && i == 0) in_.fail("a repetition of nothing");
            const std::uint8_t repeated = symbol == 16 ? lengths[i - 1] : std::uint8_t{0};
            const std::size_t n = symbol == 16   ? 3 + in_.take(2)
                                  : symbol == 17 ? 3 + in_.take(3)
                                                 : 11 + in_.take(7);
            if (n > literals + distances - i) in_.fail("a repetition past the last symbol");
            std::fill_n(lengths.begin() + static_cast<std::ptrdiff_t>(i), n, repeated);
            i += n;
        }
        if (lengths[256] == 0) in_.fail("a block that cannot end");
        if (!literals_.build(std::span(lengths).first(literals), true) ||
            !distances_.build(std::span(lengths).subspan(literals, distances), true))
            in_.fail("code lengths that fit no code");
        block();
    }
    void block() {
        constexpr std::uint16_t length_base[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                 15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                 67, 83, 99, 115, 131, 163, 195, 227, 258};
        constexpr std::uint8_t length_bits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
        constexpr std::uint16_t distance_base[] = {
            1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
            193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
        while (!full()) {
            const int symbol = literals_.read(in_);
            if (symbol < 256) {
                put(static_cast<std::byte>(symbol));
                continue;
            }
            if (symbol == 256) return;
            const auto l = static_cast<std::size_t>(symbol - 257);
            if (l >= std::size(length_base)) in_.fail("a length that stands for nothing");
            const std::uint32_t length = length_base[l] + in_.take(length_bits[l]);
            const auto d = static_cast<std::size_t>(distances_.read(in_));
            if (d >= std::size(distance_base)) in_.fail("a distance that stands for nothing");
            const std::uint32_t distance =
                distance_base[d] + in_.take(d < 2 ? 0 : static_cast<int>(d / 2 - 1));
            if (distance > out_.size()) in_.fail("a distance to before the beginning");
            for (std::uint32_t i = 0; i < length && !full(); ++i) put(out_[out_.size() - distance]);
        }
    }

    BitReader in_;
    std::int64_t limit_;
    bool cut_;
    std::vector<std::byte> out_;
    HuffmanCode literals_, distances_;
};

}

/// The bytes of a raw deflate stream; `used` is how many of `in` it has. At most `limit` come out: more are
/// refused, or with `cut` not looked at.
/// Throws   InflateFailure
inline std::vector<std::byte> inflate(Bytes in, std::int64_t limit, std::int64_t& used, bool cut = false) {
    return detail::Inflater(in, limit, cut).run(used);
}

}
