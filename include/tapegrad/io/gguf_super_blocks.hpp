// The blocks of 256 elements ("K") in which GGUF files hold quantised tensors: groups of 16 or 32 elements
// have a scale of a few bits, which counts in steps of the block's own float16.
//
// As in gguf_blocks.hpp, every product is exact.
// Source   the layouts of ggml, https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include "gguf_blocks.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// Scale and minimum of a group of 32, both of 6 bits, out of 12 bytes: the first four groups in the low bits
/// of a byte, the last four as 4 bits of one byte and the 2 high bits of another.
struct ScaleAndMin {
    float scale, min;
};
inline ScaleAndMin scale_and_min(const std::uint8_t* packed, int group) {
    if (group < 4)
        return {static_cast<float>(packed[group] & 63), static_cast<float>(packed[group + 4] & 63)};
    const int both = packed[group + 4];
    return {static_cast<float>((both & 15) | packed[group - 4] >> 6 << 4),
            static_cast<float>(both >> 4 | packed[group] >> 6 << 4)};
}

/// 16 x (scale, min) of 4 bits, 256 x 2 bits, d, dmin:  y = d scale q - dmin min
inline void decode_q2_k(const std::uint8_t* block, float* y) {
    const float d = half_at(block + 80), dmin = half_at(block + 82);
    for (int group = 0; group < 16; ++group) {
        const int row = group / 2, shift = row % 4 * 2;
        const float step = d * static_cast<float>(block[group] & 15);
        const float low = dmin * static_cast<float>(block[group] >> 4);
        const std::uint8_t* const from = block + 16 + row / 4 * 32 + group % 2 * 16;
        for (int i = 0; i < 16; ++i) *y++ = step * static_cast<float>(from[i] >> shift & 3) - low;
    }
}
/// 256 x the third bit, 256 x 2 bits, 16 scales of 6 bits in 12 bytes, d:  y = d (scale - 32) (q - 4)
inline void decode_q3_k(const std::uint8_t* block, float* y) {
    const float d = half_at(block + 108);
    const std::uint8_t* const packed = block + 96;
    for (int group = 0; group < 16; ++group) {
        const int row = group / 2, shift = row % 4 * 2;
        const int low = group < 8 ? packed[group] & 15 : packed[group - 8] >> 4;
        const int scale = (low | (packed[8 + group % 4] >> group / 4 * 2 & 3) << 4) - 32;
        const float step = d * static_cast<float>(scale);
        const std::uint8_t* const from = block + 32 + row / 4 * 32 + group % 2 * 16;
        const std::uint8_t* const third = block + group % 2 * 16;
        for (int i = 0; i < 16; ++i)
            *y++ = step * static_cast<float>(((from[i] >> shift & 3) | (third[i] >> row & 1) << 2) - 4);
    }
}
/// d, dmin, 8 x (scale, min) in 12 bytes, 256 x 4 bits:  y = d scale q - dmin min
inline void decode_q4_k(const std::uint8_t* block, float* y) {
    const float d = half_at(block), dmin = half_at(block + 2);
    for (int group = 0; group < 8; ++group) {
        const auto [scale, min] = scale_and_min(block + 4, group);
        const float step = d * scale, low = dmin * min;
        const std::uint8_t* const from = block + 16 + group / 2 * 32;
        for (int i = 0; i < 32; ++i) *y++ = step * static_cast<float>(from[i] >> group % 2 * 4 & 15) - low;
    }
}
/// d, dmin, 8 x (scale, min) in 12 bytes, 256 x the fifth bit, 256 x 4 bits:  y = d scale q - dmin min
inline void decode_q5_k(const std::uint8_t* block, float* y) {
    const float d = half_at(block), dmin = half_at(block + 2);
    for (int group = 0; group < 8; ++group) {
        const auto [scale, min] = scale_and_min(block + 4, group);
        const float step = d * scale, low = dmin * min;
        const std::uint8_t* const from = block + 48 + group / 2 * 32;
        for (int i = 0; i < 32; ++i) {
            const int q = (from[i] >> group % 2 * 4 & 15) | (block[16 + i] >> group & 1) << 4;
            *y++ = step * static_cast<float>(q) - low;
        }
    }
}
/// 256 x 4 bits, 256 x 2 bits, 16 x int8 scales, d:  y = d scale (q - 32)
inline void decode_q6_k(const std::uint8_t* block, float* y) {
    const float d = half_at(block + 208);
    for (int group = 0; group < 16; ++group) {
        const int row = group / 2, within = row % 4, at = group % 2 * 16;
        const int low_shift = within / 2 * 4, high_shift = within * 2;
        const float step = d * static_cast<float>(static_cast<std::int8_t>(block[192 + group]));
        const std::uint8_t* const low = block + row / 4 * 64 + within % 2 * 32 + at;
        const std::uint8_t* const high = block + 128 + row / 4 * 32 + at;
        for (int i = 0; i < 16; ++i)
            *y++ = step *
                   static_cast<float>(((low[i] >> low_shift & 15) | (high[i] >> high_shift & 3) << 4) - 32);
    }
}

}
