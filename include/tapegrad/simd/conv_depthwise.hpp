// Convolution of single channels: there is no product of matrices in it, and the image is read as often as the
// window has places.
#pragma once

#include "../core/parallel.hpp"
#include "conv_shape.hpp"
#include "padded_plane.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd::detail {

/// to[position] = start + the sum over taps of w[tap] times what it reads.
template <class T>
void correlate_plane(const PaddedPlane<T>& plane, const std::array<Taps, 3>& axes, const T* w, T start,
                     T* to) {
    const int64_t wide = axes[2].positions, taps = tap_count(axes);
    Scratch<int64_t> offsets(taps);  // from the first tap, the same for every position
    for (int64_t k = 0; k < taps; ++k)
        offsets[k] = plane.at(0, 0, k / (axes[1].taps * axes[2].taps), k / axes[2].taps % axes[1].taps,
                              k % axes[2].taps) -
                     plane.at(0, 0, 0, 0, 0);
    for (int64_t t = 0; t < axes[0].positions; ++t)
        for (int64_t u = 0; u < axes[1].positions; ++u, to += wide) {
            const T* const row = plane.at(t, u, 0, 0, 0);
            for (int64_t v = 0; v < wide; v += width<T>) {
                Batch<T> sum{start};
                for (int64_t k = 0; k < taps; ++k)
                    sum = fma(Batch<T>(w[k]), Batch<T>::load(row + offsets[k] + v), sum);
                if (v + width<T> <= wide)
                    sum.store(to + v);
                else
                    store_partial(sum, to + v, wide - v);
            }
        }
}

/// A batch of `lanes` for each tap += the sums over positions of dy[position] times what the tap reads there.
template <class T>
void correlate_taps(const PaddedPlane<T>& plane, const std::array<Taps, 3>& axes, const T* dy, T* lanes) {
    const int64_t wide = axes[2].positions, whole = wide / width<T> * width<T>;
    for (int64_t a = 0; a < axes[0].taps; ++a)
        for (int64_t b = 0; b < axes[1].taps; ++b)
            for (int64_t c = 0; c < axes[2].taps; ++c, lanes += width<T>) {
                Batch<T> sum = Batch<T>::load(lanes);
                const T* from = dy;
                for (int64_t t = 0; t < axes[0].positions; ++t)
                    for (int64_t u = 0; u < axes[1].positions; ++u, from += wide) {
                        const T* const x = plane.at(t, u, a, b, c);
                        for (int64_t v = 0; v < whole; v += width<T>)
                            sum = fma(Batch<T>::load(from + v), Batch<T>::load(x + v), sum);
                        if (whole < wide)
                            sum = fma(load_partial(from + whole, wide - whole),
                                      load_partial(x + whole, wide - whole), sum);
                    }
                sum.store(lanes);
            }
}

/// Calls f(plane) for planes of so many multiplications each.
template <class F>
void for_each_plane(int64_t planes, int64_t work, const F& f) {
    const int64_t grain = 64 * 1024 / (work > 0 ? work : 1);
    parallel_for(planes, grain > 0 ? grain : 1, [&](int64_t begin, int64_t end) {
        for (int64_t plane = begin; plane < end; ++plane) f(plane);
    });
}

template <class T>
void conv_depthwise(const T* x, const T* w, const T* bias, T* y, const ConvShape& s) {
    const int64_t pixels = volume(s.size), positions = volume(s.result), window = volume(s.window);
    if (positions == 0) return;
    const std::array<Taps, 3> axes = window_taps(s);
    for_each_plane(s.batch * s.groups, positions * window, [&](int64_t item) {
        const int64_t channel = item % s.groups;
        PaddedPlane<T> plane(s.size, axes);
        plane.fill(x + item * pixels);
        correlate_plane(plane, axes, w + channel * window, bias != nullptr ? bias[channel] : T(0),
                        y + item * positions);
    });
}

template <class T>
void conv_data_depthwise(const T* dy, const T* w, T* dx, const ConvShape& s) {
    const int64_t pixels = volume(s.size), positions = volume(s.result), window = volume(s.window);
    const bool whole = volume(s.stride) == 1;
    for_each_phase(s, [&](const ConvPhase& phase) {
        const std::array<Taps, 3> axes = phase.taps();
        const int64_t taps = tap_count(axes), places = position_count(axes);
        for_each_plane(s.batch * s.groups, places * taps, [&](int64_t item) {
            Scratch<T> picked(taps + 1), part(whole ? 1 : places);
            phase.pick(w + item % s.groups * window, picked.data());
            T* const image = dx + item * pixels;
            T* const to = whole ? image : part.data();
            if (taps == 0 || positions == 0) {
                for (int64_t i = 0; i < places; ++i) to[i] = T(0);
            } else {
                PaddedPlane<T> plane(s.result, axes);
                plane.fill(dy + item * positions);
                correlate_plane(plane, axes, picked.data(), T(0), to);
            }
            if (!whole) phase.spread(static_cast<const T*>(to), image);
        });
    });
}

template <class T>
void conv_weight_depthwise(const T* x, const T* dy, T* dw, const ConvShape& s) {
    const int64_t pixels = volume(s.size), positions = volume(s.result), window = volume(s.window);
    for_each_plane(s.groups, s.batch * positions * window, [&](int64_t channel) {
        Scratch<T> lanes(window * width<T>);
        for (int64_t i = 0; i < lanes.size(); ++i) lanes[i] = T(0);
        if (positions > 0) {
            PaddedPlane<T> plane(s.size, window_taps(s));
            for (int64_t n = 0; n < s.batch; ++n) {
                const int64_t item = n * s.groups + channel;
                plane.fill(x + item * pixels);
                correlate_taps(plane, window_taps(s), dy + item * positions, lanes.data());
            }
        }
        for (int64_t t = 0; t < window; ++t)
            dw[channel * window + t] = reduce_add(Batch<T>::load(lanes.data() + t * width<T>));
    });
}

}
