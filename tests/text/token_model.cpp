#include <tapegrad/text/token_model.hpp>

#include <doctest/doctest.h>

TEST_CASE("token model: tokens of bytes") {
    CHECK(tapegrad::detail::byte_token(0) == "<0x00>");
    CHECK(tapegrad::detail::byte_token(0xAF) == "<0xAF>");
}
