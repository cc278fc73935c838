#include <tapegrad/io/compression.hpp>

#include <doctest/doctest.h>

#include <utility>

#include <tapegrad/core/random.hpp>

#include "gzipped.hpp"

using namespace tapegrad;

namespace {

std::string text_of(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
template <class Inflate>
std::string answer(Inflate inflate_any) {
    try {
        return "not refused: " + text_of(inflate_any());
    } catch (const InflateFailure& failure) {
        return std::to_string(failure.offset) + ": " + failure.reason;
    }
}
std::string raw_answer(const std::string& in, std::int64_t limit = 1 << 20) {
    return answer([&] { return inflate_raw(as_bytes(in), limit); });
}
std::string gzip_answer(const std::string& in, std::int64_t limit = 1000, bool cut = false) {
    return answer([&] { return inflate_gzip(as_bytes(in), limit, cut); });
}

}

TEST_CASE("compression: a program without zlib says what to build with") {
    const detail::Compression there = std::exchange(detail::compression, {});
    const std::string reason =
        "it is compressed; to read and write such files, build with -DTAPEGRAD_WITH_ZLIB and -lz, in CMake "
        "with tapegrad::zlib";
    CHECK(raw_answer("abc") == "0: " + reason);
    CHECK(gzip_answer("abc") == "0: " + reason);
    CHECK_THROWS_WITH_AS(deflate_raw({}), ("deflate: the file cannot be written: " + reason).c_str(),
                         IoError);
    detail::compression = there;
}

TEST_CASE("compression: gzip is told by its first bytes") {
    CHECK(is_gzip(as_bytes(std::string("\x1f\x8b\x08"))));
    CHECK(!is_gzip(as_bytes(std::string("PK"))));
    CHECK(!is_gzip({}));
}

#ifdef TAPEGRAD_WITH_ZLIB

namespace {
void check_round_trip(const std::string& text) {
    CAPTURE(text.size());
    const std::string packed = deflate_raw(as_bytes(text));
    CHECK(text_of(inflate_raw(as_bytes(packed), static_cast<std::int64_t>(text.size()))) == text);
}
std::string noise(std::size_t n, std::uint32_t below) {
    std::vector<std::uint32_t> words(n);
    Generator generator(n);
    fill_bits(words.data(), static_cast<int64_t>(n), generator);
    std::string text;
    for (const std::uint32_t w : words) text += static_cast<char>(w % below);
    return text;
}
std::string with(std::string text, std::size_t at, char c) {
    text[at] = c;
    return text;
}
}

TEST_CASE("compression: whatever goes in comes out") {
    for (const unsigned n : {0u, 1u, 2u, 258u, 65535u, 65536u, 65537u, 131072u, 200'000u}) {
        check_round_trip(std::string(n, 'a'));
        check_round_trip(noise(n, 256));
        check_round_trip(noise(n, 2));
    }
    CHECK(deflate_raw(as_bytes(std::string(1 << 20, '\0'))).size() < 2000);
}

TEST_CASE("compression: damaged streams are refused with their place") {
    CHECK(raw_answer("") == "0: the compressed data ends early");
    CHECK(raw_answer("\x07") == "1: invalid block type");
    CHECK(raw_answer(std::string("\x01\x03\x00\xfc\xfe"
                                 "abc",
                                 8)) == "5: invalid stored block lengths");
    const std::string stored(
        "\x01\x03\x00\xfc\xff"
        "abc",
        8);
    CHECK(raw_answer(stored) == "not refused: abc");
    CHECK(raw_answer(stored.substr(0, 7)) == "7: the compressed data ends early");
    CHECK(raw_answer(stored + "x") == "8: bytes follow the compressed data");
    CHECK(raw_answer(stored, 3) == "not refused: abc");
    CHECK(raw_answer(stored, 2) == "8: more comes out than belongs there");
}

TEST_CASE("compression: what comes out is bounded") {
    const std::string in = deflate_raw(as_bytes(std::string(1'000'000, 'x')));
    CHECK(raw_answer(in, 1'000'000).size() == 1'000'000 + 13);
    for (const int limit : {0, 1, 65535, 65536, 65537, 999'999})
        CHECK(raw_answer(in, limit).ends_with("more comes out than belongs there"));
    // However much is allowed, memory follows what is there.
    CHECK(raw_answer(in, INT64_MAX).size() == 1'000'000 + 13);
    CHECK(raw_answer(in.substr(0, 20), INT64_MAX) == "20: the compressed data ends early");
}

TEST_CASE("compression: every prefix and every flipped bit ends in an answer") {
    std::string text;
    for (int i = 0; i < 300; ++i) text += "value " + std::to_string(i * i) + "; ";
    const std::string in = gzipped(text);
    CHECK(gzip_answer(in, 1 << 16) == "not refused: " + text);
    for (std::size_t n = 0; n < in.size(); ++n) CHECK(!gzip_answer(in.substr(0, n)).starts_with("not"));
    for (std::size_t i = 8 * 10; i < 8 * in.size(); ++i) {
        const std::string found =
            gzip_answer(with(in, i / 8, static_cast<char>(in[i / 8] ^ (1 << (i % 8)))), 1 << 16);
        // The bits that fill up the last byte say nothing.
        CHECK((!found.starts_with("not") || found == "not refused: " + text));
    }
}

TEST_CASE(
    "compression: gzip files with and without extra fields, a name, a comment and a checksum of the head") {
    const std::string good = gzipped("hello");
    CHECK(gzip_answer(good) == "not refused: hello");
    CHECK(gzip_answer(gzipped("hello", 8, std::string("name\0", 5))) == "not refused: hello");
    CHECK(gzip_answer(gzipped("hello", 28, std::string("\3\0abcname\0comment\0", 18))) ==
          "not refused: hello");
    CHECK(gzip_answer(good, 2, true) == "not refused: he");
    CHECK(gzip_answer(good, 0, true) == "not refused: ");
    CHECK(gzip_answer(good, 2).ends_with(": more comes out than belongs there"));
    CHECK(gzip_answer(with(good, 2, 7)).ends_with(": unknown compression method"));
    CHECK(gzip_answer(with(good, 3, '\x80')).ends_with(": unknown header flags set"));
    CHECK(gzip_answer("PK") == "2: incorrect header check");
    const std::size_t tail = good.size() - 8;
    CHECK(
        gzip_answer(with(good, tail, static_cast<char>(good[tail] + 1))).ends_with(": incorrect data check"));
    CHECK(gzip_answer(with(good, tail + 4, 6)).ends_with(": incorrect length check"));
    CHECK(gzip_answer(good + "x") == std::to_string(good.size()) + ": bytes follow the compressed data");
    CHECK(gzip_answer(std::string("\x1f\x8b\x08\x08\0\0\0\0\0\xff"
                                  "endless",
                                  17)) == "17: the compressed data ends early");
}

#endif
