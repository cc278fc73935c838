// A plane copied once with its margins, so that no place of a window needs a test; where windows are not next to each
// other, neighbours of a row's results lie behind each other in the copy.
#pragma once

#include "../core/storage.hpp"
#include "batch.hpp"
#include "patches.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

/// A plane as the windows of `axes` read it, `margin` where it has no places.
template <class T>
class PaddedPlane {
public:
    PaddedPlane(const Extent& size, const std::array<Taps, 3>& axes, T margin = T(0))
        : size_(size), axes_(axes), margin_(margin) {
        for (std::size_t i = 0; i < 3; ++i) {
            const Taps& t = axes[i];
            const int64_t last = (t.taps - 1) * t.delta;  // of a window, from its first tap
            low_[i] = t.first + (last < 0 ? last : 0);
            reach_[i] = (t.positions - 1) * t.step + (last < 0 ? -last : last) + 1;
        }
        // Places of a row that are `step` apart stand together; a batch may read past the last.
        piece_ = (reach_[2] + axes[2].step - 1) / axes[2].step + width<T>;
        row_ = piece_ * axes[2].step;
        memory_ = Scratch<T>(reach_[0] * reach_[1] * row_);
    }

    void fill(const T* plane) {
        T* to = memory_.data();
        for (int64_t a = 0; a < reach_[0]; ++a)
            for (int64_t b = 0; b < reach_[1]; ++b, to += row_) {
                for (int64_t i = 0; i < row_; ++i) to[i] = margin_;
                const int64_t z = low_[0] + a, y = low_[1] + b;
                if (z < 0 || z >= size_[0] || y < 0 || y >= size_[1]) continue;
                copy_row(plane + (z * size_[1] + y) * size_[2], to);
            }
    }

    /// What tap (a, b, c) reads for position (t, u, 0); those of the next positions lie behind it.
    const T* at(int64_t t, int64_t u, int64_t a, int64_t b, int64_t c) const {
        const int64_t z = place(0, t, a), y = place(1, u, b), x = place(2, 0, c), step = axes_[2].step;
        return memory_.data() + (z * reach_[1] + y) * row_ + x % step * piece_ + x / step;
    }

private:
    int64_t place(std::size_t axis, int64_t position, int64_t tap) const {
        const Taps& t = axes_[axis];
        return position * t.step + t.first + tap * t.delta - low_[axis];
    }
    void copy_row(const T* from, T* to) const {
        const int64_t step = axes_[2].step, begin = low_[2] < 0 ? -low_[2] : 0;
        const int64_t room = size_[2] - low_[2], end = room < reach_[2] ? room : reach_[2];
        for (int64_t phase = 0; phase < step; ++phase) {
            const int64_t first = phase < begin ? phase + (begin - phase + step - 1) / step * step : phase;
            T* next = to + phase * piece_ + first / step;
            for (int64_t i = first; i < end; i += step) *next++ = from[low_[2] + i];
        }
    }

    Extent size_;
    std::array<Taps, 3> axes_;
    T margin_;
    Extent low_{}, reach_{};
    int64_t piece_ = 0, row_ = 0;
    Scratch<T> memory_;
};

}
