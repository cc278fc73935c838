// `Batch<T>`: one register of T. It is xsimd's batch with what xsimd lacks: one fma by instruction (xsimd 8.1
// has none for AVX-512, where g++ contracts a multiply and an add and clang does not), max and min that keep
// NaN, and membership in this namespace, so that argument-dependent lookup finds our functions from anybody's
// lambda.
//
// T is float or double with SIMD; any other arithmetic type is a batch of one, so that the same kernels serve
// it.
#pragma once

#include <cmath>
#include <cstring>

#include "../core/intrinsics.hpp"

#include <xsimd/xsimd.hpp>

#include "../core/shape.hpp"
#include "../fwd.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

template <class T>
concept Vectorized = std::is_same_v<T, float> || std::is_same_v<T, double>;

namespace detail {
template <class T, bool = Vectorized<T>>
struct Register {
    using type = T;
    using mask = bool;
    static constexpr std::size_t size = 1;
};
/// What integers are added in: signed ones wrap then, as in PyTorch.
template <class T>
struct Wrapping {
    using type = T;
};
template <class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) struct Wrapping<T> {
    using type = std::make_unsigned_t<T>;
};
template <class T>
struct Register<T, true> {
    using type = xsimd::batch<T>;
    using mask = typename type::batch_bool_type;
    static constexpr std::size_t size = type::size;
};
}

/// One truth value per element of a `Batch<T>`.
template <class T>
struct Mask : ValueTag {
    using Raw = typename detail::Register<T>::mask;
    Raw raw;

    TAPEGRAD_INLINE Mask() = default;
    TAPEGRAD_INLINE Mask(Raw r) : raw(r) {}

    TAPEGRAD_INLINE friend Mask operator&(const Mask& a, const Mask& b) { return Raw(a.raw & b.raw); }
    TAPEGRAD_INLINE friend Mask operator|(const Mask& a, const Mask& b) { return Raw(a.raw | b.raw); }
    TAPEGRAD_INLINE friend Mask operator^(const Mask& a, const Mask& b) { return (a | b) & !(a & b); }
    TAPEGRAD_INLINE friend Mask operator&&(const Mask& a, const Mask& b) { return a & b; }
    TAPEGRAD_INLINE friend Mask operator||(const Mask& a, const Mask& b) { return a | b; }
    TAPEGRAD_INLINE friend Mask operator!(const Mask& a) { return Raw(!a.raw); }
};

template <class T>
struct Batch : ValueTag {
    using value_type = T;
    using Raw = typename detail::Register<T>::type;
    static constexpr std::size_t size = detail::Register<T>::size;
    using Wrap = std::conditional_t<(size > 1), const Raw&, typename detail::Wrapping<T>::type>;
    Raw raw;

    TAPEGRAD_INLINE Batch() = default;
    TAPEGRAD_INLINE Batch(Raw r) requires(size > 1) : raw(r) {}
    /// Every element equal to `v`.
    TAPEGRAD_INLINE Batch(T v) : raw(v) {}

    TAPEGRAD_INLINE static Batch load(const T* p) {
        if constexpr (size == 1)
            return *p;
        else
            return Raw::load_unaligned(p);
    }
    TAPEGRAD_INLINE void store(T* p) const {
        if constexpr (size == 1)
            *p = raw;
        else
            raw.store_unaligned(p);
    }

    TAPEGRAD_INLINE friend Batch operator+(const Batch& a, const Batch& b) {
        return Raw(Wrap(a.raw) + Wrap(b.raw));
    }
    TAPEGRAD_INLINE friend Batch operator-(const Batch& a, const Batch& b) {
        return Raw(Wrap(a.raw) - Wrap(b.raw));
    }
    TAPEGRAD_INLINE friend Batch operator*(const Batch& a, const Batch& b) {
        return Raw(Wrap(a.raw) * Wrap(b.raw));
    }
    TAPEGRAD_INLINE friend Batch operator/(const Batch& a, const Batch& b) { return Raw(a.raw / b.raw); }
    TAPEGRAD_INLINE friend Batch operator-(const Batch& a) {
        // From -0, so that 0 becomes -0: xsimd subtracts from 0 with AVX-512.
        if constexpr (Vectorized<T>)
            return Raw(Raw(T(-0.0)) - a.raw);
        else
            return Raw(Wrap(0) - Wrap(a.raw));
    }
    TAPEGRAD_INLINE Batch& operator+=(const Batch& b) { return *this = *this + b; }
    TAPEGRAD_INLINE Batch& operator-=(const Batch& b) { return *this = *this - b; }
    TAPEGRAD_INLINE Batch& operator*=(const Batch& b) { return *this = *this * b; }
    TAPEGRAD_INLINE Batch& operator/=(const Batch& b) { return *this = *this / b; }

    TAPEGRAD_INLINE friend Mask<T> operator<(const Batch& a, const Batch& b) { return a.raw < b.raw; }
    TAPEGRAD_INLINE friend Mask<T> operator<=(const Batch& a, const Batch& b) { return a.raw <= b.raw; }
    TAPEGRAD_INLINE friend Mask<T> operator>(const Batch& a, const Batch& b) { return b.raw < a.raw; }
    TAPEGRAD_INLINE friend Mask<T> operator>=(const Batch& a, const Batch& b) { return b.raw <= a.raw; }
    TAPEGRAD_INLINE friend Mask<T> operator==(const Batch& a, const Batch& b) { return a.raw == b.raw; }
    /// True where either is NaN, as in IEEE and PyTorch.
    TAPEGRAD_INLINE friend Mask<T> operator!=(const Batch& a, const Batch& b) { return !(a == b); }
};

