// The windows of a convolution as a matrix that lies nowhere: `gemm` asks for panels of it and gets them
// straight from the image.
#pragma once

#include <array>

#include "gemm_pack.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// Sizes along three spatial axes; those that an operation lacks are 1.
using Extent = std::array<int64_t, 3>;

constexpr int64_t volume(const Extent& e) { return e[0] * e[1] * e[2]; }

namespace detail {

/// Along one axis, tap t of the window at position i reads place i * step + first + t * delta.
struct Taps {
    int64_t positions = 1, step = 1, taps = 1, first = 0, delta = 1;
};

constexpr int64_t tap_count(const std::array<Taps, 3>& axes) {
    return axes[0].taps * axes[1].taps * axes[2].taps;
}
constexpr int64_t position_count(const std::array<Taps, 3>& axes) {
    return axes[0].positions * axes[1].positions * axes[2].positions;
}

/// The matrix of patches: a row for each channel and tap, a column for each position. Places outside the
/// image are zero.
template <class T>
struct Patches {
    static constexpr int64_t breadth = GemmTile<T>::width;
    const T* data;  // channels of `size` elements each, behind each other
    Extent size;
    std::array<Taps, 3> axes;

    int64_t taps() const { return tap_count(axes); }
    int64_t positions() const { return position_count(axes); }

    /// Columns that are neighbours along the last axis.
    struct Run {
        int64_t at, count;  // where they go, and how many
        Extent base;        // the place of the first one's window, without a tap
    };
    /// At most `most` columns as runs; the number of runs.
    int64_t runs_of(int64_t column, int64_t most, Run* runs) const {
        const int64_t width = axes[2].positions, height = axes[1].positions;
        int64_t count = 0;
        for (int64_t at = 0; at < most; ++count) {
            const int64_t v = (column + at) % width, row = (column + at) / width;
            const int64_t left = width - v < most - at ? width - v : most - at;
            runs[count] = {at,
                           left,
                           {row / height * axes[0].step + axes[0].first,
                            row % height * axes[1].step + axes[1].first, v * axes[2].step + axes[2].first}};
            at += left;
        }
        return count;
    }

    /// A row of the matrix, over the columns of the runs.
    void read_row(int64_t row, const Run* runs, int64_t count, T* to) const {
        const int64_t c = row % axes[2].taps, b = row / axes[2].taps % axes[1].taps,
                      a = row / (axes[2].taps * axes[1].taps) % axes[0].taps, channel = row / taps();
        for (int64_t r = 0; r < count; ++r) {
            const Run& run = runs[r];
            const int64_t z = run.base[0] + a * axes[0].delta, y = run.base[1] + b * axes[1].delta;
            const bool inside = z >= 0 && z < size[0] && y >= 0 && y < size[1];
            read_run(data + ((channel * size[0] + z) * size[1] + y) * size[2], inside ? size[2] : 0,
                     run.base[2] + c * axes[2].delta, run.count, to + run.at);
        }
    }

    /// The panel that gemm asks for.
    void fill(int64_t p, int64_t terms, int64_t j, int64_t columns, T* to) const {
        Run runs[static_cast<std::size_t>(breadth)];
        const int64_t count = runs_of(j, columns, runs);
        for (int64_t q = 0; q < terms; ++q) read_row(p + q, runs, count, to + q * breadth);
    }

private:
    /// to[i] = line[x + i * step], 0 outside [0, size).
    void read_run(const T* line, int64_t extent, int64_t x, int64_t count, T* to) const {
        const int64_t step = axes[2].step;
        int64_t begin = 0, end = 0;  // what lies inside
        if (x < extent) {
            begin = x >= 0 ? 0 : ceil_quotient(-x, step);
            end = ceil_quotient(extent - x, step);
            if (end > count) end = count;
            if (begin > end) begin = end;
        }
        for (int64_t i = 0; i < begin; ++i) to[i] = T(0);
        if (step == 1)
            copy_line(line + x + begin, end - begin, to + begin);
        else
            for (int64_t i = begin; i < end; ++i) to[i] = line[x + i * step];
        for (int64_t i = end; i < count; ++i) to[i] = T(0);
    }
    static void copy_line(const T* from, int64_t count, T* to) {
        constexpr int64_t w = width<T>;
        for (; count >= w; count -= w, from += w, to += w) Batch<T>::load(from).store(to);
        if (count > 0) copy_short<w / 2>(to, from, count);
    }
    static int64_t ceil_quotient(int64_t a, int64_t b) { return b == 1 ? a : (a + b - 1) / b; }
};

/// The same matrix with rows and columns exchanged: a row for each position, a column for each channel and
/// tap.
template <class T>
struct PatchesTransposed {
    const Patches<T>& patches;

    void fill(int64_t p, int64_t terms, int64_t j, int64_t columns, T* to) const {
        constexpr int64_t breadth = Patches<T>::breadth, piece = 64;
        typename Patches<T>::Run runs[static_cast<std::size_t>(piece)];
        T lanes[static_cast<std::size_t>(breadth * piece)];
        for (int64_t begin = 0; begin < terms; begin += piece) {
            const int64_t rows = terms - begin < piece ? terms - begin : piece;
            const int64_t count = patches.runs_of(p + begin, rows, runs);
            for (int64_t l = 0; l < columns; ++l) patches.read_row(j + l, runs, count, lanes + l * piece);
            pack_terms(lanes, piece, columns, rows, to + begin * breadth, breadth);
        }
    }
};

}
}
