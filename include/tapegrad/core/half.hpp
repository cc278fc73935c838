// The two types of 16 bits: bfloat16 (the upper half of a float: its range, 8 bits of precision) and float16
// (IEEE binary16: 11 bits of precision, up to 65504). They store; arithmetic is done in float.
//
// A number is rounded once, to the nearest, ties to even. A double does not go through float: 1 + 2^-8 +
// 2^-40 would become a tie there, and then 1. It goes through a float that was rounded to odd, which rounds
// like the double: a float has more than two bits more than either type, and its last bit then says that
// something was lost.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

// Loops over these become SIMD. That takes a selection by mask: of `?:` the compiler makes a branch.
TAPEGRAD_INLINE constexpr std::uint32_t select(bool condition, std::uint32_t a, std::uint32_t b) {
    const std::uint32_t mask = 0u - static_cast<std::uint32_t>(condition);
    return b ^ ((a ^ b) & mask);
}

TAPEGRAD_INLINE constexpr std::uint16_t bfloat16_bits(float value) {
    const auto u = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t rounded = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
    const std::uint32_t nan = (u >> 16) | 0x40u;
    return static_cast<std::uint16_t>(select((u & 0x7fffffffu) > 0x7f800000u, nan, rounded));
}
TAPEGRAD_INLINE constexpr float bfloat16_value(std::uint16_t bits) {
    return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

TAPEGRAD_INLINE constexpr std::uint16_t float16_bits(float value) {
    const auto u = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (u >> 16) & 0x8000u, magnitude = u & 0x7fffffffu;
    // Normal: rebias the exponent from 127 to 15 and round 13 bits away; a carry into the exponent is right,
    // up to inf.
    const std::uint32_t normal = (magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
    // Subnormal: 2^-24 is the last bit of a float in [0.5, 1), so that adding 0.5 rounds there.
    const std::uint32_t subnormal =
        std::bit_cast<std::uint32_t>(std::bit_cast<float>(select(magnitude < 0x38800000u, magnitude, 0u)) +
                                     0.5f) -
        0x3f000000u;
    const std::uint32_t nan = 0x7e00u | (magnitude >> 13 & 0x1ffu);
    std::uint32_t out = select(magnitude < 0x38800000u, subnormal, normal);
    out = select(magnitude >= 0x47800000u, 0x7c00u, out);
    out = select(magnitude > 0x7f800000u, nan, out);
    return static_cast<std::uint16_t>(sign | out);
}
TAPEGRAD_INLINE constexpr float float16_value(std::uint16_t bits) {
    const std::uint32_t sign = std::uint32_t{bits & 0x8000u} << 16,
                        magnitude = std::uint32_t{bits & 0x7fffu} << 13;
    const std::uint32_t exponent = magnitude & 0x0f800000u;
    const std::uint32_t normal = magnitude + 0x38000000u;
    // Infinity and NaN: the exponent becomes all ones; a NaN becomes quiet.
    const std::uint32_t special =
        magnitude | 0x7f800000u | select((magnitude & 0x007fffffu) != 0, 0x00400000u, 0u);
    // Subnormal: as the fraction of a float in [2^-14, 2^-13), of which 2^-14 is taken away.
    const auto subnormal = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude + 0x38800000u) -
                                                        std::bit_cast<float>(0x38800000u));
    std::uint32_t out = select(exponent == 0, subnormal, normal);
    out = select(exponent == 0x0f800000u, special, out);
    return std::bit_cast<float>(sign | out);
}

/// The float next to `value` towards zero, with the last bit set when it is not `value`.
TAPEGRAD_INLINE constexpr float round_to_odd(double value) {
    const auto nearest = static_cast<float>(value);
    const auto u = std::bit_cast<std::uint32_t>(nearest);
    const double back = static_cast<double>(nearest), size = value < 0 ? -value : value,
                 back_size = back < 0 ? -back : back;
    if (back == value || value != value) return nearest;
    return std::bit_cast<float>((back_size > size ? u - 1u : u) | 1u);
}

/// A double that rounds to either type of 16 bits as the integer does.
template <class I>
constexpr double sticky(I value) {
    if constexpr (sizeof(I) < 8) {
        return static_cast<double>(value);
    } else {
        const bool negative = value < I{0};
        const auto u = static_cast<std::uint64_t>(value);
        const std::uint64_t size = negative ? 0 - u : u;
        const double result =
            size < (std::uint64_t{1} << 53)
                ? static_cast<double>(size)
                : static_cast<double>(size >> 11 | ((size & 2047u) != 0 ? 1u : 0u)) * 2048.0;
        return negative ? -result : result;
    }
}

}

