// A strided view added to another one.
#pragma once

#include "batch.hpp"
#include "strided_copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// y[i] += x[i]
template <class T>
void add_row(const T* x, T* y, int64_t n) {
    int64_t i = 0;
    if constexpr (Vectorized<T>)
        for (constexpr int64_t w = width<T>; i + w <= n; i += w)
            (Batch<T>::load(y + i) + Batch<T>::load(x + i)).store(y + i);
    for (; i < n; ++i) y[i] = static_cast<T>(y[i] + x[i]);
}

}

/// dst += src for views of the same shape; strides count elements and may be 0 in `from`. The two must not overlap.
template <class T>
void add_strided(const T* src, const Strides& from, T* dst, const Strides& to, const Shape& shape) {
    for (const int64_t size : shape)
        if (size == 0) return;
    const detail::CopyPlan plan(shape, from, to);
    const detail::CopyAxis &read = plan.read, &row = plan.write;
    const int64_t longest = detail::copy_grain_bytes / static_cast<int64_t>(sizeof(T));
    parallel_for(plan.outer_count * read.size, longest / row.size, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const detail::CopyWalk at(plan, i / read.size);
            const T* const x = src + at.from + i % read.size * read.from;
            T* const y = dst + at.to + i % read.size * read.to;
            if (row.from == 1 && row.to == 1) {
                detail::add_row(x, y, row.size);
                continue;
            }
            for (int64_t j = 0; j < row.size; ++j)
                y[j * row.to] = static_cast<T>(y[j * row.to] + x[j * row.from]);
        }
    });
}

}
