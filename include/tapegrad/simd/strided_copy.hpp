// Copies between a strided view and row-major memory.
//
// Axes that lie behind each other are joined first. What is left is a run of contiguous rows, or a transpose,
// which is walked in square tiles so that both sides touch whole cache lines, or the general case.
#pragma once

#include <cstring>

#include "../core/parallel.hpp"
#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t copy_grain = int64_t{1} << 16;  // elements that are worth a thread
inline constexpr int64_t copy_tile = 16;                 // side of a transposed tile: a cache line of floats

/// The axes of a view without those of size 1, neighbours joined where one stride continues the other.
struct CopyLayout {
    Shape shape;
    Strides strides;

    CopyLayout(const Shape& s, const Strides& st) {
        for (int i = 0; i < s.rank(); ++i) {
            if (s[i] == 1) continue;
            const int last = shape.rank() - 1;
            if (last >= 0 && strides[last] == st[i] * s[i]) {
                shape[last] *= s[i];
                strides[last] = st[i];
            } else {
                shape.push_back(s[i]);
                strides.push_back(st[i]);
            }
        }
        if (shape.empty()) {
            shape.push_back(1);
            strides.push_back(1);
        }
    }
    int inner() const { return shape.rank() - 1; }
    /// Where row `index` (of all axes but the last `skipped`) begins.
    int64_t offset(int64_t index, int skipped) const {
        int64_t at = 0;
        for (int i = shape.rank() - 1 - skipped; i >= 0; --i) {
            at += index % shape[i] * strides[i];
            index /= shape[i];
        }
        return at;
    }
};

/// to[i * rows + j] over a (rows, cols) view whose rows are `step` apart and whose columns are `stride`
/// apart.
template <bool FromStrided, class T>
void copy_plane(T* strided, int64_t row_stride, int64_t col_stride, T* packed, int64_t rows, int64_t cols) {
    for (int64_t i0 = 0; i0 < rows; i0 += copy_tile) {
        const int64_t i1 = i0 + copy_tile < rows ? i0 + copy_tile : rows;
        for (int64_t j0 = 0; j0 < cols; j0 += copy_tile) {
            const int64_t j1 = j0 + copy_tile < cols ? j0 + copy_tile : cols;
            for (int64_t i = i0; i < i1; ++i)
                for (int64_t j = j0; j < j1; ++j) {
                    T& outside = strided[i * row_stride + j * col_stride];
                    if constexpr (FromStrided)
                        packed[i * cols + j] = outside;
                    else
                        outside = packed[i * cols + j];
                }
        }
    }
}

template <bool FromStrided, class T>
void copy_strided(T* strided, const Shape& shape, const Strides& strides, T* packed) {
    const int64_t numel = numel_of(shape);
    if (numel == 0) return;
    const CopyLayout layout(shape, strides);
    const int last = layout.inner();
    const int64_t cols = layout.shape[last], step = layout.strides[last];
    if (step == 1) {  // contiguous rows, each cut where it is long
        if (layout.shape.rank() == 1) {
            parallel_for(numel, copy_grain, [&](int64_t begin, int64_t end) {
                T* const a = packed + begin;
                T* const b = strided + begin;
                std::memcpy(FromStrided ? a : b, FromStrided ? b : a,
                            static_cast<std::size_t>(end - begin) * sizeof(T));
            });
            return;
        }
        parallel_for(numel / cols, copy_grain / cols + 1, [&](int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row) {
                T* const a = packed + row * cols;
                T* const b = strided + layout.offset(row, 1);
                // A call for a few elements costs more than the loop.
                if (cols > 16)
                    std::memcpy(FromStrided ? a : b, FromStrided ? b : a,
                                static_cast<std::size_t>(cols) * sizeof(T));
                else
                    for (int64_t j = 0; j < cols; ++j)
                        (FromStrided ? a[j] : b[j]) = FromStrided ? b[j] : a[j];
            }
        });
        return;
    }
    if (last == 0) {
        copy_plane<FromStrided>(strided, 0, step, packed, 1, cols);
        return;
    }
    const int64_t rows = layout.shape[last - 1], row_stride = layout.strides[last - 1];
    // Bands of a plane, so that one large transpose is shared too; their height is a multiple of the tile.
    const int64_t band = (copy_grain / cols / copy_tile + 1) * copy_tile, bands = (rows + band - 1) / band;
    const int64_t planes = numel / (rows * cols),
                  grain = copy_grain / ((rows < band ? rows : band) * cols) + 1;
    parallel_for(planes * bands, grain, [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; ++t) {
            const int64_t plane = t / bands, first = t % bands * band, left = rows - first;
            copy_plane<FromStrided>(strided + layout.offset(plane, 2) + first * row_stride, row_stride, step,
                                    packed + (plane * rows + first) * cols, left < band ? left : band, cols);
        }
    });
}

}

/// dst = the elements of the view (src, shape, strides) in row-major order. Strides may be 0 or negative.
template <class T>
void copy_from_strided(const T* src, const Shape& shape, const Strides& strides, T* dst) {
    detail::copy_strided<true>(const_cast<T*>(src), shape, strides, dst);
}

/// The view (dst, shape, strides) = src, which is in row-major order. The view must not overlap itself.
template <class T>
void copy_to_strided(const T* src, T* dst, const Shape& shape, const Strides& strides) {
    detail::copy_strided<false>(dst, shape, strides, const_cast<T*>(src));
}

}
