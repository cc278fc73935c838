#include <tapegrad/text/byte_alphabet.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("byte alphabet: every byte there and back") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(static_cast<unsigned char>(byte));
    const std::string characters = detail::bytes_to_characters(all);
    std::string back = "x";
    CHECK(detail::append_bytes_of(back, characters));
    CHECK(back == "x" + all);
    CHECK(detail::bytes_to_characters(" a\n\xC3") == "\u0120a\u010a\u00c3");
    CHECK(detail::byte_alphabet.characters[0xAD] == 0x143);
}

TEST_CASE("byte alphabet: what is not in it") {
    std::string out = "x";
    CHECK(!detail::append_bytes_of(out, "ab c"));
    CHECK(!detail::append_bytes_of(out, "a\u0144"));
    CHECK(!detail::append_bytes_of(out, "a\xff"));
    CHECK(out == "x");
    CHECK(detail::append_bytes_of(out, ""));
}
