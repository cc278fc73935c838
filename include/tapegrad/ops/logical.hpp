// Logic on bool tensors; comparisons make them, `where` reads them.
#pragma once

#include "primitive.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// True where both are.
/// Shape    a, b broadcast together -> y
inline Tensor<bool> operator&(const Tensor<bool>& a, const Tensor<bool>& b) {
    return record_constant("and",
                           detail::evaluate(
                               "and", [](const auto& u, const auto& v) { return u & v; }, a, b),
                           {a, b});
}
/// True where one is.
/// Shape    a, b broadcast together -> y
inline Tensor<bool> operator|(const Tensor<bool>& a, const Tensor<bool>& b) {
    return record_constant("or",
                           detail::evaluate(
                               "or", [](const auto& u, const auto& v) { return u | v; }, a, b),
                           {a, b});
}
/// True where x is false.
inline Tensor<bool> operator!(const Tensor<bool>& x) {
    return record_constant("not",
                           detail::evaluate(
                               "not", [](const auto& v) { return !v; }, x),
                           {x});
}

}
