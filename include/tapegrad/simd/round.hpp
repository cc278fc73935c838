// Functions of a batch that are exact: rounding to integers, absolute value, signs, tests, and the square
// root.
#pragma once

#include "lanes.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// |x|. Clears the sign of zero and of NaN.
template <class T>
TAPEGRAD_INLINE Batch<T> abs(const Batch<T>& x) {
    if constexpr (Vectorized<T>)
        return detail::from_bits<T>(detail::bits(x) & ~detail::sign_bit<T>);
    else if constexpr (std::is_signed_v<T>)
        return x.raw < T(0) ? -x : x;
    else
        return x;
}
/// -1, 0 or 1; 0 for zeros and, as in PyTorch, for NaN.
template <class T>
TAPEGRAD_INLINE Batch<T> sign(const Batch<T>& x) {
    const Batch<T> zero(T(0)), one(T(1));
    return where(x > zero, one, zero) - where(x < zero, one, zero);
}
/// |magnitude| with the sign of `of`, also for zeros and NaN.
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> copysign(const Batch<T>& magnitude, const Batch<T>& of) {
    return detail::from_bits<T>((detail::bits(magnitude) & ~detail::sign_bit<T>) | detail::signs(of));
}
/// x with `with.nan` instead of NaN, `high` instead of inf and `low` instead of -inf, or, where it is kept, the
/// finite number nearest to it.
template <Vectorized T, class Specials>
TAPEGRAD_INLINE Batch<T> replace_specials(const Batch<T>& x, const Specials& with) {
    using Limits = std::numeric_limits<T>;
    const Batch<T> infinity(Limits::infinity());
    const Batch<T> high(with.keep_high ? Limits::max() : static_cast<T>(with.high));
    const Batch<T> low(with.keep_low ? Limits::lowest() : static_cast<T>(with.low));
    return where(x == infinity, high,
                 where(x == -infinity, low, where(x == x, x, Batch<T>(static_cast<T>(with.nan)))));
}
/// True for NaN.
template <Vectorized T>
TAPEGRAD_INLINE Mask<T> isnan(const Batch<T>& x) {
    return x != x;
}
/// True for what is neither NaN nor an infinity.
template <Vectorized T>
TAPEGRAD_INLINE Mask<T> isfinite(const Batch<T>& x) {
    return abs(x) < Batch<T>(std::numeric_limits<T>::infinity());
}

/// Square root. NaN below zero; -0 for -0.
/// Numeric  correctly rounded (0.5 ulp), denormals too
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> sqrt(const Batch<T>& x) {
#if defined(__AVX512F__)
    if constexpr (std::is_same_v<T, float>)
        return detail::batch_of<T>(_mm512_maskz_sqrt_ps(0xffff, detail::native(x)));
    else
        return detail::batch_of<T>(_mm512_maskz_sqrt_pd(0xff, detail::native(x)));
#else
    return xsimd::sqrt(x.raw);
#endif
}

namespace detail {

enum class Rounding { nearest, down, up, zero };

// At -O0 intrinsics of g++ that take an immediate are macros, so that its own conversion of the mask stands here.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#endif
template <Rounding R, class T>
TAPEGRAD_INLINE Batch<T> rounded(const Batch<T>& x) {
    constexpr bool single = std::is_same_v<T, float>;
#if defined(__AVX512F__) || defined(__SSE4_1__)
    constexpr int mode = static_cast<int>(R) | _MM_FROUND_NO_EXC;
#endif
#if defined(__AVX512F__)
    if constexpr (single)
        return batch_of<T>(_mm512_maskz_roundscale_ps(0xffff, native(x), mode));
    else
        return batch_of<T>(_mm512_maskz_roundscale_pd(0xff, native(x), mode));
#elif defined(__AVX__)
    if constexpr (single)
        return batch_of<T>(_mm256_round_ps(native(x), mode));
    else
        return batch_of<T>(_mm256_round_pd(native(x), mode));
#elif defined(__SSE4_1__)
    if constexpr (single)
        return batch_of<T>(_mm_round_ps(native(x), mode));
    else
        return batch_of<T>(_mm_round_pd(native(x), mode));
#else
    // From 2^23 (2^52) on every value is an integer; below, adding and subtracting it rounds to the nearest.
    constexpr T integers = single ? T(8388608) : T(4503599627370496);
    const Batch<T> a = abs(x), big(integers), one(T(1)), zero(T(0));
    const Batch<T> v = R == Rounding::zero ? a : x, m = copysign(big, v);
    Batch<T> r = (v + m) - m;
    if constexpr (R == Rounding::down || R == Rounding::zero) r = r - where(r > v, one, zero);
    if constexpr (R == Rounding::up) r = r + where(r < v, one, zero);
    return where(a < big, copysign(r, x), x);
#endif
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

}

/// The largest integer that is not above x. Exact; -0 stays -0, infinities and NaN stay.
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> floor(const Batch<T>& x) {
    return detail::rounded<detail::Rounding::down>(x);
}
/// The smallest integer that is not below x. Exact; -0.5 gives -0.
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> ceil(const Batch<T>& x) {
    return detail::rounded<detail::Rounding::up>(x);
}
/// The nearest integer, halves to even. Exact; -0.5 gives -0.
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> round(const Batch<T>& x) {
    return detail::rounded<detail::Rounding::nearest>(x);
}
/// The integer part, cut towards zero. Exact; -0.5 gives -0.
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> trunc(const Batch<T>& x) {
    return detail::rounded<detail::Rounding::zero>(x);
}

}
