#include <tapegrad/io/inflate.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/deflate.hpp>

using namespace tapegrad;

namespace {

std::string inflated(const std::string& in, std::int64_t limit = 1 << 20) {
    std::int64_t used = 0;
    const auto out = inflate(as_bytes(in), limit, used);
    CHECK(used <= static_cast<std::int64_t>(in.size()));
    return {reinterpret_cast<const char*>(out.data()), out.size()};
}
/// Why and where it is refused.
std::string refused(const std::string& in, std::int64_t limit = 1 << 20) {
    try {
        return "not refused: " + inflated(in, limit);
    } catch (const InflateFailure& failure) {
        return std::to_string(failure.offset) + ": " + failure.reason;
    }
}
/// Bits from the text of zeros and ones, in the order in which they are read; spaces separate.
std::string bits(std::string_view text) {
    std::string out;
    int n = 0;
    for (const char c : text) {
        if (c == ' ') continue;
        if (n % 8 == 0) out += '\0';
        if (c == '1') out.back() = static_cast<char>(out.back() | 1 << (n % 8));
        ++n;
    }
    return out;
}

}

TEST_CASE("inflate: stored and fixed blocks by hand") {
    CHECK(inflated(std::string("\x01\x03\x00\xfc\xff"
                               "abc",
                               8)) == "abc");
    // 'a' is code 0x30 + 0x61, the end of the block 0000000.
    CHECK(inflated(bits("1 10 10010001 0000000")) == "a");
    // Three more of distance 1: length code 257, distance code 0.
    CHECK(inflated(bits("1 10 10010001 0000001 00000 0000000")) == "aaaa");
    // Two blocks: one that is not the last, then one.
    CHECK(inflated(bits("0 10 10010001 0000000 1 10 10010010 0000000")) == "ab");
    CHECK(inflated(bits("1 10 0000000")).empty());
}

TEST_CASE("inflate: what is damaged is refused with its place") {
    CHECK(refused("") == "0: the compressed data ends early");
    CHECK(refused(bits("1 11")) == "1: a block of an unknown type");
    CHECK(refused(std::string("\x01\x03\x00\xfc\xfe"
                              "abc",
                              8)) == "5: the length of a stored block is damaged");
    CHECK(refused(std::string("\x01\x03\x00\xfc\xff"
                              "ab",
                              7)) == "7: the compressed data ends early");
    CHECK(refused(bits("1 10 10010001 0000001 00001 0000000")) == "3: a distance to before the beginning");
    CHECK(refused(bits("1 10 10010001 0000001 11110 0000000")) == "3: a distance that stands for nothing");
    CHECK(refused(bits("1 10 11000110 00000000")) == "2: a length that stands for nothing");
    CHECK(refused(bits("1 10 10010001 0000001 00000 0000000"), 3) == "3: more comes out than belongs there");
    // Dynamic blocks: 257 + 31 literals; code lengths all 0; all of 1 bit.
    CHECK(refused(bits("1 01 11111 00000 0000")) == "3: too many symbols");
    CHECK(refused(bits("1 01 00000 00000 0000 000 000 000 000")) == "4: code lengths that fit no code");
    CHECK(refused(bits("1 01 00000 00000 0000 100 100 100 000")) == "4: code lengths that fit no code");
    // Codes for 16 and 0, of 1 bit each: the first says "again" before there was anything.
    CHECK(refused(bits("1 01 00000 00000 0000 100 000 000 100 1 00")) == "4: a repetition of nothing");
    // Codes for 18 and 0: zeros past the last symbol; and all lengths 0, so that no block ends.
    CHECK(refused(bits("1 01 00000 00000 0000 000 000 100 100 1 1111111 1 1111111")) ==
          "6: a repetition past the last symbol");
    CHECK(
        refused(bits("1 01 00000 00000 0000 000 000 100 100 1 1111111 1 1011011 0 0 0 0 0 0 0 0 0 0 0 0")) ==
        "6: a block that cannot end");
}

TEST_CASE("inflate: at a limit it stops, or refuses") {
    const std::string in = deflate(as_bytes(std::string(100'000, 'x')));
    std::int64_t used = 0;
    CHECK(inflate(as_bytes(in), 17, used, true).size() == 17);
    CHECK(inflated(in, 100'000).size() == 100'000);
    CHECK(refused(in, 99'999).ends_with("more comes out than belongs there"));
}

TEST_CASE("inflate: every prefix and every flipped bit ends in an answer") {
    std::string text;
    for (int i = 0; i < 300; ++i) text += "value " + std::to_string(i * i) + "; ";
    const std::string in = deflate(as_bytes(text));
    CHECK(inflated(in) == text);
    for (std::size_t n = 0; n < in.size(); ++n) CHECK(!refused(in.substr(0, n)).starts_with("not"));
    int changed = 0;
    for (std::size_t i = 0; i < 8 * in.size(); ++i) {
        std::string flipped = in;
        flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
        changed += refused(flipped, 1 << 16) != "not refused: " + text ? 1 : 0;
    }
    // The bits that fill up the last byte, and the length of an empty block's padding, say nothing.
    CHECK(changed > static_cast<int>(8 * in.size()) - 16);
}
