// Heads of attention, as kernels see them.
#pragma once

#include <cstdint>

#include "../core/config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// A (batch, head, row, column) view; columns are contiguous.
template <class T>
struct HeadView {
    T* data;
    int64_t batch, head, row;
    T* at(int64_t b, int64_t h, int64_t r) const { return data + b * batch + h * head + r * row; }
};

}
