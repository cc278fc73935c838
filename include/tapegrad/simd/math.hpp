// Elementary functions of a `Batch`. Values follow IEEE 754 and PyTorch: NaN in, NaN out; signed zeros kept.
#pragma once

#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

#define TAPEGRAD_ELEMENTARY(name)                      \
    template <Vectorized T>                            \
    TAPEGRAD_INLINE Batch<T> name(const Batch<T>& x) { \
        return xsimd::name(x.raw);                     \
    }
TAPEGRAD_ELEMENTARY(exp)
TAPEGRAD_ELEMENTARY(expm1)
TAPEGRAD_ELEMENTARY(log)
TAPEGRAD_ELEMENTARY(log1p)
TAPEGRAD_ELEMENTARY(sqrt)
TAPEGRAD_ELEMENTARY(sin)
TAPEGRAD_ELEMENTARY(cos)
TAPEGRAD_ELEMENTARY(tan)
TAPEGRAD_ELEMENTARY(asin)
TAPEGRAD_ELEMENTARY(acos)
TAPEGRAD_ELEMENTARY(atan)
TAPEGRAD_ELEMENTARY(sinh)
TAPEGRAD_ELEMENTARY(cosh)
TAPEGRAD_ELEMENTARY(tanh)
TAPEGRAD_ELEMENTARY(erf)
TAPEGRAD_ELEMENTARY(floor)
TAPEGRAD_ELEMENTARY(ceil)
TAPEGRAD_ELEMENTARY(trunc)
#undef TAPEGRAD_ELEMENTARY

/// To the nearest integer, halves to even.
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> round(const Batch<T>& x) {
    return xsimd::nearbyint(x.raw);
}
template <class T>
TAPEGRAD_INLINE Batch<T> abs(const Batch<T>& x) {
    if constexpr (Vectorized<T>)
        return xsimd::abs(x.raw);
    else
        return x.raw < T(0) ? static_cast<T>(-x.raw) : x.raw;
}
/// -1, 0 or 1; 0 for NaN, as in PyTorch.
template <class T>
TAPEGRAD_INLINE Batch<T> sign(const Batch<T>& x) {
    const Batch<T> zero(T(0)), one(T(1));
    return where(x > zero, one, zero) - where(x < zero, one, zero);
}
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> copysign(const Batch<T>& magnitude, const Batch<T>& of) {
    return xsimd::copysign(magnitude.raw, of.raw);
}
template <Vectorized T>
TAPEGRAD_INLINE Mask<T> isnan(const Batch<T>& x) {
    return x != x;
}
template <Vectorized T>
TAPEGRAD_INLINE Mask<T> isfinite(const Batch<T>& x) {
    return x - x == Batch<T>(T(0));
}
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> pow(const Batch<T>& x, const Batch<T>& y) {
    return xsimd::pow(x.raw, y.raw);
}
template <Vectorized T>
TAPEGRAD_INLINE Batch<T> atan2(const Batch<T>& y, const Batch<T>& x) {
    return xsimd::atan2(y.raw, x.raw);
}

}
