#include <tapegrad/io/gguf_super_blocks.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

// The values of every type are compared with those of the gguf package in gguf.cpp.

TEST_CASE("gguf_super_blocks: scales and minima of 6 bits") {
    std::uint8_t packed[12]{};
    packed[1] = 0b10'000101;  // scale 1 is 5; high bits of scale 5
    packed[5] = 0b01'000111;  // min 1 is 7; high bits of min 5
    packed[9] = 0b1100'0011;  // low bits of min and scale 5
    CHECK(detail::scale_and_min(packed, 1).scale == 5);
    CHECK(detail::scale_and_min(packed, 1).min == 7);
    CHECK(detail::scale_and_min(packed, 5).scale == 0b10'0011);
    CHECK(detail::scale_and_min(packed, 5).min == 0b01'1100);
    CHECK(detail::scale_and_min(packed, 0).scale == 0);
}

TEST_CASE("gguf_super_blocks: a block of one scale") {
    float y[256];
    std::uint8_t block[210]{};
    detail::put_half(block + 208, 0.5F);
    for (int i = 0; i < 16; ++i) block[192 + i] = static_cast<std::uint8_t>(i);
    detail::decode_q6_k(block, y);
    for (int i = 0; i < 256; ++i) CHECK(y[i] == 0.5F * static_cast<float>(i / 16) * -32.0F);
}
