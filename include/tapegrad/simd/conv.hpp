// Convolution over up to three axes, and its two transposes: by the image and by the weight. All three are
// products with the matrix of patches, which is packed from the image panel by panel.
#pragma once

#include "gemm.hpp"
#include "patches.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// A convolution of x (batch, groups * in, size) with w (groups * out, in, window) to
/// y (batch, groups * out, result), all in row-major memory.
struct ConvShape {
    int64_t batch, groups, in, out;  // in, out: channels of a group
    Extent size, window, result;
    Extent stride{1, 1, 1}, padding{0, 0, 0}, dilation{1, 1, 1};

    int64_t terms() const { return in * volume(window); }
    /// A window of one place that goes over all places: a product of matrices as they lie.
    bool is_product() const {
        for (std::size_t i = 0; i < 3; ++i)
            if (window[i] != 1 || stride[i] != 1 || padding[i] != 0) return false;
        return true;
    }
};

namespace detail {

/// Calls product(item) for each item, on threads of their own where one is too small to be split.
template <class Product>
void for_each_product(int64_t items, int64_t work, const Product& product) {
    if (work >= gemm_serial && items < 4 * num_threads()) {
        for (int64_t i = 0; i < items; ++i) product(i);
        return;
    }
    parallel_for(items, ceil_div(gemm_serial / 2, work > 0 ? work : 1), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) product(i);
    });
}

/// What the windows of a convolution read.
template <class T>
Patches<T> patches_of(const T* x, const ConvShape& s) {
    Patches<T> p{x, s.size, {}};
    for (std::size_t i = 0; i < 3; ++i)
        p.axes[i] = {s.result[i], s.stride[i], s.window[i], -s.padding[i], s.dilation[i]};
    return p;
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

}

/// y = x convolved with w, plus `bias` (groups * out,) where it is not null.
///   y[n, o, i] = bias[o] + sum over channels c and taps t: w[o, c, t] x[n, c, i * stride - padding + t *
///   dilation]
/// Numeric  sums as gemm; the same bits for any number of threads
template <class T>
void conv(const T* x, const T* w, const T* bias, T* y, const ConvShape& s) {
    const int64_t positions = volume(s.result), terms = s.terms(), pixels = volume(s.size);
    detail::for_each_product(s.batch * s.groups, s.out * positions * terms, [&](int64_t item) {
        const int64_t group = item % s.groups;
        const T* const image = x + item * s.in * pixels;
        const MatrixRef<T> left{w + group * s.out * terms, terms, 1};
        T* const to = y + item * s.out * positions;
        const detail::Patches<T> patches = detail::patches_of(image, s);
        const auto add_bias = [&](int64_t row, int64_t rows, int64_t col, int64_t cols) {
            if (bias == nullptr) return;
            for (int64_t i = row; i < row + rows; ++i)
                for (int64_t j = col; j < col + cols; ++j) to[i * positions + j] += bias[group * s.out + i];
        };
        const auto source = s.is_product() ? detail::PanelSource<T>{} : detail::PanelSource<T>::of(patches);
        detail::gemm_blocks<T>(s.out, positions, terms, left, {image, pixels, 1}, to, positions, false,
                               detail::GemmFinish::calling(add_bias), source);
    });
}

