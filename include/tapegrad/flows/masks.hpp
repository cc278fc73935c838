// Which variables a coupling transforms: true, and which its network sees: false.
#pragma once

#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Every second of n variables from the first on, or from the second on; true: they are transformed.
/// Shape    -> (n,)
inline Tensor<bool> alternating_mask(int64_t n, bool from_first = true) {
    Tensor<bool> mask = empty<bool>({n});
    for (int64_t i = 0; i < n; ++i) detail::output(mask)[i] = (i % 2 == 0) == from_first;
    return mask;
}
/// The first half of n variables, or the other one; the middle of an odd n belongs to the first.
/// Shape    -> (n,)
inline Tensor<bool> half_mask(int64_t n, bool first = true) {
    Tensor<bool> mask = empty<bool>({n});
    for (int64_t i = 0; i < n; ++i) detail::output(mask)[i] = (i < (n + 1) / 2) == first;
    return mask;
}
/// The squares of a board, from the first one on or from its neighbours.
/// Shape    -> (1, height, width), which serves every channel
inline Tensor<bool> checkerboard_mask(int64_t height, int64_t width, bool from_first = true) {
    Tensor<bool> mask = empty<bool>({1, height, width});
    for (int64_t i = 0; i < mask.numel(); ++i)
        detail::output(mask)[i] = ((i / width + i % width) % 2 == 0) == from_first;
    return mask;
}

}
