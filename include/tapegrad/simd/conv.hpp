// Convolution over up to three axes, and its two transposes: by the image and by the weight. All three are
// products with the matrix of patches, which is packed from the image panel by panel; single channels have
// kernels of their own.
#pragma once

#include "conv_depthwise.hpp"
#include "gemm_batched.hpp"
#include "winograd.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// Whether tiles are worth their maps: channels on both sides that hide them, and images that fill tiles.
inline bool winograd_pays(const ConvShape& s) {
    return s.window == Extent{1, 3, 3} && s.stride == Extent{1, 1, 1} && s.dilation == Extent{1, 1, 1} &&
           s.size[0] == 1 && s.in >= 32 && s.out >= 32 && s.result[1] >= 8 && s.result[2] >= 8;
}

/// Images as tiles: as many as cover `result`.
inline WinogradTiles winograd_tiles(int64_t channels, const Extent& size, const Extent& result,
                                    int64_t groups, int64_t padding_high, int64_t padding_wide) {
    return {channels,
            ceil_div(result[1], winograd_tile),
            ceil_div(result[2], winograd_tile),
            size[1],
            size[2],
            padding_high,
            padding_wide,
            groups * channels * volume(size)};
}
inline WinogradTiles tiles_of_x(const ConvShape& s) {
    return winograd_tiles(s.in, s.size, s.result, s.groups, s.padding[1], s.padding[2]);
}
inline WinogradTiles tiles_of_y(const ConvShape& s) {
    return winograd_tiles(s.out, s.result, s.result, s.groups, 0, 0);
}

}

/// y = x convolved with w, plus `bias` (groups * out,) where it is not null.
///   y[n, o, i] = bias[o] + sum over channels c, taps t: w[o, c, t] x[n, c, i * stride - padding + t * dilation]
/// Numeric  sums as gemm, of single channels tap by tap; the same bits for any number of threads. Windows of
///          3 x 3 with stride 1 and 32 channels or more go through Winograd's F(4 x 4, 3 x 3): the error grows
///          about tenfold, and NaN or infinity spreads over its tile of 4 x 4 results
template <class T>
void conv(const T* x, const T* w, const T* bias, T* y, const ConvShape& s) {
    if (s.is_depthwise()) return detail::conv_depthwise(x, w, bias, y, s);
    const int64_t positions = volume(s.result), terms = s.terms(), pixels = volume(s.size);
    if (detail::winograd_pays(s)) {
        for (int64_t group = 0; group < s.groups; ++group)
            detail::winograd(x + group * s.in * pixels, bias != nullptr ? bias + group * s.out : nullptr,
                             y + group * s.out * positions, s.batch, detail::tiles_of_x(s),
                             detail::tiles_of_y(s), [&](int64_t o, int64_t c, int64_t tap) {
                                 return w[((group * s.out + o) * s.in + c) * 9 + tap];
                             });
        return;
    }
    detail::for_each_product(s.batch * s.groups, s.out * positions * terms, [&](int64_t item) {
        const int64_t group = item % s.groups;
        const T* const image = x + item * s.in * pixels;
        const MatrixRef<T> left{w + group * s.out * terms, terms, 1};
        T* const to = y + item * s.out * positions;
        const detail::Patches<T> patches{image, s.size, detail::window_taps(s)};
        const auto add_bias = [&](int64_t row, int64_t rows, int64_t col, int64_t cols) {
            if (bias == nullptr) return;
            detail::apply_epilogue(to, positions, row, rows, col, cols,
                                   [&](const Batch<T>& v, int64_t i, int64_t)
                                       TAPEGRAD_LAMBDA { return v + Batch<T>(bias[group * s.out + i]); });
        };
        const auto source = s.is_product() ? detail::PanelSource<T>{} : detail::PanelSource<T>::of(patches);
        detail::gemm_blocks<T>(s.out, positions, terms, left, {image, pixels, 1}, to, positions, false,
                               detail::GemmFinish::calling(add_bias), source);
    });
}

