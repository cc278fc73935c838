#include <tapegrad/core/half.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>

using namespace tapegrad;

namespace {

constexpr float inf = std::numeric_limits<float>::infinity();

// The exact value of a pattern, from the definition of the format: the sign, `exponent` bits, `fraction`
// bits.
double decode(unsigned bits, int exponent_bits, int fraction_bits) {
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const auto fraction = static_cast<int>(bits & ((1u << fraction_bits) - 1));
    const auto exponent = static_cast<int>((bits >> fraction_bits) & ((1u << exponent_bits) - 1));
    const double sign = (bits & 0x8000u) != 0 ? -1.0 : 1.0;
    if (exponent == (1 << exponent_bits) - 1) return fraction != 0 ? std::nan("") : sign * HUGE_VAL;
    if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias - fraction_bits);
    return sign * std::ldexp(fraction + (1 << fraction_bits), exponent - bias - fraction_bits);
}

template <class T>
struct Format;
template <>
struct Format<bfloat16> {
    static constexpr int exponent = 8, fraction = 7;
    static constexpr unsigned inf = 0x7f80;
};
template <>
struct Format<float16> {
    static constexpr int exponent = 5, fraction = 10;
    static constexpr unsigned inf = 0x7c00;
};

template <class T>
double exact(unsigned bits) {
    return decode(bits, Format<T>::exponent, Format<T>::fraction);
}

}

TEST_CASE_TEMPLATE("half: every pattern has its value and comes back", T, bfloat16, float16) {
    static_assert(sizeof(T) == 2 && std::is_trivially_copyable_v<T> &&
                  std::is_trivially_default_constructible_v<T>);
    int wrong = 0;
    for (unsigned bits = 0; bits < 65536; ++bits) {
        const auto x = T::from_bits(static_cast<std::uint16_t>(bits));
        const float value = x;
        if ((bits & 0x7fffu) > Format<T>::inf) {
            const unsigned quiet = bits | 1u << (Format<T>::fraction - 1);
            wrong += !std::isnan(value) || T(value).bits() != quiet ||
                     T(static_cast<double>(value)).bits() != quiet;
            continue;
        }
        const double oracle = exact<T>(bits);
        wrong += static_cast<double>(value) != oracle || std::signbit(value) != std::signbit(oracle);
        wrong += T(value).bits() != bits || T(oracle).bits() != bits;
    }
    CHECK(wrong == 0);
}

