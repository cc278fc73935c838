// Normalisation of sets of runs, as group, instance and batch normalisation need it: the elements of
// x (outer, channels, inner) are cut into sets, each set is normalised by its own mean and variance, and each
// channel has a weight and a bias.
//
//   group      a set is one of `outer` and a group of neighbouring channels: (outer, groups, channels / groups, inner)
//   batch      a set is a channel: the same channel of all `outer`
//
// A set comes from memory once and is walked in the cache: mean, then variance around it, then result. With
// runs of one element (batch normalisation of (n, channels)) neighbouring channels go side by side in a batch.
#pragma once

#include "layer_norm.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// x (outer, channels, inner), in sets of runs of `inner` elements.
struct NormSets {
    int64_t outer, channels, inner;
    int64_t groups = 0;  // of channels, in each of outer; 0: each channel of all outer is a set
    bool given = false;  // backward: the moments are not those of x, but given

    int64_t sets() const { return groups == 0 ? channels : outer * groups; }
    int64_t runs() const { return groups == 0 ? outer : channels / groups; }
    int64_t size() const { return runs() * inner; }
    /// The place of a run among all runs, outer * channels of them.
    int64_t run(int64_t set, int64_t i) const { return groups == 0 ? i * channels + set : set * runs() + i; }
    int64_t grain() const { return size() > 0 ? detail::norm_grain / size() : 1; }
    bool columns() const { return groups == 0 && inner == 1; }
};

namespace detail {

template <class T>
struct NormTensors {
    const T *x, *weight, *bias;  // weight and bias (channels), or null
    T *mean, *variance;          // (sets)
    T eps;

