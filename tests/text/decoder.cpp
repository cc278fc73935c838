#include <tapegrad/text/decoder.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

namespace {
using Tokens = std::vector<std::string>;
Tokens decode(const Decoder& decoder, Tokens tokens) {
    decoder.apply(tokens);
    return tokens;
}
}

TEST_CASE("decoder: bytes") {
    CHECK(decode(detail::DecodeByteLevel(), {"\u0120a", "\u00c3", "\u00a4", "<s> \u4e2d"}) ==
          Tokens{" a\u00e4<s> \u4e2d"});
    CHECK(decode(detail::DecodeByteFallback(), {"a", "<0xC3>", "<0xa4>", "b", "<0xC3>", "<0x41>"}) ==
          Tokens{"a", "\u00e4", "b", "\ufffd", "\ufffd"});
    CHECK(decode(detail::DecodeByteFallback(), {"<0x-1>", "<0xZZ>", "<0x41"}) ==
          Tokens{"<0x-1>", "<0xZZ>", "<0x41"});
}

TEST_CASE("decoder: spaces") {
    const std::string m(detail::metaspace);
    CHECK(decode(detail::DecodeMetaspace(m, true), {m + "a", m + "b"}) == Tokens{"a", " b"});
    CHECK(decode(detail::DecodeMetaspace(m, false), {m + "a"}) == Tokens{" a"});
    CHECK(decode(detail::DecodeReplace({nullptr, m}, " "), {m + "a" + m}) == Tokens{" a "});
    CHECK(decode(detail::DecodeStrip(" ", 1, 0), {"  a", "b"}) == Tokens{" a", "b"});
    CHECK(decode(detail::DecodeStrip("x", 0, 2), {"axxx", "x"}) == Tokens{"ax", ""});
    CHECK(decode(detail::DecodeFuse(), {"a", "b"}) == Tokens{"ab"});
    CHECK(decode(detail::DecodeWithSpaces(), {"a", "b"}) == Tokens{"a", " b"});
    CHECK(decode(detail::DecodeBpe("</w>"), {"a", "b</w>", "c</w>"}) == Tokens{"a", "b ", "c"});
}

TEST_CASE("decoder: word pieces") {
    CHECK(decode(detail::DecodeWordPiece("##", true), {"do", "##ing", "n't", ".", "x"}) ==
          Tokens{"do", "ing", "n't", ".", " x"});
    CHECK(decode(detail::DecodeWordPiece("##", false), {"##a", "."}) == Tokens{"##a", " ."});
}
