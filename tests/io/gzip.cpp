#include <tapegrad/io/gzip.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/deflate.hpp>

using namespace tapegrad;

namespace {

std::string gzipped(const std::string& text, int flags = 0, const std::string& more = "") {
    std::string out("\x1f\x8b\x08", 3);
    out += static_cast<char>(flags);
    out += std::string("\0\0\0\0\0\xff", 6) + more + deflate(as_bytes(text));
    detail::append_little(out, crc32(as_bytes(text)));
    detail::append_little(out, static_cast<std::uint32_t>(text.size()));
    return out;
}
template <class Inflate>
std::string refused(const std::string& in, Inflate inflate_any) {
    try {
        const auto out = inflate_any(as_bytes(in), 1000);
        return "not refused: " + std::string(reinterpret_cast<const char*>(out.data()), out.size());
    } catch (const InflateFailure& failure) {
        return std::to_string(failure.offset) + ": " + failure.reason;
    }
}
std::string gzip_answer(const std::string& in) {
    return refused(in, [](Bytes b, std::int64_t limit) { return inflate_gzip(b, limit); });
}
std::string zlib_answer(const std::string& in) {
    return refused(in, [](Bytes b, std::int64_t limit) { return inflate_zlib(b, limit); });
}
std::string with(std::string text, std::size_t at, char c) {
    text[at] = c;
    return text;
}

}

TEST_CASE("gzip: members with and without extra fields, a name, a comment and a checksum of the head") {
    CHECK(gzip_answer(gzipped("hello")) == "not refused: hello");
    CHECK(gzip_answer(gzipped("hello", 8, std::string("name\0", 5))) == "not refused: hello");
    CHECK(gzip_answer(gzipped("hello", 31, std::string("\3\0abcname\0comment\0hh", 20))) ==
          "not refused: hello");
    CHECK(is_gzip(as_bytes(gzipped(""))));
    CHECK(!is_gzip(as_bytes(std::string("PK"))));
    CHECK(inflate_gzip(as_bytes(gzipped("hello")), 2, true).size() == 2);
}

TEST_CASE("gzip: damaged files are refused with their place") {
    const std::string good = gzipped("hello");  // 10 of head, 10 of a stored block, 8 of tail
    REQUIRE(good.size() == 28);
    CHECK(gzip_answer(with(good, 2, 7)) == "0: no gzip file");
    CHECK(gzip_answer(with(good, 3, '\x80')) == "0: no gzip file");
    CHECK(gzip_answer(with(good, 15, 'H')) == "20: the checksum differs");
    CHECK(gzip_answer(with(good, 24, 6)) == "24: the length differs");
    CHECK(gzip_answer(good + "x") == "20: bytes follow the compressed data");
    CHECK(gzip_answer(std::string("\x1f\x8b\x08\x08\0\0\0\0\0\xff"
                                  "endless",
                                  17)) == "17: the head of the gzip file ends early");
    CHECK(gzip_answer(gzipped("hello", 4, "\xff\xff")) == "30: the gzip file ends early");
    CHECK(gzip_answer(gzipped(std::string(1001, 'a'))).ends_with(": more comes out than belongs there"));
    for (std::size_t n = 0; n < good.size(); ++n) CHECK(!gzip_answer(good.substr(0, n)).starts_with("not"));
}

TEST_CASE("gzip: zlib streams, whole and damaged") {
    const std::string good = deflate_zlib(as_bytes(std::string("hello")));
    REQUIRE(good.size() == 16);
    CHECK(zlib_answer(good) == "not refused: hello");
    CHECK(zlib_answer("hello") == "0: a zlib stream of fewer than 6 bytes");
    CHECK(zlib_answer(with(good, 0, 0x77)) == "0: no zlib stream");
    CHECK(zlib_answer(with(good, 1, 0x21)) == "0: no zlib stream");  // needs a dictionary
    CHECK(zlib_answer(with(good, 8, 'H')) == "12: the checksum differs");
    CHECK(zlib_answer(good.substr(0, 12) + "x" + good.substr(12)) == "12: bytes follow the compressed data");
    for (std::size_t n = 0; n < good.size(); ++n) CHECK(!zlib_answer(good.substr(0, n)).starts_with("not"));
}
