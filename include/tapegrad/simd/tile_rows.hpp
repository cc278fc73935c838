// A row of an image as tiles of four places, and tiles as a row: four neighbours become one element each of four
// vectors over tiles.
#pragma once

#include <cstring>

#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

/// Tiles that are moved at once; memory for tiles is that much longer.
inline constexpr int64_t tiles_at_once = 4;

/// Four rows of four elements. Vectors go by reference: as values they would need registers of their size.
template <class T>
struct TileLanes {
    typedef T Four __attribute__((vector_size(4 * sizeof(T))));
    Four row[4];

    TAPEGRAD_INLINE void load(const T* p, int64_t step) {
        for (int64_t i = 0; i < 4; ++i) std::memcpy(&row[i], p + i * step, sizeof(Four));
    }
    TAPEGRAD_INLINE void store(T* p, int64_t step) const {
        for (int64_t i = 0; i < 4; ++i) std::memcpy(p + i * step, &row[i], sizeof(Four));
    }
    /// Rows become columns.
    TAPEGRAD_INLINE void transpose() {
        const Four even = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5),
                   odd = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5),
                   even_high = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7),
                   odd_high = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
        row[0] = __builtin_shufflevector(even, odd, 0, 1, 4, 5);
        row[1] = __builtin_shufflevector(even, odd, 2, 3, 6, 7);
        row[2] = __builtin_shufflevector(even_high, odd_high, 0, 1, 4, 5);
        row[3] = __builtin_shufflevector(even_high, odd_high, 2, 3, 6, 7);
    }
};

/// to[j * plane + t] = from[4 t + j] for j < 6: tiles that overlap by two places. Reads and writes whole groups of
/// tiles_at_once tiles, and from[4 t] of the tile behind them.
template <class T>
void split_row(const T* from, int64_t tiles, T* to, int64_t plane) {
    using Four = typename TileLanes<T>::Four;
    for (int64_t t = 0; t < tiles; t += tiles_at_once, from += 16, to += 4) {
        TileLanes<T> lanes;
        lanes.load(from, 4);
        lanes.transpose();
        lanes.store(to, plane);
        Four next;
        std::memcpy(&next, from + 16, sizeof next);
        const Four fifth = __builtin_shufflevector(lanes.row[0], next, 1, 2, 3, 4),
                   sixth = __builtin_shufflevector(lanes.row[1], next, 1, 2, 3, 5);
        std::memcpy(to + 4 * plane, &fifth, sizeof fifth);
        std::memcpy(to + 5 * plane, &sixth, sizeof sixth);
    }
}

/// to[4 t + j] = from[j * plane + t] for j < 4, as far as there are `places`.
template <class T>
void join_row(const T* from, int64_t plane, T* to, int64_t places) {
    for (; places > 0; places -= 16, from += 4, to += 16) {
        TileLanes<T> lanes;
        lanes.load(from, plane);
        lanes.transpose();
        if (places >= 16)
            lanes.store(to, 4);
        else
            std::memcpy(to, &lanes, static_cast<std::size_t>(places) * sizeof(T));
    }
}

}
