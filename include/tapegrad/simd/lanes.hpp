// What elementary functions are made of: the bits of a batch as integers, powers of two, polynomials, and
// floats as pairs of double batches.
//
// Integers are the compiler's own vectors, which g++ and clang lower for every instruction set. Intrinsics of
// AVX-512 are taken in their zero-masked form: g++ 12 warns of the undefined register inside the plain one.
#pragma once

#include <cstdint>
#include <limits>
#include <utility>

#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

template <class T>
struct Lanes;
template <>
struct Lanes<float> {
    typedef std::int32_t Int __attribute__((vector_size(Batch<float>::size * 4)));
    typedef std::uint32_t Unsigned __attribute__((vector_size(Batch<float>::size * 4)));
    using One = std::int32_t;
    static constexpr int mantissa = 23, bias = 127;
    /// 1.5 * 2^23: a float of at most 2^22 added to it is rounded to an integer, held in the low bits.
    static constexpr float shifter = 12582912.0f;
};
template <>
struct Lanes<double> {
    typedef std::int64_t Int __attribute__((vector_size(Batch<double>::size * 8)));
    typedef std::uint64_t Unsigned __attribute__((vector_size(Batch<double>::size * 8)));
    using One = std::int64_t;
    static constexpr int mantissa = 52, bias = 1023;
    static constexpr double shifter = 6755399441055744.0;
};
template <class T>
using Ints = typename Lanes<T>::Int;
template <class T>
using Registers = typename Batch<T>::Raw::register_type;

template <class T>
inline constexpr typename Lanes<T>::One sign_bit = std::numeric_limits<typename Lanes<T>::One>::min();

template <class T>
TAPEGRAD_INLINE Registers<T> native(const Batch<T>& x) {
    return static_cast<Registers<T>>(x.raw);
}
template <class T>
TAPEGRAD_INLINE Batch<T> batch_of(Registers<T> x) {
    return Batch<T>(typename Batch<T>::Raw(x));
}
template <class T>
TAPEGRAD_INLINE Ints<T> bits(const Batch<T>& x) {
    return (Ints<T>)native(x);
}
template <class T>
TAPEGRAD_INLINE Batch<T> from_bits(Ints<T> i) {
    return batch_of<T>((Registers<T>)i);
}
template <class T>
TAPEGRAD_INLINE Ints<T> signs(const Batch<T>& x) {
    return bits(x) & sign_bit<T>;
}
/// `x` with its sign flipped where `s` has the sign bit.
template <class T>
TAPEGRAD_INLINE Batch<T> flip(const Batch<T>& x, Ints<T> s) {
    return from_bits<T>(bits(x) ^ s);
}
/// i != 0 ? a : b.
template <class T>
TAPEGRAD_INLINE Batch<T> choose(Ints<T> i, const Batch<T>& a, const Batch<T>& b) {
    return batch_of<T>((i != 0) ? native(a) : native(b));
}

/// x held in [low, high]; NaN stays NaN. The instruction returns its second operand when one is NaN, so that
/// is x.
template <class T>
TAPEGRAD_INLINE Batch<T> clamp(const Batch<T>& x, T low, T high) {
    constexpr bool single = std::is_same_v<T, float>;
    const auto v = native(x), l = native(Batch<T>(low)), h = native(Batch<T>(high));
#if defined(__AVX512F__)
    if constexpr (single)
        return batch_of<T>(_mm512_maskz_min_ps(0xffff, h, _mm512_maskz_max_ps(0xffff, l, v)));
    else
        return batch_of<T>(_mm512_maskz_min_pd(0xff, h, _mm512_maskz_max_pd(0xff, l, v)));
#elif defined(__AVX__)
    if constexpr (single)
        return batch_of<T>(_mm256_min_ps(h, _mm256_max_ps(l, v)));
    else
        return batch_of<T>(_mm256_min_pd(h, _mm256_max_pd(l, v)));
#elif defined(__SSE2__)
    if constexpr (single)
        return batch_of<T>(_mm_min_ps(h, _mm_max_ps(l, v)));
    else
        return batch_of<T>(_mm_min_pd(h, _mm_max_pd(l, v)));
#elif defined(__aarch64__)
    if constexpr (single)
        return batch_of<T>(vminq_f32(h, vmaxq_f32(l, v)));
    else
        return batch_of<T>(vminq_f64(h, vmaxq_f64(l, v)));
#else
    (void)v, (void)l, (void)h;
    return where(x < Batch<T>(low), Batch<T>(low), where(x > Batch<T>(high), Batch<T>(high), x));
#endif
}