/// The upper half of a float. Too large becomes infinity; NaN stays NaN, and becomes quiet.
class bfloat16 {
public:
    bfloat16() = default;
    constexpr explicit bfloat16(float value) : bits_(detail::bfloat16_bits(value)) {}
    constexpr explicit bfloat16(double value) : bfloat16(detail::round_to_odd(value)) {}
    template <class I>
    requires std::is_integral_v<I>
    constexpr explicit bfloat16(I value) : bfloat16(detail::sticky(value)) {}
    constexpr operator float() const { return detail::bfloat16_value(bits_); }

    static constexpr bfloat16 from_bits(std::uint16_t bits) {
        bfloat16 x{};
        x.bits_ = bits;
        return x;
    }
    constexpr std::uint16_t bits() const { return bits_; }

private:
    std::uint16_t bits_;
};

/// IEEE binary16. Too large becomes infinity; NaN stays NaN, and becomes quiet.
class float16 {
public:
    float16() = default;
    constexpr explicit float16(float value) : bits_(detail::float16_bits(value)) {}
    constexpr explicit float16(double value) : float16(detail::round_to_odd(value)) {}
    template <class I>
    requires std::is_integral_v<I>
    constexpr explicit float16(I value) : float16(detail::sticky(value)) {}
    constexpr operator float() const { return detail::float16_value(bits_); }

    static constexpr float16 from_bits(std::uint16_t bits) {
        float16 x{};
        x.bits_ = bits;
        return x;
    }
    constexpr std::uint16_t bits() const { return bits_; }

private:
    std::uint16_t bits_;
};

namespace detail {

/// What both types have in common in `std::numeric_limits`.
struct HalfLimits {
    static constexpr bool is_specialized = true, is_signed = true, is_integer = false, is_exact = false;
    static constexpr bool has_infinity = true, has_quiet_NaN = true, has_signaling_NaN = true;
    static constexpr bool is_iec559 = true, is_bounded = true, is_modulo = false;
    static constexpr bool traps = false, tinyness_before = false;
    static constexpr std::float_round_style round_style = std::round_to_nearest;
    static constexpr int radix = 2;
};

}
}

template <>
struct std::numeric_limits<tapegrad::bfloat16> : tapegrad::detail::HalfLimits {
    using T = tapegrad::bfloat16;
    static constexpr int digits = 8, digits10 = 2, max_digits10 = 4;
    static constexpr int min_exponent = -125, min_exponent10 = -37, max_exponent = 128, max_exponent10 = 38;
    static constexpr T min() noexcept { return T::from_bits(0x0080); }
    static constexpr T max() noexcept { return T::from_bits(0x7f7f); }
    static constexpr T lowest() noexcept { return T::from_bits(0xff7f); }
    static constexpr T epsilon() noexcept { return T::from_bits(0x3c00); }
    static constexpr T round_error() noexcept { return T::from_bits(0x3f00); }
    static constexpr T denorm_min() noexcept { return T::from_bits(0x0001); }
    static constexpr T infinity() noexcept { return T::from_bits(0x7f80); }
    static constexpr T quiet_NaN() noexcept { return T::from_bits(0x7fc0); }
    static constexpr T signaling_NaN() noexcept { return T::from_bits(0x7fa0); }
};

template <>
struct std::numeric_limits<tapegrad::float16> : tapegrad::detail::HalfLimits {
    using T = tapegrad::float16;
    static constexpr int digits = 11, digits10 = 3, max_digits10 = 5;
    static constexpr int min_exponent = -13, min_exponent10 = -4, max_exponent = 16, max_exponent10 = 4;
    static constexpr T min() noexcept { return T::from_bits(0x0400); }
    static constexpr T max() noexcept { return T::from_bits(0x7bff); }
    static constexpr T lowest() noexcept { return T::from_bits(0xfbff); }
    static constexpr T epsilon() noexcept { return T::from_bits(0x1400); }
    static constexpr T round_error() noexcept { return T::from_bits(0x3800); }
    static constexpr T denorm_min() noexcept { return T::from_bits(0x0001); }
    static constexpr T infinity() noexcept { return T::from_bits(0x7c00); }
    static constexpr T quiet_NaN() noexcept { return T::from_bits(0x7e00); }
    static constexpr T signaling_NaN() noexcept { return T::from_bits(0x7d00); }
};
