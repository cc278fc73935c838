// Windows of an image as columns of a matrix that lies in memory, and columns summed back to an image.
#pragma once

#include "../core/parallel.hpp"
#include "conv_shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// y[n, (c, tap), position] = what the tap reads there, 0 outside of x. `s` has one group; out has no meaning.
/// Shape    x (batch, in, size) -> y (batch, in * window, result)
template <class T>
void im2col(const T* x, T* y, const ConvShape& s) {
    const int64_t window = volume(s.window), positions = volume(s.result), pixels = volume(s.size);
    constexpr int64_t piece = 1024;
    parallel_for(s.batch * s.in, 16 * 1024 / (window * positions + 1) + 1, [&](int64_t begin, int64_t end) {
        Scratch<typename detail::Patches<T>::Run> runs(piece);
        for (int64_t plane = begin; plane < end; ++plane) {
            const detail::Patches<T> patches{x + plane * pixels, s.size, detail::window_taps(s)};
            for (int64_t at = 0; at < positions; at += piece) {
                const int64_t count =
                    patches.runs_of(at, positions - at < piece ? positions - at : piece, runs.data());
                for (int64_t tap = 0; tap < window; ++tap)
                    patches.read_row(tap, runs.data(), count, y + (plane * window + tap) * positions + at);
            }
        }
    });
}

/// The transpose: what several windows read is summed, tap by tap.
/// Shape    y (batch, in * window, result) -> x (batch, in, size)
template <class T>
void col2im(const T* y, T* x, const ConvShape& s) {
    const int64_t window = volume(s.window), positions = volume(s.result), pixels = volume(s.size);
    parallel_for(s.batch * s.in, 16 * 1024 / (window * positions + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t plane = begin; plane < end; ++plane) {
            T* const to = x + plane * pixels;
            const T* from = y + plane * window * positions;
            for (int64_t i = 0; i < pixels; ++i) to[i] = T(0);
            for (int64_t a = 0; a < s.window[0]; ++a)
                for (int64_t b = 0; b < s.window[1]; ++b)
                    for (int64_t c = 0; c < s.window[2]; ++c)
                        for (int64_t t = 0; t < s.result[0]; ++t)
                            for (int64_t u = 0; u < s.result[1]; ++u, from += s.result[2]) {
                                const int64_t z = t * s.stride[0] - s.padding[0] + a * s.dilation[0],
                                              row = u * s.stride[1] - s.padding[1] + b * s.dilation[1],
                                              first = c * s.dilation[2] - s.padding[2];
                                if (z < 0 || z >= s.size[0] || row < 0 || row >= s.size[1]) continue;
                                T* const line = to + (z * s.size[1] + row) * s.size[2];
                                for (int64_t v = 0; v < s.result[2]; ++v) {
                                    const int64_t place = first + v * s.stride[2];
                                    if (place >= 0 && place < s.size[2]) line[place] += from[v];
                                }
                            }
        }
    });
}

}
