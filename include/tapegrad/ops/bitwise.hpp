// Bits of integers. bool tensors have their operators in logical.hpp, under which `bitwise_and` and its like are
// the same as `logical_and` and its like.
#pragma once

#include "logical.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class T>
concept Integer = std::same_as<T, int32_t> || std::same_as<T, int64_t> || std::same_as<T, uint8_t>;

/// f of the integers of two tensors.
template <class T, class F>
Tensor<T> bitwise(const char* name, const F& f, const Tensor<T>& a, const Tensor<T>& b) {
    return evaluate(
        name,
        [&f](const simd::Batch<T>& u, const simd::Batch<T>& v) {
            return simd::Batch<T>(static_cast<T>(f(u.raw, v.raw)));
        },
        a, b);
}

/// a shifted by n bits; n below 0 or not below the number of bits shifts all of them out.
template <class T>
constexpr T shift_left(T a, T n) {
    using U = std::make_unsigned_t<T>;
    constexpr auto bits = static_cast<U>(sizeof(T) * 8);
    return static_cast<U>(n) < bits ? static_cast<T>(static_cast<U>(a) << static_cast<U>(n)) : T(0);
}
template <class T>
constexpr T shift_right(T a, T n) {
    using U = std::make_unsigned_t<T>;
    constexpr auto bits = static_cast<U>(sizeof(T) * 8);
    return static_cast<T>(a >> (static_cast<U>(n) < bits ? n : static_cast<T>(bits - 1)) >>
                          (static_cast<U>(n) < bits ? 0 : 1));
}

}

#define TAPEGRAD_BITWISE(function, op, expression)                         \
    template <detail::Integer T>                                           \
    Tensor<T> function(const Tensor<T>& a, const Tensor<T>& b) {           \
        return detail::bitwise(                                            \
            #function, [](T u, T v) { return expression; }, a, b);         \
    }                                                                      \
    template <detail::Integer T>                                           \
    Tensor<T> function(const Tensor<T>& a, std::type_identity_t<T> b) {    \
        return function(a, Tensor<T>(b));                                  \
    }                                                                      \
    template <detail::Integer T>                                           \
    Tensor<T> operator op(const Tensor<T>& a, const Tensor<T>& b) {        \
        return function(a, b);                                             \
    }                                                                      \
    template <detail::Integer T>                                           \
    Tensor<T> operator op(const Tensor<T>& a, std::type_identity_t<T> b) { \
        return function(a, Tensor<T>(b));                                  \
    }

/// Bits that both have.
/// Shape    a, b broadcast together; b may be a number
TAPEGRAD_BITWISE(bitwise_and, &, u& v)
/// Bits that one has.
/// Shape    a, b broadcast together; b may be a number
TAPEGRAD_BITWISE(bitwise_or, |, u | v)
/// Bits that exactly one has.
/// Shape    a, b broadcast together; b may be a number
TAPEGRAD_BITWISE(bitwise_xor, ^, u ^ v)
/// a times 2^b, modulo 2^bits; 0 for b below 0 or not below the number of bits.
/// Shape    a, b broadcast together; b may be a number
TAPEGRAD_BITWISE(bitwise_left_shift, <<, detail::shift_left(u, v))
/// a over 2^b, towards minus infinity; for b below 0 or not below the number of bits 0, or -1 for a negative a.
/// Shape    a, b broadcast together; b may be a number
TAPEGRAD_BITWISE(bitwise_right_shift, >>, detail::shift_right(u, v))
#undef TAPEGRAD_BITWISE

/// Every bit the other way.
template <detail::Integer T>
Tensor<T> bitwise_not(const Tensor<T>& x) {
    return detail::evaluate(
        "bitwise_not", [](const simd::Batch<T>& v) { return simd::Batch<T>(static_cast<T>(~v.raw)); }, x);
}
template <detail::Integer T>
Tensor<T> operator~(const Tensor<T>& x) {
    return bitwise_not(x);
}

template <std::same_as<bool> B>
Tensor<B> bitwise_and(const Tensor<B>& a, const Tensor<B>& b) {
    return a & b;
}
template <std::same_as<bool> B>
Tensor<B> bitwise_or(const Tensor<B>& a, const Tensor<B>& b) {
    return a | b;
}
template <std::same_as<bool> B>
Tensor<B> bitwise_xor(const Tensor<B>& a, const Tensor<B>& b) {
    return a ^ b;
}
template <std::same_as<bool> B>
Tensor<B> bitwise_not(const Tensor<B>& x) {
    return !x;
}

}
