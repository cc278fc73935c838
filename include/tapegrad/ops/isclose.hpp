// What kind of number an element is, and whether two are the same or nearly so.
#pragma once

#include "count.hpp"
#include "logical.hpp"
#include "map.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

// Infinities and NaN are what a difference from themselves does not make 0; integers always pass.
/// True for NaN.
constexpr auto isnan(const Value auto& x) {
    return map(
        "isnan", [](const auto& v) { return v != v; }, x);
}
/// True for both infinities.
constexpr auto isinf(const Value auto& x) {
    return map(
        "isinf", [](const auto& v) { return (v == v) & (v - v != 0); }, x);
}
/// True for what is neither NaN nor an infinity.
constexpr auto isfinite(const Value auto& x) {
    return map(
        "isfinite", [](const auto& v) { return v - v == 0; }, x);
}

struct CloseOptions {
    double rtol = 1e-5, atol = 1e-8;
    bool equal_nan = false;
};
/// True where a and b are equal or both finite with |a - b| <= atol + rtol |b|.
/// Shape    a, b broadcast together -> y
template <class T>
Tensor<bool> isclose(const Tensor<T>& a, const Tensor<T>& b, CloseOptions options = {}) {
    if constexpr (!Floating<T>)
        return isclose(detail::cast<double>(a), detail::cast<double>(b), options);
    else
        return map(
            "isclose",
            [](const auto& u, const auto& v, T rtol, T atol, T nan) {
                const auto d = abs(u - v);
                return (u == v) | ((d - d == 0) & (d <= atol + rtol * abs(v))) |
                       ((u != u) & (v != v) & (like(u, nan) == 1));
            },
            a, b, options.rtol, options.atol, options.equal_nan ? 1 : 0);
}
/// Whether isclose holds for all elements; true of none.
/// Shape    a, b broadcast together
template <class T>
bool allclose(const Tensor<T>& a, const Tensor<T>& b, CloseOptions options = {}) {
    return all(isclose(a.detach(), b.detach(), options)).item();
}
/// Whether a and b have the same shape and equal elements; a NaN equals nothing.
template <class T>
bool equal(const Tensor<T>& a, const Tensor<T>& b) {
    if (a.shape() != b.shape()) return false;
    if constexpr (Real16<T>)
        return equal(detail::cast<float>(a), detail::cast<float>(b));
    else if constexpr (std::same_as<T, bool>)
        return all(!(a ^ b)).item();
    else
        return all(a.detach() == b.detach()).item();
}

}
