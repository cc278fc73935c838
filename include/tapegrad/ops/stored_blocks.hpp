// Weights in 8 and 4 bits from the blocks in which GGUF files hold them, without a way through floats.
#pragma once

#include "stored_linear.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Splits blocks of 32 elements, a scale in float16 and `numbers` bytes behind it, into scales and numbers.
template <std::same_as<float> T>
void split_blocks(const char* op, std::span<const std::uint8_t> blocks, int64_t out, int64_t in,
                  int64_t numbers, std::uint8_t* values, T* scales) {
    const int64_t count = out * (in / 32), size = numbers + 2;
    parallel_for(count, 2048, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b) {
            const std::uint8_t* const from = blocks.data() + b * size;
            scales[b] = float16::from_bits(static_cast<std::uint16_t>(from[0] | from[1] << 8));
            std::memcpy(values + b * numbers, from + 2, static_cast<std::size_t>(numbers));
        }
    });
    for (int64_t b = 0; b < count; ++b)
        if (!std::isfinite(scales[b])) fail<ValueError>(op, "the scale of block ", b, " is not finite");
}
/// Throws   ShapeError: rows that are no whole blocks; ValueError: too many blocks or too few
inline void check_blocks(const char* op, std::span<const std::uint8_t> blocks, int64_t out, int64_t in,
                         int64_t size) {
    if (out < 0 || in < 0 || in % 32 != 0)
        fail<ShapeError>(op, "a matrix (", out, ", ", in, ") has no rows of whole blocks of 32");
    const int64_t wanted = numel_of(Shape{out, in / 32, size});  // checked for overflow
    if (static_cast<int64_t>(blocks.size()) != wanted)
        fail<ValueError>(op, "a matrix (", out, ", ", in, ") is ", wanted, " bytes of blocks, not ",
                         blocks.size());
}

}

/// The matrix of blocks of GGUF's Q8_0: for 32 neighbours in a row a scale in float16 and 32 bytes.
/// Shape    blocks (out * in / 32 * 34) -> (out, in), groups of 32
/// Grad     none
/// Numeric  the very numbers and scales of the blocks
/// Throws   ShapeError: in is no multiple of 32; ValueError: another number of bytes, a scale that is not finite
/// See      quantize
template <std::same_as<float> T = float>
Quantized<T> quantized_q8_0(std::span<const std::uint8_t> blocks, int64_t out, int64_t in) {
    detail::check_blocks("quantized_q8_0", blocks, out, in, 34);
    Quantized<T> q{empty<std::uint8_t>({out, in}), empty<T>({out, in / 32}), 32};
    detail::split_blocks("quantized_q8_0", blocks, out, in, 32, detail::output(q.values),
                         detail::output(q.scales));
    return q;
}
/// The matrix of blocks of GGUF's Q4_0: for 32 neighbours in a row a scale in float16 and 16 bytes.
/// Shape    blocks (out * in / 32 * 18) -> (out, in)
/// Grad     none
/// Numeric  the very numbers and scales of the blocks
/// Throws   ShapeError: in is no multiple of 32; ValueError: another number of bytes, a scale that is not finite
/// See      quantize4
template <std::same_as<float> T = float>
Quantized4<T> quantized_q4_0(std::span<const std::uint8_t> blocks, int64_t out, int64_t in) {
    detail::check_blocks("quantized_q4_0", blocks, out, in, 18);
    Quantized4<T> q{empty<std::uint8_t>({out, in / 32, 16}), empty<T>({out, in / 32}), in};
    detail::split_blocks("quantized_q4_0", blocks, out, in, 16, detail::output(q.values),
                         detail::output(q.scales));
    return q;
}

}
