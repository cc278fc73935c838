// Copies between layouts: a strided view to contiguous memory, back, and between two views.
//
// The axes are sorted by the stride of the target and joined where both sides walk them as one. What is left
// is one of
//
//   rows     both sides are densest along the same axis: a block copy, a fill or a strided loop for each row
//   tiles    they are densest along different axes: a transpose of tiles that fit the first level of cache,
//   in blocks
//            that fit the registers, so that every cache line is read once and written once
//
// An element is moved as a word of its size; its type does not matter, and one kernel serves all types of a
// size.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "../core/parallel.hpp"
#include "../core/shape.hpp"
#include "copy_plan.hpp"
#include "transpose.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t copy_grain_bytes = 128 * 1024;  // about 10 us of a core at the bandwidth of memory

template <std::size_t Bytes>
TAPEGRAD_INLINE void copy_row(const typename Word<Bytes>::type* from, typename Word<Bytes>::type* to,
                              int64_t n, const CopyAxis& axis) {
    if (axis.to == 1 && axis.from == 1) {
        if (n * static_cast<int64_t>(Bytes) >= 64) {
            std::memcpy(to, from, static_cast<std::size_t>(n) * Bytes);
            return;
        }
        for (int64_t i = 0; i < n; ++i) to[i] = from[i];
    } else if (axis.to == 1 && axis.from == 0) {
        const typename Word<Bytes>::type value = *from;
        for (int64_t i = 0; i < n; ++i) to[i] = value;
    } else {
        for (int64_t i = 0; i < n; ++i) to[i * axis.to] = from[i * axis.from];
    }
}

template <std::size_t Bytes>
void copy_rows(const CopyPlan& plan, const typename Word<Bytes>::type* from, typename Word<Bytes>::type* to) {
    constexpr int64_t longest = copy_grain_bytes / static_cast<int64_t>(Bytes);
    const int64_t n = plan.write.size;
    if (n <= longest) {
        parallel_for(plan.outer_count, longest / n, [&](int64_t begin, int64_t end) {
            CopyWalk at(plan, begin);
            for (int64_t row = begin; row < end; ++row, at.next())
                copy_row<Bytes>(from + at.from, to + at.to, n, plan.write);
        });
    } else {
        const int64_t parts = (n - 1) / longest + 1;
        parallel_for(plan.outer_count * parts, 1, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                const CopyWalk at(plan, i / parts);
                const int64_t start = i % parts * longest, rest = n - start;
                copy_row<Bytes>(from + at.from + start * plan.write.from, to + at.to + start * plan.write.to,
                                rest < longest ? rest : longest, plan.write);
            }
        });
    }
}

/// A tile of `reads` x `writes` elements.
template <std::size_t Bytes>
void copy_tile(const typename Word<Bytes>::type* from, typename Word<Bytes>::type* to, int64_t reads,
               int64_t writes, const CopyAxis& read, const CopyAxis& write) {
    constexpr int64_t N = transpose_side<Bytes>;
    // The longer side is the inner loop.
    const auto single = [=](int64_t r0, int64_t r1, int64_t w0, int64_t w1, auto read_from,
                            auto write_to) TAPEGRAD_LAMBDA {
        if (r1 - r0 < w1 - w0) {
            for (int64_t r = r0; r < r1; ++r)
                for (int64_t w = w0; w < w1; ++w)
                    to[r * read.to + w * write_to] = from[r * read_from + w * write.from];
        } else {
            for (int64_t w = w0; w < w1; ++w)
                for (int64_t r = r0; r < r1; ++r)
                    to[r * read.to + w * write_to] = from[r * read_from + w * write.from];
        }
    };
    if (read.from != 1 || write.to != 1) return single(0, reads, 0, writes, read.from, write.to);
    constexpr std::integral_constant<int64_t, 1> one{};
    const int64_t whole_reads = reads / N * N, whole_writes = writes / N * N;
    for (int64_t w = 0; w < whole_writes; w += N)
        for (int64_t r = 0; r < whole_reads; r += N)
            transpose_block<Bytes>(from + r + w * write.from, write.from, N, to + r * read.to + w, read.to);
    single(whole_reads, reads, 0, whole_writes, one, one);
    single(0, reads, whole_writes, writes, one, one);
}

template <std::size_t Bytes>
void copy_tiles(const CopyPlan& plan, const typename Word<Bytes>::type* from,
                typename Word<Bytes>::type* to) {
    // 4096 words of 4 bytes: both sides of a tile lie in the first level of cache. A source line that is long
    // enough for the prefetcher is worth more than a square (1.3 times at 4096 x 4096). A short side lends
    // its length.
    constexpr int64_t long_read = 128, long_write = 32, area = long_read * long_write;
    const CopyAxis &read = plan.read, &write = plan.write;
    const int64_t read_side = write.size < long_write ? area / write.size : long_read;
    const int64_t write_side = read.size < long_read ? area / read.size : long_write;
    const int64_t across = (read.size - 1) / read_side + 1, down = (write.size - 1) / write_side + 1;
    const int64_t grain = copy_grain_bytes / (area * static_cast<int64_t>(Bytes));
    parallel_for(plan.outer_count * across * down, grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const CopyWalk at(plan, i / (across * down));
            const int64_t r = i / down % across * read_side, w = i % down * write_side;
            const int64_t reads = read.size - r, writes = write.size - w;
            copy_tile<Bytes>(from + at.from + r * read.from + w * write.from,
                             to + at.to + r * read.to + w * write.to, reads < read_side ? reads : read_side,
                             writes < write_side ? writes : write_side, read, write);
        }
    });
}

}

/// Copies a view to another view of the same shape; strides count elements, may be negative, and may be 0 in
/// `from`. The two must not overlap.
template <class T>
void copy_strided(const T* src, const Strides& from, T* dst, const Strides& to, const Shape& shape) {
    static_assert(std::is_trivially_copyable_v<T>);
    using Word = typename detail::Word<sizeof(T)>::type;
    for (const int64_t size : shape)
        if (size == 0) return;
    const detail::CopyPlan plan(shape, from, to);
    const auto* words = reinterpret_cast<const Word*>(src);
    auto* out = reinterpret_cast<Word*>(dst);
    if (plan.read.size == 1)
        detail::copy_rows<sizeof(T)>(plan, words, out);
    else
        detail::copy_tiles<sizeof(T)>(plan, words, out);
}

/// Copies a strided view to row-major memory. The two must not overlap.
template <class T>
void copy_from_strided(const T* src, const Shape& shape, const Strides& strides, T* dst) {
    copy_strided(src, strides, dst, row_major(shape), shape);
}

/// Copies row-major memory into a strided view, whose strides are not 0. The two must not overlap.
template <class T>
void copy_to_strided(const T* src, T* dst, const Shape& shape, const Strides& strides) {
    copy_strided(src, row_major(shape), dst, strides, shape);
}

}