    T scale_of(int64_t channel) const { return weight != nullptr ? weight[channel] : T(1); }
    T rstd_of(int64_t set) const { return T(1) / std::sqrt(variance[set] + eps); }
};

/// The sum of f(run, i, count) over the batches of a set.
template <class T, class F>
T sum_set(const NormSets& s, int64_t set, const F& f) {
    // The runs of a group lie behind each other.
    const int64_t pieces = s.groups > 0 ? 1 : s.runs(), length = s.groups > 0 ? s.size() : s.inner;
    T total(0);
    for (int64_t r = 0; r < pieces; ++r) {
        const int64_t at = s.run(set, r) * s.inner;
        total += sum_batches<T>(length, [&](int64_t i, int64_t c) TAPEGRAD_LAMBDA { return f(at + i, c); });
    }
    return total;
}

template <class T>
void norm_set(const NormSets& s, const NormTensors<T>& t, int64_t set, T* y) {
    const T count = static_cast<T>(s.size());
    const T* const x = t.x;
    const T middle =
        sum_set<T>(s, set, [x](int64_t at, int64_t c) TAPEGRAD_LAMBDA { return load_some(x + at, c); }) /
        count;
    const Batch<T> m(middle);
    t.mean[set] = middle;
    t.variance[set] = sum_set<T>(s, set,
                                 [x, m, middle](int64_t at, int64_t c) TAPEGRAD_LAMBDA {
                                     const Batch<T> d = load_some(x + at, c, middle) - m;
                                     return d * d;
                                 }) /
                      count;
    const T rstd = t.rstd_of(set);
    for (int64_t r = 0; r < s.runs(); ++r) {
        const int64_t run = s.run(set, r), channel = run % s.channels;
        const Batch<T> scale(rstd * t.scale_of(channel)), shift(t.bias != nullptr ? t.bias[channel] : T(0));
        const int64_t at = run * s.inner;
        for_batches<T>(s.inner, [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA {
            store_some(fma(load_some(x + at + i, c) - m, scale, shift), y + at + i, c);
        });
    }
}

/// dx of a set. The sums of dy and of dy times the normalised x, for each run, go to `shifts` and `slopes`.
template <class T>
void norm_set_backward(const NormSets& s, const NormTensors<T>& t, int64_t set, const T* dy, T* dx, T* slopes,
                       T* shifts) {
    const T* const x = t.x;
    const T rstd = t.rstd_of(set), count = static_cast<T>(s.size());
    const Batch<T> m(t.mean[set]), scale(rstd);
    T sum(0), dot(0);
    for (int64_t r = 0; r < s.runs(); ++r) {
        const int64_t run = s.run(set, r), at = run * s.inner;
        const auto [shift, slope] = sum_batch_pairs<T>(s.inner, [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA {
            const Batch<T> g = load_some(dy + at + i, c);
            return std::pair(g, g * ((load_some(x + at + i, c) - m) * scale));
        });
        slopes[run] = slope;
        shifts[run] = shift;
        const T weight = t.scale_of(run % s.channels);
        sum += weight * shift;
        dot += weight * slope;
    }
    if (dx == nullptr) return;
    const Batch<T> mean(sum / count), tilt(dot / count);
    for (int64_t r = 0; r < s.runs(); ++r) {
        const int64_t run = s.run(set, r), at = run * s.inner;
        const Batch<T> weight(t.scale_of(run % s.channels));
        if (s.given) {
            for_batches<T>(s.inner, [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA {
                store_some(scale * (load_some(dy + at + i, c) * weight), dx + at + i, c);
            });
            continue;
        }
        for_batches<T>(s.inner, [=](int64_t i, int64_t c) TAPEGRAD_LAMBDA {
            const Batch<T> v = (load_some(x + at + i, c) - m) * scale;
            store_some(scale * (fma(-tilt, v, load_some(dy + at + i, c) * weight) - mean), dx + at + i, c);
        });
    }
}

// Batches of columns that are walked together, so that whole cache lines next to each other are used at each step.
inline constexpr std::size_t norm_strip = 4;

/// The sums of the batches f(row, q), in blocks: the error grows with n / 128.
template <std::size_t Q, class T, class F>
TAPEGRAD_INLINE void sum_rows(int64_t n, Batch<T> (&total)[Q], const F& f) {
    for (Batch<T>& t : total) t = Batch<T>(T(0));
    for (int64_t r = 0; r < n;) {
        Batch<T> part[Q];
        for (Batch<T>& p : part) p = Batch<T>(T(0));
        for (const int64_t end = n - r < 128 ? n : r + 128; r < end; ++r)
            for (std::size_t q = 0; q < Q; ++q) part[q] += f(r, q);
        for (std::size_t q = 0; q < Q; ++q) total[q] += part[q];
    }
}

/// The sets of Q batches of channels from `first` side by side, or of one batch with `count` channels; x is
/// (outer, channels).
template <std::size_t Q, class T>
void norm_columns(const NormSets& s, const NormTensors<T>& t, int64_t first, int64_t count, T* y) {
    const Batch<T> n(static_cast<T>(s.outer));
    const auto place = [first](std::size_t q) { return first + static_cast<int64_t>(q) * width<T>; };
    const auto row = [&](int64_t r, std::size_t q)
                         TAPEGRAD_LAMBDA { return load_some(t.x + r * s.channels + place(q), count); };
    Batch<T> mean[Q], variance[Q], scale[Q], shift[Q];
    sum_rows<Q, T>(s.outer, mean, row);
    for (Batch<T>& m : mean) m = m / n;
    sum_rows<Q, T>(s.outer, variance, [&](int64_t r, std::size_t q) TAPEGRAD_LAMBDA {
        const Batch<T> d = row(r, q) - mean[q];
        return d * d;
    });
    for (std::size_t q = 0; q < Q; ++q) {
        variance[q] = variance[q] / n;
        store_some(mean[q], t.mean + place(q), count);
        store_some(variance[q], t.variance + place(q), count);
        scale[q] = Batch<T>(T(1)) / sqrt(variance[q] + Batch<T>(t.eps));
        if (t.weight != nullptr) scale[q] = scale[q] * load_some(t.weight + place(q), count);
        shift[q] = t.bias != nullptr ? load_some(t.bias + place(q), count) : Batch<T>(T(0));
    }
    for (int64_t r = 0; r < s.outer; ++r)
        for (std::size_t q = 0; q < Q; ++q)
            store_some(fma(row(r, q) - mean[q], scale[q], shift[q]), y + r * s.channels + place(q), count);
}
template <std::size_t Q, class T>
void norm_columns_backward(const NormSets& s, const NormTensors<T>& t, int64_t first, int64_t count,
                           const T* dy, T* dx, T* dweight, T* dbias) {
    const Batch<T> n(static_cast<T>(s.outer));
    const auto place = [first](std::size_t q) { return first + static_cast<int64_t>(q) * width<T>; };
    Batch<T> mean[Q], rstd[Q], sums[2 * Q];
    for (std::size_t q = 0; q < Q; ++q) {
        mean[q] = load_some(t.mean + place(q), count);
        rstd[q] = Batch<T>(T(1)) / sqrt(load_some(t.variance + place(q), count, T(1)) + Batch<T>(t.eps));
    }
    const auto normal = [&](int64_t r, std::size_t q) TAPEGRAD_LAMBDA {
        return (load_some(t.x + r * s.channels + place(q), count) - mean[q]) * rstd[q];
    };
    const auto slope = [&](int64_t r, std::size_t q)
                           TAPEGRAD_LAMBDA { return load_some(dy + r * s.channels + place(q), count); };
    // The sums of dy, and of its products with the normalised x.
    sum_rows<2 * Q, T>(s.outer, sums, [&](int64_t r, std::size_t q) TAPEGRAD_LAMBDA {
        return q < Q ? slope(r, q) : slope(r, q - Q) * normal(r, q - Q);
    });
    Batch<T> scale[Q];
    for (std::size_t q = 0; q < Q; ++q) {
        if (dbias != nullptr) store_some(sums[q], dbias + place(q), count);
        if (dweight != nullptr) store_some(sums[q + Q], dweight + place(q), count);
        scale[q] = t.weight != nullptr ? rstd[q] * load_some(t.weight + place(q), count) : rstd[q];
        sums[q] = sums[q] / n;
        sums[q + Q] = sums[q + Q] / n;
    }
    for (int64_t r = 0; r < s.outer && dx != nullptr; ++r)
        for (std::size_t q = 0; q < Q; ++q) {
            const Batch<T> g = s.given ? slope(r, q) : fma(-sums[q + Q], normal(r, q), slope(r, q)) - sums[q];
            store_some(scale[q] * g, dx + r * s.channels + place(q), count);
        }
}

/// Calls wide(first) for strips of channels, and narrow(first, count) for the batches behind the last of them.
template <class T, class Wide, class Narrow>
void for_norm_columns(const NormSets& s, const Wide& wide, const Narrow& narrow) {
    constexpr int64_t W = width<T>, strip = int64_t{norm_strip} * W;
    parallel_for((s.channels + strip - 1) / strip, norm_grain / (strip * s.outer),
                 [&](int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < end; ++i) {
                         int64_t c = i * strip;
                         if (s.channels - c >= strip)
                             wide(c);
                         else
                             for (; c < s.channels; c += W)
                                 narrow(c, s.channels - c < W ? s.channels - c : W);
                     }
                 });
}

}

/// y = (x - mean) / sqrt(variance + eps) weight[channel] + bias[channel], with the biased variance of each set.
/// weight and bias (channels) may be null; mean and variance (sets) are results. Empty sets have no moments.
template <Vectorized T>
void group_norm(const T* x, const T* weight, const T* bias, T* y, T* mean, T* variance, const NormSets& s,
                T eps) {
    const detail::NormTensors<T> t{x, weight, bias, mean, variance, eps};
    if (s.columns() && s.outer > 0)
        return detail::for_norm_columns<T>(
            s, [&](int64_t c) { detail::norm_columns<detail::norm_strip>(s, t, c, width<T>, y); },
            [&](int64_t c, int64_t count) { detail::norm_columns<1>(s, t, c, count, y); });
    parallel_for(s.sets(), s.grain(), [&](int64_t begin, int64_t end) {
        for (int64_t set = begin; set < end; ++set) detail::norm_set(s, t, set, y);
    });
}
/// dx = rstd (g - mean(g) - v mean(g v)) with g = dy weight and v the normalised x; dweight = sum of dy v and
/// dbias = sum of dy over each channel; dx = rstd g of given moments. weight and each result may be null; mean and
/// variance are forward's.
template <Vectorized T>
void group_norm_backward(const T* x, const T* weight, const T* mean, const T* variance, const T* dy, T* dx,
                         T* dweight, T* dbias, const NormSets& s, T eps) {
    const detail::NormTensors<T> t{x, weight, nullptr, const_cast<T*>(mean), const_cast<T*>(variance), eps};
    if (s.columns() && s.outer > 0)
        return detail::for_norm_columns<T>(
            s,
            [&](int64_t c) {
                detail::norm_columns_backward<detail::norm_strip>(s, t, c, width<T>, dy, dx, dweight, dbias);
            },
            [&](int64_t c, int64_t count) {
                detail::norm_columns_backward<1>(s, t, c, count, dy, dx, dweight, dbias);
            });
    Scratch<T> slopes(s.outer * s.channels), shifts(s.outer * s.channels);
    parallel_for(s.sets(), s.grain(), [&](int64_t begin, int64_t end) {
        for (int64_t set = begin; set < end; ++set)
            detail::norm_set_backward(s, t, set, dy, dx, slopes.data(), shifts.data());
    });
    if (dweight != nullptr) sum(slopes.data(), dweight, 1, s.outer, s.channels);
    if (dbias != nullptr) sum(shifts.data(), dbias, 1, s.outer, s.channels);
}

}
