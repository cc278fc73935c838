// The places of the largest elements of windows.
#pragma once

#include <vector>

#include "../core/parallel.hpp"
#include "patches.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// The windows along one axis: window i holds the places begin[i], begin[i] + step, ... below end[i].
struct PoolWindows {
    std::vector<int64_t> begin, end;
    int64_t step = 1;

    int64_t count() const { return static_cast<int64_t>(begin.size()); }
};

/// For each window the place, in the plane, of its largest element: the first of several, and of NaN, which
/// counts as largest, the last.
/// Shape    x (planes, size) -> places (planes, windows along the three axes); no window is empty
template <class T>
void max_pool_places(const T* x, int64_t planes, const Extent& size, const PoolWindows (&windows)[3],
                     int64_t* places) {
    const int64_t pixels = volume(size),
                  results = windows[0].count() * windows[1].count() * windows[2].count();
    parallel_for(planes, 4096 / (results + 1) + 1, [&](int64_t first, int64_t last) {
        for (int64_t p = first; p < last; ++p) {
            const T* const plane = x + p * pixels;
            int64_t* to = places + p * results;
            for (std::size_t a = 0; a < windows[0].begin.size(); ++a)
                for (std::size_t b = 0; b < windows[1].begin.size(); ++b)
                    for (std::size_t c = 0; c < windows[2].begin.size(); ++c) {
                        int64_t best = (windows[0].begin[a] * size[1] + windows[1].begin[b]) * size[2] +
                                       windows[2].begin[c];
                        T most = plane[best];
                        for (int64_t i = windows[0].begin[a]; i < windows[0].end[a]; i += windows[0].step)
                            for (int64_t j = windows[1].begin[b]; j < windows[1].end[b];
                                 j += windows[1].step) {
                                const int64_t row = (i * size[1] + j) * size[2];
                                for (int64_t k = windows[2].begin[c]; k < windows[2].end[c];
                                     k += windows[2].step) {
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
    });
}

}
