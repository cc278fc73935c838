// Tensors of another element type.
#pragma once

#include "../autograd/accumulate.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// x with elements of type U: `to<float>(x)`; x itself when it has them.
/// Shape    x (any) -> y, same shape
/// Grad     dx = dy as the type of x, between floating types (bfloat16 and float16 too); none by way of an
/// integer Numeric  to a floating type: rounded to nearest, ties to even. Floating to integer: towards zero,
/// to the
///          nearest end of the range outside it, 0 for NaN. To bool: whether it is not 0
template <class U, class T>
Tensor<U> to(const Tensor<T>& x) {
    constexpr bool differentiable = (Floating<T> || Real16<T>)&&(Floating<U> || Real16<U>);
    if constexpr (std::same_as<U, T>)
        return x;
    else if constexpr (differentiable)
        return record("to", detail::cast<U>(x), {x}, [](const Tensor<U>& dy) { return to<T>(dy); });
    else
        return record_constant("to", detail::cast<U>(x), {x});
}

}