TEST_CASE_TEMPLATE("half: between two neighbours the nearer wins, and the even one on a tie", T, bfloat16,
                   float16) {
    int wrong = 0;
    for (unsigned bits = 0; bits < Format<T>::inf; ++bits) {
        const double low = exact<T>(bits);
        // Above the largest number the next value would be a power of two, and that is where infinity begins
        // to win.
        const double high = bits + 1 < Format<T>::inf ? exact<T>(bits + 1)
                                                      : std::ldexp(1.0, std::numeric_limits<T>::max_exponent);
        const double middle = (low + high) / 2;  // exact: one bit more
        const unsigned even = bits % 2 == 0 ? bits : bits + 1;
        const double under = std::nextafter(middle, low), over = std::nextafter(middle, high);
        for (const double sign : {1.0, -1.0}) {
            const unsigned s = sign < 0 ? 0x8000u : 0u;
            wrong += T(sign * middle).bits() != (even | s);
            wrong += T(sign * under).bits() != (bits | s);
            wrong += T(sign * over).bits() != ((bits + 1) | s);
            const auto m = static_cast<float>(sign * middle);
            if (static_cast<double>(m) != sign * middle) continue;  // below the subnormal floats
            wrong += T(m).bits() != (even | s);
            wrong += T(std::nextafter(m, 0.0f)).bits() != (bits | s);
            wrong += T(std::nextafter(m, m * inf)).bits() != ((bits + 1) | s);
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE_TEMPLATE("half: extremes", T, bfloat16, float16) {
    CHECK(T(inf).bits() == Format<T>::inf);
    CHECK(T(-inf).bits() == (Format<T>::inf | 0x8000u));
    CHECK(T(1e300).bits() == Format<T>::inf);
    CHECK(T(-1e300).bits() == (Format<T>::inf | 0x8000u));
    CHECK(T(std::numeric_limits<float>::max()).bits() == Format<T>::inf);
    CHECK(T(1e-300).bits() == 0);
    CHECK(T(-1e-300).bits() == 0x8000u);
    CHECK(T(-0.0f).bits() == 0x8000u);
    CHECK(std::isnan(float(T(std::nan("")))));
    // A NaN whose payload lies only in the bits that are cut must not become infinity.
    CHECK(std::isnan(float(T(std::bit_cast<float>(0x7f800001u)))));
    CHECK(std::isnan(float(T(std::bit_cast<float>(0xff800001u)))));
}

TEST_CASE("half: integers are rounded once") {
    CHECK(float(bfloat16(3)) == 3.0f);
    CHECK(float(float16(-7)) == -7.0f);
    CHECK(float(float16(true)) == 1.0f);
    CHECK(float(float16(2049)) == 2048.0f);
    CHECK(float(float16(2051)) == 2052.0f);
    CHECK(float(float16(70000)) == inf);
    // Just above the tie 2^62 (1 + 2^-8), by less than a double can say.
    constexpr std::int64_t tie = (std::int64_t{1} << 62) + (std::int64_t{1} << 54);
    CHECK(float(bfloat16(tie)) == std::ldexp(1.0f, 62));
    CHECK(float(bfloat16(tie + 1)) == std::ldexp(1.0f + 1.0f / 128, 62));
    CHECK(float(bfloat16(-tie - 1)) == -std::ldexp(1.0f + 1.0f / 128, 62));
    CHECK(float(bfloat16(std::numeric_limits<std::int64_t>::min())) == -std::ldexp(1.0f, 63));
}

TEST_CASE_TEMPLATE("half: comparison and arithmetic go through float", T, bfloat16, float16) {
    const T one(1.0f), two(2.0f), nan(std::nanf(""));
    CHECK(one == T(1.0));
    CHECK(one < two);
    CHECK(one + two == 3.0f);
    CHECK(T(-0.0f) == T(0.0f));
    CHECK_FALSE(nan == nan);
    CHECK_FALSE(nan < one);
    static_assert(T(1.5f).bits() == T(1.5).bits());
    static_assert(!std::is_convertible_v<float, T> && std::is_convertible_v<T, float>);
}

TEST_CASE_TEMPLATE("half: numeric_limits agree with the format", T, bfloat16, float16) {
    using L = std::numeric_limits<T>;
    CHECK(L::digits == Format<T>::fraction + 1);
    CHECK(static_cast<double>(float(L::epsilon())) == std::ldexp(1.0, 1 - L::digits));
    CHECK(static_cast<double>(float(L::min())) == std::ldexp(1.0, L::min_exponent - 1));
    CHECK(static_cast<double>(float(L::max())) ==
          std::ldexp(2.0 - std::ldexp(1.0, 1 - L::digits), L::max_exponent - 1));
    CHECK(float(L::lowest()) == -float(L::max()));
    CHECK(static_cast<double>(float(L::denorm_min())) == std::ldexp(1.0, L::min_exponent - L::digits));
    CHECK(float(L::infinity()) == inf);
    CHECK(std::isnan(float(L::quiet_NaN())));
    CHECK(float(L::round_error()) == 0.5f);
    CHECK(L::max_exponent10 ==
          static_cast<int>(std::floor(std::log10(static_cast<double>(float(L::max()))))));
    CHECK(L::min_exponent10 == static_cast<int>(std::ceil(std::log10(static_cast<double>(float(L::min()))))));
}
