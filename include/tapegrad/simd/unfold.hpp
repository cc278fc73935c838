// The transpose of sliding windows: what was read several times is summed.
#pragma once

#include "../core/parallel.hpp"
#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// dx[o, j, i] = the sum over windows w of dy[o, w, i, j - w step], in the order of w; dx (outer, n, inner)
/// and dy (outer, count, inner, size), row-major.
template <class T>
void fold_windows(const T* dy, T* dx, int64_t outer, int64_t n, int64_t inner, int64_t count, int64_t size,
                  int64_t step) {
    constexpr int64_t grain = int64_t{1} << 14;
    const int64_t work = inner * (size / step + 1) + 1;
    parallel_for(outer * n, grain / work + 1, [=](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
            const int64_t o = r / n, j = r % n;
            // The windows from the first that reaches j to the last that begins at or before it.
            const int64_t first = j < size ? 0 : (j - size) / step + 1;
            const int64_t last = j / step < count - 1 ? j / step : count - 1;
            for (int64_t i = 0; i < inner; ++i) {
                T total(0);
                for (int64_t w = first; w <= last; ++w)
                    total = static_cast<T>(total + dy[((o * count + w) * inner + i) * size + j - w * step]);
                dx[r * inner + i] = total;
            }
        }
    });
}

}
