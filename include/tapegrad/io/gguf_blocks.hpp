// The blocks of 32 elements in which GGUF files hold quantised tensors: a scale in float16 and a few bits for
// each element. Elements come in pairs: the low half of a byte is one, the high half the one 16 further on.
//
// What a scale is multiplied with has so few bits that the product is a float exactly: the results do not
// depend on whether a compiler fuses a product with the sum behind it.
// Source   the layouts of ggml, https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <cmath>
#include <cstdint>

#include "../core/half.hpp"
#include "bytes.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

inline float half_at(const std::uint8_t* from) { return float16::from_bits(little<std::uint16_t>(from)); }
inline void put_half(std::uint8_t* to, float value) {
    const std::uint16_t bits = float16(value).bits();
    to[0] = static_cast<std::uint8_t>(bits & 0xFF);
    to[1] = static_cast<std::uint8_t>(bits >> 8);
}

/// d, 32 x int8:  y = d q
inline void decode_q8_0(const std::uint8_t* block, float* y) {
    const float d = half_at(block);
    for (int i = 0; i < 32; ++i) y[i] = d * static_cast<float>(static_cast<std::int8_t>(block[2 + i]));
}
/// d, 32 x 4 bits:  y = d (q - 8)
inline void decode_q4_0(const std::uint8_t* block, float* y) {
    const float d = half_at(block);
    for (int i = 0; i < 16; ++i) {
        y[i] = d * static_cast<float>((block[2 + i] & 15) - 8);
        y[16 + i] = d * static_cast<float>((block[2 + i] >> 4) - 8);
    }
}
/// d, m, 32 x 4 bits:  y = d q + m
inline void decode_q4_1(const std::uint8_t* block, float* y) {
    const float d = half_at(block), m = half_at(block + 2);
    for (int i = 0; i < 16; ++i) {
        y[i] = d * static_cast<float>(block[4 + i] & 15) + m;
        y[16 + i] = d * static_cast<float>(block[4 + i] >> 4) + m;
    }
}
/// d, the fifth bits of all, 32 x 4 bits:  y = d (q - 16)
inline void decode_q5_0(const std::uint8_t* block, float* y) {
    const float d = half_at(block);
    const auto high = little<std::uint32_t>(block + 2);
    for (int i = 0; i < 16; ++i) {
        const int low = block[6 + i] & 15, upper = block[6 + i] >> 4;
        y[i] = d * static_cast<float>((low | static_cast<int>(high >> i & 1) << 4) - 16);
        y[16 + i] = d * static_cast<float>((upper | static_cast<int>(high >> (16 + i) & 1) << 4) - 16);
    }
}
/// d, m, the fifth bits of all, 32 x 4 bits:  y = d q + m
inline void decode_q5_1(const std::uint8_t* block, float* y) {
    const float d = half_at(block), m = half_at(block + 2);
    const auto high = little<std::uint32_t>(block + 4);
    for (int i = 0; i < 16; ++i) {
        const int low = block[8 + i] & 15, upper = block[8 + i] >> 4;
        y[i] = d * static_cast<float>(low | static_cast<int>(high >> i & 1) << 4) + m;
        y[16 + i] = d * static_cast<float>(upper | static_cast<int>(high >> (16 + i) & 1) << 4) + m;
    }
}

/// The largest |x| of a block. False when x holds what is not finite.
inline bool largest_of(const float* x, float& largest) {
    float most[16]{}, odd[16]{};  // 0 times what is not finite is NaN
    for (int i = 0; i < 32; i += 16)
        for (int lane = 0; lane < 16; ++lane) {
            const float size = std::fabs(x[i + lane]);
            most[lane] = size > most[lane] ? size : most[lane];
            odd[lane] += x[i + lane] * 0.0F;
        }
    largest = 0;
    float sum = 0;
    for (int lane = 0; lane < 16; ++lane) {
        largest = most[lane] > largest ? most[lane] : largest;
        sum += odd[lane];
    }
    return sum == 0;
}
/// x times a number, rounded before anybody goes on with it: compilers fuse no sum with what lies in memory.
inline void put_products(const float* x, float factor, float* products) {
    for (int i = 0; i < 32; ++i) products[i] = x[i] * factor;
    asm volatile("" : : "r"(products) : "memory");
}

/// d = max |x| / 127, q = x / d rounded, halves away from 0.
/// False when x holds what is not finite, or d does not fit into float16.
inline bool encode_q8_0(const float* x, std::uint8_t* block) {
    float largest = 0;
    const bool finite = largest_of(x, largest);
    const float d = largest / 127.0F, inverse = d == 0 ? 0.0F : 1.0F / d;
    put_half(block, d);
    // So small a d is 0 as float16, whatever the q.
    const bool none = !finite || !std::isfinite(inverse);
    float products[32];
    put_products(x, none ? 0.0F : inverse, products);
    if (!finite) return false;
    constexpr float below_half = 0x1.fffffep-2F;  // with it 0.49999997 becomes no 1, and a half does
    for (int i = 0; i < 32; ++i)
        block[2 + i] =
            static_cast<std::uint8_t>(static_cast<int>(products[i] + std::copysign(below_half, products[i])));
    return std::isfinite(half_at(block));
}

/// d = the x of largest size / -8, the first of several, q = x / d + 8 rounded to [0, 15].
/// False as encode_q8_0.
inline bool encode_q4_0(const float* x, std::uint8_t* block) {
    float largest = 0;
    if (!largest_of(x, largest)) return false;
    int first = 0;
    while (std::fabs(x[first]) != largest) ++first;
    const float d = x[first] / -8.0F, inverse = d == 0 ? 0.0F : 1.0F / d;
    put_half(block, d);
    float products[32];
    put_products(x, std::isfinite(inverse) ? inverse : 0.0F, products);
    std::uint8_t q[32];
    for (int i = 0; i < 32; ++i) {
        const int rounded = static_cast<int>(products[i] + 8.5F);
        q[i] = static_cast<std::uint8_t>(rounded > 15 ? 15 : rounded);
    }
    for (int i = 0; i < 16; ++i) block[2 + i] = static_cast<std::uint8_t>(q[i] | q[16 + i] << 4);
    return std::isfinite(half_at(block));
}

}