/// m ? a : b, element by element.
template <class T>
TAPEGRAD_INLINE Batch<T> where(const Mask<T>& m, const Batch<T>& a, const Batch<T>& b) {
    if constexpr (Batch<T>::size == 1)
        return m.raw ? a : b;
    else
        return xsimd::select(m.raw, a.raw, b.raw);
}

/// a * b + c, rounded once where the instruction set has it (AVX2 with FMA, AVX-512, NEON), twice elsewhere.
template <class T>
TAPEGRAD_INLINE Batch<T> fma(const Batch<T>& a, const Batch<T>& b, const Batch<T>& c) {
#if defined(__AVX512F__)
    if constexpr (std::is_same_v<T, float>)
        return xsimd::batch<float>(_mm512_fmadd_ps(a.raw, b.raw, c.raw));
    else if constexpr (std::is_same_v<T, double>)
        return xsimd::batch<double>(_mm512_fmadd_pd(a.raw, b.raw, c.raw));
    else
        return a * b + c;
#elif defined(__FMA__)
    if constexpr (std::is_same_v<T, float>)
        return xsimd::batch<float>(_mm256_fmadd_ps(a.raw, b.raw, c.raw));
    else if constexpr (std::is_same_v<T, double>)
        return xsimd::batch<double>(_mm256_fmadd_pd(a.raw, b.raw, c.raw));
    else
        return a * b + c;
#elif defined(__aarch64__)
    if constexpr (std::is_same_v<T, float>)
        return xsimd::batch<float>(vfmaq_f32(c.raw, a.raw, b.raw));
    else if constexpr (std::is_same_v<T, double>)
        return xsimd::batch<double>(vfmaq_f64(c.raw, a.raw, b.raw));
    else
        return a * b + c;
#else
    return a * b + c;
#endif
}

/// The larger; NaN where either is NaN (the hardware's max drops a NaN in its first operand).
template <class T>
TAPEGRAD_INLINE Batch<T> max(const Batch<T>& a, const Batch<T>& b) {
    return where(a > b, a, where(a == a, b, a));
}
/// The smaller; NaN where either is NaN.
template <class T>
TAPEGRAD_INLINE Batch<T> min(const Batch<T>& a, const Batch<T>& b) {
    return where(a < b, a, where(a == a, b, a));
}

/// Sum of the elements, in a fixed tree.
template <class T>
TAPEGRAD_INLINE T reduce_add(const Batch<T>& a) {
    if constexpr (Batch<T>::size == 1)
        return a.raw;
    else {
        T v[Batch<T>::size];
        a.store(v);
        for (std::size_t half = Batch<T>::size / 2; half > 0; half /= 2)
            for (std::size_t i = 0; i < half; ++i) v[i] += v[i + half];
        return v[0];
    }
}
/// Largest of the elements; NaN where any is NaN.
template <class T>
TAPEGRAD_INLINE T reduce_max(const Batch<T>& a) {
    if constexpr (Batch<T>::size == 1)
        return a.raw;
    else {
        T v[Batch<T>::size];
        a.store(v);
        for (std::size_t half = Batch<T>::size / 2; half > 0; half /= 2)
            for (std::size_t i = 0; i < half; ++i)
                v[i] = v[i] > v[i + half] ? v[i] : (v[i] == v[i] ? v[i + half] : v[i]);
        return v[0];
    }
}

/// The first `n` elements from `p`, `fill` behind them; 0 <= n <= size. Reads nothing past p + n.
template <class T>
TAPEGRAD_INLINE Batch<T> load_partial(const T* p, int64_t n, T fill = T(0)) {
#if defined(__AVX512F__)
    const auto mask = static_cast<unsigned>((uint64_t{1} << n) - 1);
    if constexpr (std::is_same_v<T, float>)
        return xsimd::batch<float>(
            _mm512_mask_loadu_ps(_mm512_set1_ps(fill), static_cast<__mmask16>(mask), p));
    else if constexpr (std::is_same_v<T, double>)
        return xsimd::batch<double>(
            _mm512_mask_loadu_pd(_mm512_set1_pd(fill), static_cast<__mmask8>(mask), p));
#endif
    T v[Batch<T>::size];
    for (std::size_t i = 0; i < Batch<T>::size; ++i) v[i] = fill;
    if (n > 0) std::memcpy(v, p, static_cast<std::size_t>(n) * sizeof(T));
    return Batch<T>::load(v);
}
/// Writes the first `n` elements to `p`, nothing past them; 0 <= n <= size.
template <class T>
TAPEGRAD_INLINE void store_partial(const Batch<T>& a, T* p, int64_t n) {
#if defined(__AVX512F__)
    const auto mask = static_cast<unsigned>((uint64_t{1} << n) - 1);
    if constexpr (std::is_same_v<T, float>)
        return _mm512_mask_storeu_ps(p, static_cast<__mmask16>(mask), a.raw);
    else if constexpr (std::is_same_v<T, double>)
        return _mm512_mask_storeu_pd(p, static_cast<__mmask8>(mask), a.raw);
#endif
    T v[Batch<T>::size];
    a.store(v);
    if (n > 0) std::memcpy(p, v, static_cast<std::size_t>(n) * sizeof(T));
}

/// Elements of a `Batch<T>`, signed as every size is.
template <class T>
inline constexpr int64_t width = static_cast<int64_t>(Batch<T>::size);

}
