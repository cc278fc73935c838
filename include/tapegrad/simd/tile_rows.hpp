// A row of an image as tiles of four places, and tiles as a row: four neighbours become one element each of four
// vectors over tiles.
#pragma once

#include <cstring>

#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

/// Tiles that are moved at once; memory for tiles is that much longer.
inline constexpr int64_t tiles_at_once = 4;

template <class T>
struct TileLanes {
    typedef T Four __attribute__((vector_size(4 * sizeof(T))));
    Four row[4];

    TAPEGRAD_INLINE static Four load(const T* p) {
        Four v;
        std::memcpy(&v, p, sizeof v);
        return v;
    }
    TAPEGRAD_INLINE static void store(const Four& v, T* p) { std::memcpy(p, &v, sizeof v); }
    /// Rows become columns.
    TAPEGRAD_INLINE TileLanes transposed() const {
        const Four even = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5),
                   odd = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5),
                   even_high = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7),
                   odd_high = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
        return {{__builtin_shufflevector(even, odd, 0, 1, 4, 5),
                 __builtin_shufflevector(even, odd, 2, 3, 6, 7),
                 __builtin_shufflevector(even_high, odd_high, 0, 1, 4, 5),
                 __builtin_shufflevector(even_high, odd_high, 2, 3, 6, 7)}};
    }
};

/// to[j * plane + t] = from[4 t + j] for j < 6: tiles that overlap by two places. Reads and writes whole groups of
/// tiles_at_once tiles, and from[4 t] of the tile behind them.
template <class T>
void split_row(const T* from, int64_t tiles, T* to, int64_t plane) {
    using Lanes = TileLanes<T>;
    for (int64_t t = 0; t < tiles; t += tiles_at_once, from += 16, to += 4) {
        const Lanes columns =
            Lanes{{Lanes::load(from), Lanes::load(from + 4), Lanes::load(from + 8), Lanes::load(from + 12)}}
                .transposed();
        const auto next = Lanes::load(from + 16);
        for (int j = 0; j < 4; ++j) Lanes::store(columns.row[j], to + j * plane);
        Lanes::store(__builtin_shufflevector(columns.row[0], next, 1, 2, 3, 4), to + 4 * plane);
        Lanes::store(__builtin_shufflevector(columns.row[1], next, 1, 2, 3, 5), to + 5 * plane);
    }
}

/// to[4 t + j] = from[j * plane + t] for j < 4, as far as there are `places`.
template <class T>
void join_row(const T* from, int64_t plane, T* to, int64_t places) {
    using Lanes = TileLanes<T>;
    for (; places > 0; places -= 16, from += 4, to += 16) {
        const Lanes rows = Lanes{{Lanes::load(from), Lanes::load(from + plane), Lanes::load(from + 2 * plane),
                                  Lanes::load(from + 3 * plane)}}
                               .transposed();
        if (places >= 16) {
            for (int j = 0; j < 4; ++j) Lanes::store(rows.row[j], to + 4 * j);
        } else {
            std::memcpy(to, &rows, static_cast<std::size_t>(places) * sizeof(T));
        }
    }
}

}
