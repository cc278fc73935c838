// The transpose of sliding windows: what was read several times is summed.
#pragma once

#include "../core/parallel.hpp"
#include "combine.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// dx[o, j, i] = the sum over windows w of dy[o, w, i, j - w step], in the order of w; dx (outer, n, inner)
/// and dy (outer, count, inner, size), row-major.
template <class T>
void fold_windows(const T* dy, T* dx, int64_t outer, int64_t n, int64_t inner, int64_t count, int64_t size,
                  int64_t step) {
    constexpr int64_t grain = 4096;  // elements of dx, which stay in the first level of cache
    const int64_t block = grain / inner + 1, blocks = (n - 1) / block + 1;
    parallel_for(outer * blocks, 1, [=](int64_t task, int64_t tasks_end) {
        for (; task < tasks_end; ++task) {
            const int64_t o = task / blocks, begin = task % blocks * block,
                          end = n - begin < block ? n : begin + block;
            T* const to = dx + o * n * inner;
            for (int64_t j = begin * inner; j < end * inner; ++j) to[j] = T(0);
            // From the first window that reaches the block to the last that begins in it or before it.
            const int64_t first = begin < size ? 0 : (begin - size) / step + 1;
            const int64_t last = (end - 1) / step < count - 1 ? (end - 1) / step : count - 1;
            for (int64_t w = first; w <= last; ++w) {
                const int64_t start = w * step, k0 = start < begin ? begin - start : 0,
                              k1 = end - start < size ? end - start : size;
                const T* const from = dy + (o * count + w) * inner * size;
                if (inner == 1 && k0 < k1) {
                    detail::combine_row(Add(), from + k0, to + start + k0, k1 - k0);
                    continue;
                }
                for (int64_t i = 0; i < inner; ++i)
                    for (int64_t k = k0; k < k1; ++k) {
                        T& sum = to[(start + k) * inner + i];
                        sum = Add()(sum, from[i * size + k]);
                    }
            }
        }
    });
}

}
