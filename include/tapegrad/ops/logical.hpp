// Logic: what is not 0 is true, NaN too. Comparisons make bool tensors, `where` reads them.
//
// Functions of one type are templates too, here and elsewhere: a program compiles what it calls.
#pragma once

#include "primitive.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// f of truth values.
template <class F, class... Ts>
Tensor<bool> logical(const char* name, const F& f, const Ts&... tensors) {
    return record_constant(name, evaluate(name, f, tensors...), {tensors...});
}
/// Whether an element is not 0.
template <class T>
Tensor<bool> truth(const char* name, const Tensor<T>& x) {
    return record_constant(name, cast<bool>(x), {x});
}

}

/// True where both are.
/// Shape    a, b broadcast together -> y
template <std::same_as<bool> B>
Tensor<B> operator&(const Tensor<B>& a, const Tensor<B>& b) {
    return detail::logical(
        "and", [](const auto& u, const auto& v) { return u & v; }, a, b);
}
/// True where one is.
/// Shape    a, b broadcast together -> y
template <std::same_as<bool> B>
Tensor<B> operator|(const Tensor<B>& a, const Tensor<B>& b) {
    return detail::logical(
        "or", [](const auto& u, const auto& v) { return u | v; }, a, b);
}
/// True where exactly one is.
/// Shape    a, b broadcast together -> y
template <std::same_as<bool> B>
Tensor<B> operator^(const Tensor<B>& a, const Tensor<B>& b) {
    return detail::logical(
        "xor", [](const auto& u, const auto& v) { return u ^ v; }, a, b);
}
/// True where x is false.
template <std::same_as<bool> B>
Tensor<B> operator!(const Tensor<B>& x) {
    return detail::logical(
        "not", [](const auto& v) { return !v; }, x);
}

/// True where neither is 0.
/// Shape    a, b broadcast together, of any element types -> y
template <class A, class B>
Tensor<bool> logical_and(const Tensor<A>& a, const Tensor<B>& b) {
    return detail::truth("logical_and", a) & detail::truth("logical_and", b);
}
/// True where one is not 0.
/// Shape    a, b broadcast together, of any element types -> y
template <class A, class B>
Tensor<bool> logical_or(const Tensor<A>& a, const Tensor<B>& b) {
    return detail::truth("logical_or", a) | detail::truth("logical_or", b);
}
/// True where exactly one is not 0.
/// Shape    a, b broadcast together, of any element types -> y
template <class A, class B>
Tensor<bool> logical_xor(const Tensor<A>& a, const Tensor<B>& b) {
    return detail::truth("logical_xor", a) ^ detail::truth("logical_xor", b);
}
/// True where x is 0.
template <class T>
Tensor<bool> logical_not(const Tensor<T>& x) {
    return !detail::truth("logical_not", x);
}

}