#if defined(__AVX512F__)
/// The smaller of x and `high`; NaN stays NaN.
template <class T>
TAPEGRAD_INLINE Batch<T> at_most(const Batch<T>& x, T high) {
    if constexpr (std::is_same_v<T, float>)
        return batch_of<T>(_mm512_maskz_min_ps(0xffff, native(Batch<T>(high)), native(x)));
    else
        return batch_of<T>(_mm512_maskz_min_pd(0xff, native(Batch<T>(high)), native(x)));
}
#endif

/// c0 + x (c1 + x (c2 + ...)).
template <class T>
TAPEGRAD_INLINE Batch<T> polynomial(const Batch<T>&, T c) {
    return c;
}
template <class T, class... Rest>
TAPEGRAD_INLINE Batch<T> polynomial(const Batch<T>& x, T c, Rest... rest) {
    return fma(x, polynomial(x, rest...), Batch<T>(c));
}

/// 2^n for an integer n that is the exponent of a normal number.
template <class T>
TAPEGRAD_INLINE Batch<T> pow2(const Batch<T>& n) {
    // The bits of the shifter above the exponent field leave on the left.
    return from_bits<T>(bits(n + Batch<T>(Lanes<T>::shifter + T(Lanes<T>::bias))) << Lanes<T>::mantissa);
}
/// x 2^n, rounded once, for an integer n in twice the range of exponents.
template <class T>
TAPEGRAD_INLINE Batch<T> scale(const Batch<T>& x, const Batch<T>& n) {
#if defined(__AVX512F__)
    if constexpr (std::is_same_v<T, float>)
        return batch_of<T>(_mm512_maskz_scalef_ps(0xffff, native(x), native(n)));
    else
        return batch_of<T>(_mm512_maskz_scalef_pd(0xff, native(x), native(n)));
#else
    const Batch<T> shifter(Lanes<T>::shifter);
    const Batch<T> half = fma(n, Batch<T>(T(0.5)), shifter) - shifter;
    return x * pow2(half) * pow2(n - half);
#endif
}

/// scale(v, n) where x >= lowest or NaN, else 0. A processor takes 100 times as long for a result that is denormal,
/// or 0 because it is too small: what is left out is not computed.
template <class T>
TAPEGRAD_INLINE Batch<T> scale_from(const Batch<T>& x, T lowest, const Batch<T>& v, const Batch<T>& n) {
    const auto low = native(Batch<T>(lowest));
#if defined(__AVX512F__)
    if constexpr (std::is_same_v<T, float>)
        return batch_of<T>(
            _mm512_maskz_scalef_ps(_mm512_cmp_ps_mask(native(x), low, _CMP_NLT_UQ), native(v), native(n)));
    else
        return batch_of<T>(
            _mm512_maskz_scalef_pd(_mm512_cmp_pd_mask(native(x), low, _CMP_NLT_UQ), native(v), native(n)));
#else
    // One of the two factors is 0.
    const Batch<T> shifter(Lanes<T>::shifter), half = fma(n, Batch<T>(T(0.5)), shifter) - shifter;
    const Ints<T> nothing = native(x) < low;
    return v * from_bits<T>(bits(pow2(half)) & ~nothing) * pow2(n - half);
#endif
}

/// The elements of a float batch as doubles: exact.
struct Wide {
    Batch<double> low, high;
};
TAPEGRAD_INLINE Wide widen(const Batch<float>& x) {
    const auto v = native(x);
#if defined(__AVX512F__)
    return {batch_of<double>(_mm512_maskz_cvtps_pd(0xff, _mm512_castps512_ps256(v))),
            batch_of<double>(_mm512_maskz_cvtps_pd(0xff, _mm512_maskz_extractf32x8_ps(0xff, v, 1)))};
#else
    constexpr int half = static_cast<int>(Batch<double>::size);
    typedef double Doubles __attribute__((vector_size(half * 8)));
    return [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
        return Wide{batch_of<double>((Registers<double>)__builtin_convertvector(
                        __builtin_shufflevector(v, v, I...), Doubles)),
                    batch_of<double>((Registers<double>)__builtin_convertvector(
                        __builtin_shufflevector(v, v, (I + half)...), Doubles))};
    }
    (std::make_integer_sequence<int, half>{});
#endif
}
/// Rounds to float.
TAPEGRAD_INLINE Batch<float> narrow(const Wide& x) {
    constexpr int half = static_cast<int>(Batch<double>::size);
    typedef float Floats __attribute__((vector_size(half * 4)));
    const Floats low = __builtin_convertvector(native(x.low), Floats);
    const Floats high = __builtin_convertvector(native(x.high), Floats);
    return [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
        return batch_of<float>((Registers<float>)__builtin_shufflevector(low, high, I...));
    }
    (std::make_integer_sequence<int, 2 * half>{});
}

}