/// dx = the transpose of `conv` by x, applied to dy.
/// Numeric  as conv
template <class T>
void conv_data(const T* dy, const T* w, T* dx, const ConvShape& s) {
    if (s.is_depthwise()) return detail::conv_data_depthwise(dy, w, dx, s);
    const int64_t pixels = volume(s.size), positions = volume(s.result), window = volume(s.window);
    if (detail::winograd_pays(s)) {
        // dx is dy convolved with the filters turned about.
        const auto from =
            detail::winograd_tiles(s.out, s.result, s.size, s.groups, 2 - s.padding[1], 2 - s.padding[2]);
        const auto to = detail::winograd_tiles(s.in, s.size, s.size, s.groups, 0, 0);
        for (int64_t group = 0; group < s.groups; ++group)
            detail::winograd<T>(dy + group * s.out * positions, nullptr, dx + group * s.in * pixels, s.batch,
                                from, to, [&](int64_t c, int64_t o, int64_t tap) {
                                    return w[((group * s.out + o) * s.in + c) * 9 + 8 - tap];
                                });
        return;
    }
    if (s.is_product()) {
        detail::for_each_product(s.batch * s.groups, s.in * pixels * s.out, [&](int64_t item) {
            const MatrixRef<T> left{w + item % s.groups * s.out * s.in, 1, s.in};
            gemm(s.in, pixels, s.out, left, MatrixRef<T>{dy + item * s.out * positions, positions, 1},
                 dx + item * s.in * pixels, pixels);
        });
        return;
    }
    const bool whole = volume(s.stride) == 1;
    detail::for_each_phase(s, [&](const detail::ConvPhase& phase) {
        const detail::Patches<T> patches{nullptr, s.result, phase.taps()};
        const int64_t places = patches.positions(), terms = s.out * patches.taps();
        // The weight with in and out exchanged.
        Scratch<T> left(s.groups * s.in * terms);
        T* next = left.data();
        for (int64_t group = 0; group < s.groups; ++group)
            for (int64_t c = 0; c < s.in; ++c)
                for (int64_t o = 0; o < s.out; ++o)
                    next = phase.pick(w + ((group * s.out + o) * s.in + c) * window, next);
        detail::for_each_product(s.batch * s.groups, s.in * places * terms, [&](int64_t item) {
            const detail::Patches<T> of{dy + item * s.out * positions, patches.size, patches.axes};
            T* const image = dx + item * s.in * pixels;
            Scratch<T> part;
            if (!whole) part = Scratch<T>(s.in * places);
            T* const product = whole ? image : part.data();
            detail::gemm_blocks<T>(s.in, places, terms,
                                   {left.data() + item % s.groups * s.in * terms, terms, 1}, {of.data, 0, 1},
                                   product, places, false, {}, detail::PanelSource<T>::of(of));
            const T* from = product;
            for (int64_t c = 0; c < s.in && !whole; ++c) from = phase.spread(from, image + c * pixels);
        });
    });
}

/// dw = the transpose of `conv` by w, applied to dy.
/// Numeric  as conv
template <class T>
void conv_weight(const T* x, const T* dy, T* dw, const ConvShape& s) {
    if (s.is_depthwise()) return detail::conv_weight_depthwise(x, dy, dw, s);
    const int64_t pixels = volume(s.size), positions = volume(s.result), terms = s.terms();
    if (s.batch > 0 && detail::winograd_pays(s)) {
        for (int64_t group = 0; group < s.groups; ++group)
            detail::winograd_weight(x + group * s.in * pixels, dy + group * s.out * positions,
                                    dw + group * s.out * terms, s.batch, detail::tiles_of_x(s),
                                    detail::tiles_of_y(s));
        return;
    }
    detail::for_each_product(s.groups, s.out * positions * terms * s.batch, [&](int64_t group) {
        T* const to = dw + group * s.out * terms;
        if (s.batch == 0)
            for (int64_t i = 0; i < s.out * terms; ++i) to[i] = T(0);
        for (int64_t n = 0; n < s.batch; ++n) {
            const int64_t item = n * s.groups + group;
            const T* const image = x + item * s.in * pixels;
            const detail::Patches<T> patches{image, s.size, detail::window_taps(s)};
            const detail::PatchesTransposed<T> transposed{patches};
            const auto source =
                s.is_product() ? detail::PanelSource<T>{} : detail::PanelSource<T>::of(transposed);
            detail::gemm_blocks<T>(s.out, terms, positions, {dy + item * s.out * positions, positions, 1},
                                   {image, 1, pixels}, to, terms, n > 0, {}, source);
        }
    });
}

}
