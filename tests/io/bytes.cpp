#include <tapegrad/io/bytes.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE("bytes: both orders") {
    std::string out;
    detail::append_little(out, std::uint32_t{0x01020304});
    detail::append_little(out, std::uint16_t{0x0605});
    CHECK(out == std::string("\x04\x03\x02\x01\x05\x06"));
    CHECK(detail::little<std::uint32_t>(out.data()) == 0x01020304);
    CHECK(detail::big<std::uint32_t>(out.data()) == 0x04030201);
    CHECK(detail::big<std::uint16_t>(out.data() + 4) == 0x0506);
    std::byte three[] = {std::byte{1}, std::byte{2}, std::byte{3}};
    detail::reverse_bytes(three, 1, 3);
    CHECK(three[0] == std::byte{3});
    CHECK(three[1] == std::byte{2});
}

TEST_CASE("bytes: checksums of the text that every standard tests with") {
    const std::string text = "123456789";
    CHECK(crc32(as_bytes(text)) == 0xCBF43926);
    CHECK(crc32c(as_bytes(text)) == 0xE3069283);
    CHECK(crc32({}) == 0);
    CHECK(crc32(as_bytes(text).subspan(4), crc32(as_bytes(text).first(4))) == 0xCBF43926);
    CHECK(crc32c(as_bytes(text).subspan(4), crc32c(as_bytes(text).first(4))) == 0xE3069283);
}
