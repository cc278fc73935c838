#include <tapegrad/text/utf8.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace tapegrad;

namespace {
std::vector<char32_t> points(std::string_view text) {
    std::vector<char32_t> out;
    detail::for_each_point(text, [&](char32_t p, std::string_view) { out.push_back(p); });
    return out;
}
}

TEST_CASE("utf8: every code point there and back") {
    for (char32_t p = 0; p < 0x110000; ++p) {
        if (p == 0xD800) p = 0xE000;
        std::string text;
        append_utf8(text, p);
        const detail::Utf8Unit unit = detail::decode_utf8(text, 0);
        if (unit.point != p || unit.size != text.size()) FAIL_CHECK("U+" << static_cast<unsigned>(p));
    }
}

TEST_CASE("utf8: malformed units are the longest beginnings that cannot go on") {
    const char32_t x = replacement_character;
    CHECK(points("a\xFFz") == std::vector<char32_t>{'a', x, 'z'});
    CHECK(points("\xC0\x80") == std::vector<char32_t>{x, x});
    CHECK(points("\xE2\x82") == std::vector<char32_t>{x});
    CHECK(points("\xE2\x82z") == std::vector<char32_t>{x, 'z'});
    CHECK(points("\xED\xA0\x80") == std::vector<char32_t>{x, x, x});
    CHECK(points("\xF0\x9F\x98") == std::vector<char32_t>{x});
    CHECK(points("\xF0\x9F\x98\xF0\x9F\x98\x80") == std::vector<char32_t>{x, 0x1F600});
    CHECK(points("\xF4\x90\x80\x80") == std::vector<char32_t>{x, x, x, x});
    CHECK(points("\xF1\x80\x80\xE1\x80\xC2\x62\x80") == std::vector<char32_t>{x, x, x, 'b', x});
    CHECK(replace_malformed("a\xE2\x82 b") == "a\uFFFD b");
}

TEST_CASE("utf8: what more bytes could complete") {
    CHECK(incomplete_utf8("") == 0);
    CHECK(incomplete_utf8("a") == 0);
    CHECK(incomplete_utf8("a\xC3") == 1);
    CHECK(incomplete_utf8("a\xC3\xA4") == 0);
    CHECK(incomplete_utf8("a\xE2") == 1);
    CHECK(incomplete_utf8("a\xE2\x82") == 2);
    CHECK(incomplete_utf8("\xF0\x9F\x98") == 3);
    CHECK(incomplete_utf8("\xF0\x9F\x98\x80") == 0);
    CHECK(incomplete_utf8("\x80\x80\x80\x80") == 0);
    CHECK(incomplete_utf8("\xFF") == 0);
    CHECK(incomplete_utf8("\xC0") == 0);
    CHECK(incomplete_utf8("\xED\xA0") == 0);
    CHECK(incomplete_utf8("\xF4\x90") == 0);
}
