// Packing: a panel of lanes (rows of A, or columns of B) copied so that the terms of a tile are contiguous.
//
// Any strides are read here, which is how gemm takes transposed and strided operands at one cost.
#pragma once

#include "gemm_kernel.hpp"
#include "transpose.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// Element (i, j) of a matrix at data[i * row_stride + j * col_stride]. Strides may be 0 or negative.
template <class T>
struct MatrixRef {
    const T* data;
    int64_t row_stride, col_stride;

    MatrixRef at(int64_t i, int64_t j) const {
        return {data + i * row_stride + j * col_stride, row_stride, col_stride};
    }
    MatrixRef transposed() const { return {data, col_stride, row_stride}; }
};

namespace detail {

/// Lanes that are contiguous along the terms: squares are transposed in registers. A square writes all its
/// lanes even where fewer exist; what it writes too much is overwritten, or lies in the slack behind the
/// panel.
template <class T>
void pack_terms(const T* from, int64_t lane, int64_t lanes, int64_t k, T* to, int64_t step) {
    constexpr int64_t w = transpose_side<sizeof(T)>;
    using Word = typename Word<sizeof(T)>::type;
    int64_t p = 0;
    for (; p + w <= k; p += w)
        // From the last square to the first: one that is not whole spills into the next term of the first
        // one.
        for (int64_t l = (lanes - 1) / w * w; l >= 0; l -= w)
            transpose_block<sizeof(T)>(reinterpret_cast<const Word*>(from + l * lane + p), lane, lanes - l,
                                       reinterpret_cast<Word*>(to + p * step + l), step);
    for (; p < k; ++p)
        for (int64_t l = 0; l < lanes; ++l) to[p * step + l] = from[l * lane + p];
}

/// Lanes that are contiguous: each term is copied. Where a last batch that is not whole has elements behind it
/// in the matrix, they are copied too, and overwritten by the next term.
template <class T>
void pack_lanes(const T* from, int64_t term, int64_t lanes, int64_t readable, int64_t k, T* to,
                int64_t step) {
    constexpr int64_t w = width<T>;
    if (const int64_t padded = (lanes + w - 1) / w * w; padded <= readable) lanes = padded;
    for (int64_t p = 0; p < k; ++p, from += term, to += step) {
        int64_t l = 0;
        for (; l + w <= lanes; l += w) Batch<T>::load(from + l).store(to + l);
        if (l < lanes) copy_short<w / 2>(to + l, from + l, lanes - l);
    }
}

/// What `pack` may overwrite behind the panel, in elements.
template <class T>
inline constexpr int64_t pack_slack = width<T>;

/// to[p * step + l] = from[l * lane + p * term] for the first `lanes` of the `readable` lanes that exist. A last
/// batch that is not whole is made whole where `step` has room.
template <class T>
[[gnu::noinline]] void pack(const T* from, int64_t lane, int64_t term, int64_t lanes, int64_t readable,
                            int64_t k, T* to, int64_t step) {
    constexpr int64_t w = width<T>;
    const int64_t padded = (lanes + w - 1) / w * w;
    for (int64_t p = 0; padded <= step && p < k; ++p)
        for (int64_t l = lanes; l < padded; ++l) to[p * step + l] = T(0);
    if (lane == 1) return pack_lanes(from, term, lanes, readable, k, to, step);
    if (term == 1) return pack_terms(from, lane, lanes, k, to, step);
    for (int64_t p = 0; p < k; ++p)
        for (int64_t l = 0; l < lanes; ++l) to[p * step + l] = from[l * lane + p * term];
}

}
}
