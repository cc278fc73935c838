// The eight element types: what they are called, how large they are, and how one becomes another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "../fwd.hpp"
#include "half.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

enum class DType : std::uint8_t { float32, float64, bfloat16, float16, int32, int64, uint8, boolean };

/// Types that arithmetic is done in.
template <class T>
concept Floating = std::is_same_v<T, float> || std::is_same_v<T, double>;
/// Types of 16 bits, for storage: arithmetic is done in float.
template <class T>
concept Real16 = std::is_same_v<T, bfloat16> || std::is_same_v<T, float16>;
/// Types that a tensor may hold.
template <class T>
concept Element = Floating<T> || Real16<T> || std::is_same_v<T, std::int32_t> ||
    std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint8_t> || std::is_same_v<T, bool>;

namespace detail {
template <Element T>
constexpr DType find_dtype() {
    if constexpr (std::is_same_v<T, float>)
        return DType::float32;
    else if constexpr (std::is_same_v<T, double>)
        return DType::float64;
    else if constexpr (std::is_same_v<T, bfloat16>)
        return DType::bfloat16;
    else if constexpr (std::is_same_v<T, float16>)
        return DType::float16;
    else if constexpr (std::is_same_v<T, std::int32_t>)
        return DType::int32;
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return DType::int64;
    else if constexpr (std::is_same_v<T, std::uint8_t>)
        return DType::uint8;
    else
        return DType::boolean;
}
}

/// The name of T at run time.
template <Element T>
inline constexpr DType dtype_of = detail::find_dtype<T>();

/// As PyTorch prints it: "float32", "bool", ...
constexpr const char* name(DType dtype) {
    switch (dtype) {
        case DType::float32:
            return "float32";
        case DType::float64:
            return "float64";
        case DType::bfloat16:
            return "bfloat16";
        case DType::float16:
            return "float16";
        case DType::int32:
            return "int32";
        case DType::int64:
            return "int64";
        case DType::uint8:
            return "uint8";
        case DType::boolean:
            return "bool";
    }
    return "?";
}

/// Bytes of one element.
constexpr std::size_t itemsize(DType dtype) {
    switch (dtype) {
        case DType::float64:
        case DType::int64:
            return 8;
        case DType::float32:
        case DType::int32:
            return 4;
        case DType::bfloat16:
        case DType::float16:
            return 2;
        case DType::uint8:
        case DType::boolean:
            return 1;
    }
    return 0;
}

namespace detail {

/// Towards zero; outside the range of I its nearest end, and 0 for NaN (where C++ leaves it undefined).
template <class I, class F>
constexpr I truncate(F value) {
    constexpr I low = std::numeric_limits<I>::min(), high = std::numeric_limits<I>::max();
    // 2^digits is a float although `high` may not be one.
    constexpr F above = static_cast<F>(std::uint64_t{1} << std::numeric_limits<I>::digits);
    constexpr F below = static_cast<F>(low);
    const F inside = value >= below && value < above ? value : F(0);
    const I truncated = static_cast<I>(inside);
    return value >= above ? high : value < below ? low : truncated;
}

template <Element To, Element From>
constexpr To convert_one(From value) {
    if constexpr (std::is_same_v<To, From>)
        return value;
    else if constexpr (Real16<From>)
        return convert_one<To>(static_cast<float>(value));
    else if constexpr (std::is_same_v<To, bool>)
        return value != From(0);
    else if constexpr (std::is_integral_v<To> && Floating<From>)
        return truncate<To>(value);
    else
        return static_cast<To>(value);
}

}

/// n elements as another type, as PyTorch converts them.
/// Numeric  to a floating type: rounded once, to nearest, ties to even. Floating to integer: towards zero;
/// out of range
///          gives the nearest end of the range and NaN gives 0, on every machine. Integer to a shorter one:
///          modulo 2^bits. To bool: whether it is not 0 (NaN is true).
template <Element From, Element To>
void convert(const From* __restrict from, To* __restrict to, std::int64_t n) {
    // Blocks of a constant length become SIMD at -O2 already.
    constexpr std::int64_t block = 64;
    std::int64_t i = 0;
    for (; i + block <= n; i += block, from += block, to += block)
        for (std::int64_t j = 0; j < block; ++j) to[j] = detail::convert_one<To>(from[j]);
    for (std::int64_t j = 0; j < n - i; ++j) to[j] = detail::convert_one<To>(from[j]);
}

}