/// dx = the transpose of `conv` by x, applied to dy.
template <class T>
void conv_data(const T* dy, const T* w, T* dx, const ConvShape& s) {
    const int64_t pixels = volume(s.size), positions = volume(s.result), window = volume(s.window);
    if (s.is_product()) {
        detail::for_each_product(s.batch * s.groups, s.in * pixels * s.out, [&](int64_t item) {
            const MatrixRef<T> left{w + item % s.groups * s.out * s.in, 1, s.in};
            gemm(s.in, pixels, s.out, left, MatrixRef<T>{dy + item * s.out * positions, positions, 1},
                 dx + item * s.in * pixels, pixels);
        });
        return;
    }
    // The places of x that are `stride` apart are written by the same taps: each such phase is a convolution
    // of dy with these.
    const bool whole = volume(s.stride) == 1;
    Extent r{};
    for (r[0] = 0; r[0] < s.stride[0] && r[0] < s.size[0]; ++r[0])
        for (r[1] = 0; r[1] < s.stride[1] && r[1] < s.size[1]; ++r[1])
            for (r[2] = 0; r[2] < s.stride[2] && r[2] < s.size[2]; ++r[2]) {
                detail::Phase phase[3];
                for (std::size_t i = 0; i < 3; ++i)
                    phase[i] = detail::phase_of(r[i], s.size[i], s.window[i], s.stride[i], s.padding[i],
                                                s.dilation[i]);
                detail::Patches<T> patches{nullptr, s.result, {phase[0].taps, phase[1].taps, phase[2].taps}};
                const int64_t taps = patches.taps(), places = patches.positions(), terms = s.out * taps;
                // The weight with in and out exchanged, of these taps.
                Scratch<T> left(s.groups * s.in * terms);
                T* to = left.data();
                for (int64_t group = 0; group < s.groups; ++group)
                    for (int64_t c = 0; c < s.in; ++c)
                        for (int64_t o = 0; o < s.out; ++o) {
                            const T* const from = w + ((group * s.out + o) * s.in + c) * window;
                            for (int64_t i = 0; i < phase[0].taps.taps; ++i)
                                for (int64_t j = 0; j < phase[1].taps.taps; ++j)
                                    for (int64_t k = 0; k < phase[2].taps.taps; ++k)
                                        *to++ =
                                            from[((phase[0].first_tap + i * phase[0].tap_step) * s.window[1] +
                                                  phase[1].first_tap + j * phase[1].tap_step) *
                                                     s.window[2] +
                                                 phase[2].first_tap + k * phase[2].tap_step];
                        }
                detail::for_each_product(s.batch * s.groups, s.in * places * terms, [&](int64_t item) {
                    detail::Patches<T> of = patches;
                    of.data = dy + item * s.out * positions;
                    T* const out = dx + item * s.in * pixels;
                    Scratch<T> part;
                    if (!whole) part = Scratch<T>(s.in * places);
                    T* const product = whole ? out : part.data();
                    detail::gemm_blocks<T>(
                        s.in, places, terms, {left.data() + item % s.groups * s.in * terms, terms, 1},
                        {of.data, 0, 1}, product, places, false, {}, detail::PanelSource<T>::of(of));
                    if (whole) return;
                    const T* from = product;
                    for (int64_t c = 0; c < s.in; ++c)
                        for (int64_t i = r[0]; i < s.size[0]; i += s.stride[0])
                            for (int64_t j = r[1]; j < s.size[1]; j += s.stride[1])
                                for (int64_t k = r[2]; k < s.size[2]; k += s.stride[2])
                                    out[((c * s.size[0] + i) * s.size[1] + j) * s.size[2] + k] = *from++;
                });
            }
}

/// dw = the transpose of `conv` by w, applied to dy.
template <class T>
void conv_weight(const T* x, const T* dy, T* dw, const ConvShape& s) {
    const int64_t pixels = volume(s.size), positions = volume(s.result), terms = s.terms();
    detail::for_each_product(s.groups, s.out * positions * terms * s.batch, [&](int64_t group) {
        T* const to = dw + group * s.out * terms;
        if (s.batch == 0)
            for (int64_t i = 0; i < s.out * terms; ++i) to[i] = T(0);
        for (int64_t n = 0; n < s.batch; ++n) {
            const int64_t item = n * s.groups + group;
            const T* const image = x + item * s.in * pixels;
            const detail::Patches<T> patches = detail::patches_of(image, s);
            const detail::PatchesTransposed<T> transposed{patches};
            const auto source =
                s.is_product() ? detail::PanelSource<T>{} : detail::PanelSource<T>::of(transposed);
            detail::gemm_blocks<T>(s.out, terms, positions, {dy + item * s.out * positions, positions, 1},
                                   {image, 1, pixels}, to, terms, n > 0, {}, source);
        }
    });
}

}
