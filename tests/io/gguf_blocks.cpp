#include <tapegrad/io/gguf_blocks.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

using namespace tapegrad;
using detail::decode_q8_0, detail::encode_q8_0, detail::decode_q4_0, detail::encode_q4_0;

// The values of every type are compared with those of the gguf package in gguf.cpp.

TEST_CASE("gguf_blocks: 8 bits come back within half a step") {
    float x[32], y[32];
    for (int i = 0; i < 32; ++i) x[i] = static_cast<float>(i * 7 % 32 - 16) / 3;
    std::uint8_t block[34];
    CHECK(encode_q8_0(x, block));
    decode_q8_0(block, y);
    const float step = detail::half_at(block);
    CHECK(step == doctest::Approx(16.0 / 3 / 127).epsilon(1e-3));
    for (int i = 0; i < 32; ++i) CHECK(std::fabs(x[i] - y[i]) <= step * 0.5F + 127 * step * 0x1p-11F);
}

TEST_CASE("gguf_blocks: halves are rounded away from 0") {
    float x[32]{127, 0.5F, -0.5F, 1.5F, -2.5F, 0.49999997F};
    std::uint8_t block[34];
    CHECK(encode_q8_0(x, block));
    const std::vector<int> wanted{127, 1, -1, 2, -3, 0, 0};
    for (std::size_t i = 0; i < wanted.size(); ++i)
        CHECK(static_cast<std::int8_t>(block[2 + i]) == wanted[i]);
}

TEST_CASE("gguf_blocks: 4 bits reach from -8 to 7 steps, towards the largest") {
    float x[32]{}, y[32];
    x[0] = 4;
    x[1] = -4;
    x[16] = 1;
    std::uint8_t block[18];
    CHECK(encode_q4_0(x, block));
    CHECK(detail::half_at(block) == -0.5F);
    decode_q4_0(block, y);
    CHECK(y[0] == 4);
    CHECK(y[1] == -3.5F);
    CHECK(y[16] == 1);
    CHECK(y[31] == 0);
}

TEST_CASE("gguf_blocks: zeros, what is tiny, and what is not finite") {
    const auto same = [](float value, bool fits) {
        float x[32], y[32];
        std::fill_n(x, 32, 1.0F);
        x[7] = value;
        std::uint8_t block[34];
        CHECK(encode_q8_0(x, block) == fits);
        CHECK(encode_q4_0(x, block) == fits);
        std::fill_n(x, 32, 0.0F);
        x[9] = value;
        CHECK(encode_q8_0(x, block) == fits);
        if (!fits) return;
        decode_q8_0(block, y);
        CHECK(y[0] == 0);
        CHECK(encode_q4_0(x, block));
        decode_q4_0(block, y);
        CHECK(y[0] == 0);
    };
    same(0, true);
    same(1e-45F, true);
    same(-1e-39F, true);
    same(1e4F, true);
    same(std::numeric_limits<float>::infinity(), false);
    same(-std::numeric_limits<float>::infinity(), false);
    same(std::numeric_limits<float>::quiet_NaN(), false);
    same(1e30F, false);  // the scale is above 65504
}
