// The elements of a batch as one, by a combination of two batches: halves onto halves, in registers.
#pragma once

#include "lanes.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

/// Element i is element (i + By) mod width of x.
template <int By, class T>
TAPEGRAD_INLINE Batch<T> rotated(const Batch<T>& x) {
    constexpr int W = static_cast<int>(Batch<T>::size);
    const auto v = native(x);
    return [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
        return batch_of<T>(__builtin_shufflevector(v, v, ((I + By) % W)...));
    }
    (std::make_integer_sequence<int, W>{});
}

/// both(both(...), both(...)) over the elements: the tree of `reduce_add`, for any `both` of two batches.
template <class T, class Both>
TAPEGRAD_INLINE T fold(Batch<T> x, const Both& both) {
    constexpr int W = static_cast<int>(Batch<T>::size);
    if constexpr (W > 8) x = both(x, rotated<8>(x));
    if constexpr (W > 4) x = both(x, rotated<4>(x));
    if constexpr (W > 2) x = both(x, rotated<2>(x));
    if constexpr (W > 1) x = both(x, rotated<1>(x));
    if constexpr (W > 1)
        return static_cast<T>(native(x)[0]);
    else
        return x.raw;
}
template <class T>
TAPEGRAD_INLINE T fold_sum(const Batch<T>& x) {
    return fold(x, [](const Batch<T>& a, const Batch<T>& b) TAPEGRAD_LAMBDA { return a + b; });
}

}
