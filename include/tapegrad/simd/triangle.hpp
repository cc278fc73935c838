// The triangles of row-major matrices.
#pragma once

#include <cstring>

#include "../core/parallel.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// y = x where column - row <= diagonal (`lower`) or >= diagonal, 0 elsewhere; `matrices` of (rows, cols).
template <class T>
void triangle(const T* x, T* y, int64_t matrices, int64_t rows, int64_t cols, int64_t diagonal, bool lower) {
    constexpr int64_t grain = int64_t{1} << 15;
    parallel_for(matrices * rows, grain / (cols + 1) + 1, [=](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
            // The first column that is not of the lower triangle, or the first of the upper one.
            const int64_t row = r % rows, offset = lower ? 1 : 0;
            const int64_t edge = diagonal > cols ? cols : row + diagonal + offset;
            const int64_t cut = edge < 0 ? 0 : edge < cols ? edge : cols;
            const T* const from = x + r * cols;
            T* const to = y + r * cols;
            const auto copied = static_cast<std::size_t>(lower ? cut : cols - cut) * sizeof(T);
            const auto cleared = static_cast<std::size_t>(lower ? cols - cut : cut) * sizeof(T);
            if (copied > 0) std::memcpy(lower ? to : to + cut, lower ? from : from + cut, copied);
            if (cleared > 0) std::memset(static_cast<void*>(lower ? to + cut : to), 0, cleared);
        }
    });
}

}
