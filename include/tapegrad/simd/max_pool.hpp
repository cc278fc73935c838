// The places of the largest elements of windows.
#pragma once

#include <vector>

#include "../core/parallel.hpp"
#include "lanes.hpp"
#include "padded_plane.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// The windows along one axis: window i holds the places begin[i], begin[i] + step, ... below end[i].
struct PoolWindows {
    std::vector<int64_t> begin, end;
    int64_t step = 1;
    // Of windows that are alike, before they are cut to what exists: window i begins at i * stride + first.
    int64_t stride = 0, first = 0, taps = 0;

    int64_t count() const { return static_cast<int64_t>(begin.size()); }
};

namespace detail {

/// The places of one plane, window by window.
template <class T>
void largest_places(const T* plane, const Extent& size, const PoolWindows (&windows)[3], int64_t* to) {
    for (std::size_t a = 0; a < windows[0].begin.size(); ++a)
        for (std::size_t b = 0; b < windows[1].begin.size(); ++b)
            for (std::size_t c = 0; c < windows[2].begin.size(); ++c) {
                int64_t best =
                    (windows[0].begin[a] * size[1] + windows[1].begin[b]) * size[2] + windows[2].begin[c];
                T most = plane[best];
                for (int64_t i = windows[0].begin[a]; i < windows[0].end[a]; i += windows[0].step)
                    for (int64_t j = windows[1].begin[b]; j < windows[1].end[b]; j += windows[1].step) {
                        const int64_t row = (i * size[1] + j) * size[2];
                        for (int64_t k = windows[2].begin[c]; k < windows[2].end[c]; k += windows[2].step) {
                            const T v = plane[row + k];
                            if (v > most || v != v) {
                                most = v;
                                best = row + k;
                            }
                        }
                    }
                *to++ = best;
            }
}

/// The same, a batch of neighbouring windows at a time, where those along the last axis are alike.
template <Vectorized T>
class LargestOfRows {
public:
    LargestOfRows(const Extent& size, const PoolWindows (&windows)[3])
        : size_(size),
          windows_(windows),
          rows_(
              size,
              {{{size[0], 1, 1, 0, 1},
                {size[1], 1, 1, 0, 1},
                {windows[2].count(), windows[2].stride, windows[2].taps, windows[2].first, windows[2].step}}},
              -std::numeric_limits<T>::infinity()) {}

    void run(const T* plane, int64_t* to) {
        rows_.fill(plane);
        for (std::size_t a = 0; a < windows_[0].begin.size(); ++a)
            for (std::size_t b = 0; b < windows_[1].begin.size(); ++b, to += windows_[2].count())
                for (int64_t c = 0; c < windows_[2].count(); c += width<T>) pick(a, b, c, to + c);
    }

private:
    using Int = typename Lanes<T>::One;

    /// Windows (a, b, c) to (a, b, c + width).
    void pick(std::size_t a, std::size_t b, int64_t c, int64_t* to) const {
        const PoolWindows &deep = windows_[0], &high = windows_[1], &wide = windows_[2];
        const int64_t left = wide.count() - c, count = left < width<T> ? left : width<T>;
        const int64_t corner = (deep.begin[a] * size_[1] + high.begin[b]) * size_[2];
        Int lanes[Batch<T>::size] = {}, starts[Batch<T>::size] = {};
        for (int64_t l = 0; l < count; ++l) {
            lanes[l] = static_cast<Int>((c + l) * wide.stride + wide.first);
            starts[l] = static_cast<Int>(corner + wide.begin[static_cast<std::size_t>(c + l)]);
        }
        Ints<T> place, best;
        std::memcpy(&place, lanes, sizeof place);
        std::memcpy(&best, starts, sizeof best);
        auto most = native(Batch<T>(-std::numeric_limits<T>::infinity()));
        for (int64_t i = deep.begin[a]; i < deep.end[a]; i += deep.step)
            for (int64_t j = high.begin[b]; j < high.end[b]; j += high.step) {
                const Ints<T> row = place + static_cast<Int>((i * size_[1] + j) * size_[2]);
                for (int64_t k = 0; k < wide.taps; ++k) {
                    const auto v = native(Batch<T>::load(rows_.at(i, j, 0, 0, k) + c));
                    const auto better = (v > most) | (v != v);
                    most = better ? v : most;
                    best = better ? row + static_cast<Int>(k * wide.step) : best;
                }
            }
        for (int64_t l = 0; l < count; ++l) to[l] = best[l];
    }

    Extent size_;
    const PoolWindows (&windows_)[3];
    PaddedPlane<T> rows_;
};

}

/// For each window the place, in the plane, of its largest element: the first of several, and of NaN, which
/// counts as largest, the last.
/// Shape    x (planes, size) -> places (planes, windows along the three axes); no window is empty
template <class T>
void max_pool_places(const T* x, int64_t planes, const Extent& size, const PoolWindows (&windows)[3],
                     int64_t* places) {
    const int64_t pixels = volume(size),
                  results = windows[0].count() * windows[1].count() * windows[2].count();
    const bool alike = windows[2].stride > 0 && pixels < std::numeric_limits<std::int32_t>::max() / 2;
    parallel_for(planes, 4096 / (results + 1) + 1, [&](int64_t first, int64_t last) {
        if constexpr (Vectorized<T>)
            if (alike) {
                detail::LargestOfRows<T> rows(size, windows);
                for (int64_t p = first; p < last; ++p) rows.run(x + p * pixels, places + p * results);
                return;
            }
        for (int64_t p = first; p < last; ++p)
            detail::largest_places(x + p * pixels, size, windows, places + p * results);
    });
}

}
