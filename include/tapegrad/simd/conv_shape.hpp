// What a convolution reads: its sizes, and those of its transpose.
#pragma once

#include "patches.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// A convolution of x (batch, groups * in, size) with w (groups * out, in, window) to
/// y (batch, groups * out, result), all in row-major memory.
struct ConvShape {
    int64_t batch, groups, in, out;  // in, out: channels of a group
    Extent size, window, result;
    Extent stride{1, 1, 1}, padding{0, 0, 0}, dilation{1, 1, 1};

    bool is_depthwise() const { return in == 1 && out == 1; }
    int64_t terms() const { return in * volume(window); }
    /// A window of one place that goes over all places: a product of matrices as they lie.
    bool is_product() const {
        for (std::size_t i = 0; i < 3; ++i)
            if (window[i] != 1 || stride[i] != 1 || padding[i] != 0) return false;
        return true;
    }
};

namespace detail {

/// The windows of y along the three axes of x.
inline std::array<Taps, 3> window_taps(const ConvShape& s) {
    std::array<Taps, 3> axes;
    for (std::size_t i = 0; i < 3; ++i)
        axes[i] = {s.result[i], s.stride[i], s.window[i], -s.padding[i], s.dilation[i]};
    return axes;
}

/// Of the places r, r + stride, ... of x along one axis: which taps of the window wrote them, and where the
/// results lie to which they belong.
struct Phase {
    Taps taps;
    int64_t first_tap, tap_step;  // in the window
};
inline Phase phase_of(int64_t r, int64_t size, int64_t window, int64_t stride, int64_t padding,
                      int64_t dilation) {
    // Tap t of result i reads place i * stride - padding + t * dilation.
    Phase phase{{(size - r + stride - 1) / stride, 1, 0, 0, 0}, 0, 1};
    for (int64_t t = 0; t < window; ++t) {
        const int64_t from = r + padding - t * dilation;
        if (from % stride != 0) continue;
        if (phase.taps.taps == 0) {
            phase.first_tap = t;
            phase.taps.first = from / stride;
        } else if (phase.taps.taps == 1) {
            phase.tap_step = t - phase.first_tap;
            phase.taps.delta = from / stride - phase.taps.first;
        }
        ++phase.taps.taps;
    }
    return phase;
}

/// The places of x that are `stride` apart, from `first` on, with the taps that wrote them: a convolution of y
/// of its own.
struct ConvPhase {
    Extent first;
    std::array<Phase, 3> along;
    const ConvShape& s;

    std::array<Taps, 3> taps() const { return {along[0].taps, along[1].taps, along[2].taps}; }
    /// The weights of these taps, of one window.
    template <class T>
    T* pick(const T* window, T* to) const {
        for (int64_t i = 0; i < along[0].taps.taps; ++i)
            for (int64_t j = 0; j < along[1].taps.taps; ++j)
                for (int64_t k = 0; k < along[2].taps.taps; ++k)
                    *to++ = window[(tap(0, i) * s.window[1] + tap(1, j)) * s.window[2] + tap(2, k)];
        return to;
    }
    /// Puts the phase's elements of one channel where they belong.
    template <class T>
    const T* spread(const T* from, T* channel) const {
        for (int64_t i = first[0]; i < s.size[0]; i += s.stride[0])
            for (int64_t j = first[1]; j < s.size[1]; j += s.stride[1])
                for (int64_t k = first[2]; k < s.size[2]; k += s.stride[2])
                    channel[(i * s.size[1] + j) * s.size[2] + k] = *from++;
        return from;
    }

private:
    int64_t tap(std::size_t axis, int64_t i) const {
        return along[axis].first_tap + i * along[axis].tap_step;
    }
};

/// Calls f for each phase of x.
template <class F>
void for_each_phase(const ConvShape& s, const F& f) {
    Extent r{};
    for (r[0] = 0; r[0] < s.stride[0] && r[0] < s.size[0]; ++r[0])
        for (r[1] = 0; r[1] < s.stride[1] && r[1] < s.size[1]; ++r[1])
            for (r[2] = 0; r[2] < s.stride[2] && r[2] < s.size[2]; ++r[2]) {
                ConvPhase phase{r, {}, s};
                for (std::size_t i = 0; i < 3; ++i)
                    phase.along[i] =
                        phase_of(r[i], s.size[i], s.window[i], s.stride[i], s.padding[i], s.dilation[i]);
                f(phase);
            }
}

}
}
