#include <tapegrad/ops/stored_blocks.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <tapegrad/io/gguf_blocks.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

using Blocks = std::vector<std::uint8_t>;

/// Blocks of `size` bytes whose scales are all finite, all other bytes anything.
Blocks some_blocks(std::size_t count, std::size_t size) {
    Blocks bytes(count * size);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 151 + i / 251);
    for (std::size_t b = 0; b < count; ++b) bytes[b * size + 1] &= 0xb7;
    return bytes;
}
Tensor<float> decoded(const Blocks& blocks, std::size_t size, int64_t out, int64_t in,
                      void (*decode)(const std::uint8_t*, float*)) {
    Tensor<float> y = empty<float>({out, in});
    for (std::size_t b = 0; b * size < blocks.size(); ++b)
        decode(blocks.data() + b * size, detail::output(y) + 32 * b);
    return y;
}

}

TEST_CASE("stored_blocks: what the blocks say, and products with it") {
    constexpr int64_t out = 9, in = 96;
    const Blocks eight = some_blocks(27, 34), four = some_blocks(27, 18);
    const auto q = quantized_q8_0(eight, out, in);
    const auto h = quantized_q4_0(four, out, in);
    const auto wide = decoded(eight, 34, out, in, detail::decode_q8_0),
               half = decoded(four, 18, out, in, detail::decode_q4_0);
    CHECK(support::close(dequantize(q), wide, 0));
    CHECK(support::close(dequantize(h), half, 0));
    CHECK(q.group == 32);
    CHECK(h.shape() == Shape{out, in});
    const auto x = support::normal<float>({2, in});
    CHECK(support::close(linear(x, q), linear(x, wide), 1e-3));
    CHECK(support::close(linear(x, h), linear(x, half), 1e-3));
    CHECK(dequantize(quantized_q8_0({}, 0, 64)).shape() == Shape{0, 64});
    CHECK(dequantize(quantized_q4_0({}, 3, 0)).shape() == Shape{3, 0});
}

TEST_CASE("stored_blocks: errors") {
    Blocks eight = some_blocks(2, 34), four = some_blocks(2, 18);
    CHECK(message<ShapeError>([&] { quantized_q8_0(eight, 2, 33); }) ==
          "quantized_q8_0: a matrix (2, 33) has no rows of whole blocks of 32");
    CHECK(message<ShapeError>([&] { quantized_q4_0(four, -2, 32); }) ==
          "quantized_q4_0: a matrix (-2, 32) has no rows of whole blocks of 32");
    CHECK(message<ValueError>([&] { quantized_q8_0(eight, 3, 32); }) ==
          "quantized_q8_0: a matrix (3, 32) is 102 bytes of blocks, not 68");
    CHECK(message<ValueError>([&] { quantized_q4_0(eight, 1, 64); }) ==
          "quantized_q4_0: a matrix (1, 64) is 36 bytes of blocks, not 68");
    CHECK_THROWS_AS(quantized_q4_0(four, int64_t{1} << 60, int64_t{1} << 60), Error);
    eight[35] = 0x7c;  // inf
    eight[34] = 0;
    CHECK(message<ValueError>([&] { quantized_q8_0(eight, 2, 32); }) ==
          "quantized_q8_0: the scale of block 1 is not finite");
    four[1] = 0x7e;  // NaN
    CHECK(message<ValueError>([&] { quantized_q4_0(four, 1, 64); }) ==
          "quantized_q4_0: the scale of block 0 is not finite");
}
