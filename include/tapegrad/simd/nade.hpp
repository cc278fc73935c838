// The recurrence of NADE: hidden units that take in one variable after the other, and outputs for each variable from what
// they held before it.
//
// Work is cut into slices of hidden units, which know nothing of each other: their state stays in the first cache while a
// block of samples walks over the variables, their gradients are their own, and the outputs are sums over slices in order.
// Where a variable is 0 the units stay as they are, and so does their sigmoid: of pictures of two values most of the work.
#pragma once

#include "../core/parallel.hpp"
#include "functions.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

struct NadeSizes {
    int64_t samples, variables, outputs, hidden;
};

namespace detail {

inline constexpr int nade_parts = 8;  // batches of a slice: what a row of weights may take of the registers
inline constexpr int64_t nade_block = 64;  // samples whose state of a slice stays in the first caches
template <class T>
inline constexpr int64_t nade_slice = nade_parts* width<T>;

inline int64_t nade_slices(int64_t hidden, int64_t slice) { return (hidden + slice - 1) / slice; }

template <class F>
TAPEGRAD_INLINE void for_parts(const F& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) TAPEGRAD_LAMBDA {
        (f(std::integral_constant<std::size_t, I>()), ...);
    }
    (std::make_index_sequence<static_cast<std::size_t>(nade_parts)>());
}

/// The units of a slice.
template <class T>
struct NadeUnits {
    Batch<T> part[static_cast<std::size_t>(nade_parts)];

    TAPEGRAD_INLINE static NadeUnits at(const T* p) {
        NadeUnits u;
        for_parts([&](auto i) TAPEGRAD_LAMBDA {
            u.part[i] = Batch<T>::load(p + static_cast<int64_t>(i()) * width<T>);
        });
        return u;
    }
    TAPEGRAD_INLINE void store(T* p) const {
        for_parts([&](auto i) TAPEGRAD_LAMBDA { part[i].store(p + static_cast<int64_t>(i()) * width<T>); });
    }
    /// this += factor * (what lies at p)
    TAPEGRAD_INLINE void add(const Batch<T>& factor, const T* p) {
        for_parts([&](auto i) TAPEGRAD_LAMBDA {
            part[i] = fma(factor, Batch<T>::load(p + static_cast<int64_t>(i()) * width<T>), part[i]);
        });
    }
    TAPEGRAD_INLINE T dot(const T* p) const {
        Batch<T> even(T(0)), odd(T(0));
        for_parts([&](auto i) TAPEGRAD_LAMBDA {
            Batch<T>& sum = i() % 2 == 0 ? even : odd;
            sum = fma(part[i], Batch<T>::load(p + static_cast<int64_t>(i()) * width<T>), sum);
        });
        return reduce_add(even + odd);
    }
};

/// a += x w, and h = sigmoid(a), for the units of a slice.
template <class T>
TAPEGRAD_INLINE void nade_take(T x, const T* w, T* a, T* h) {
    NadeUnits<T> units = NadeUnits<T>::at(a);
    units.add(Batch<T>(x), w);
    units.store(a);
    for_parts([&](auto i) TAPEGRAD_LAMBDA {
        sigmoid(units.part[i]).store(h + static_cast<int64_t>(i()) * width<T>);
    });
}

/// Columns from `first` of rows of `hidden`, with zeros behind the last: rows of a slice.
template <class T>
void nade_pack(const T* from, int64_t rows, int64_t hidden, int64_t first, T* to) {
    constexpr int64_t slice = nade_slice<T>;
    const int64_t there = hidden - first < slice ? hidden - first : slice;
    for (int64_t r = 0; r < rows; ++r, to += slice) {
        std::memcpy(to, from + r * hidden + first, static_cast<std::size_t>(there) * sizeof(T));
        for (int64_t i = there; i < slice; ++i) to[i] = T(0);
    }
}

/// The sum over `parts` arrays of n behind each other, in order, onto what `to` holds.
template <class T>
void nade_add_parts(const T* parts, int64_t count, int64_t n, T* to) {
    parallel_for(n, int64_t{1} << 14, [=](int64_t begin, int64_t end) {
        for (int64_t s = 0; s < count; ++s)
            for (int64_t i = begin; i < end; ++i) to[i] += parts[s * n + i];
    });
}

/// What the units of a slice add to the outputs of samples begin .. end.
template <class T>
void nade_slice_forward(const NadeSizes& n, const T* x, const T* w, const T* v, const T* c, int64_t first,
                        int64_t begin, int64_t end, T* y) {
    constexpr int64_t slice = nade_slice<T>;
    const int64_t count = end - begin;
    Scratch<T> ws(n.variables * slice), vs(n.variables * n.outputs * slice), a(count * slice),
        h(count * slice), start(slice);
    nade_pack(w, n.variables, n.hidden, first, ws.data());
    nade_pack(v, n.variables * n.outputs, n.hidden, first, vs.data());
    nade_pack(c, 1, n.hidden, first, start.data());
    for (int64_t b = 0; b < count; ++b) {
        NadeUnits<T>::at(start.data()).store(a.data() + b * slice);
        nade_take(T(0), start.data(), a.data() + b * slice, h.data() + b * slice);
    }
    for (int64_t d = 0; d < n.variables; ++d) {
        for (int64_t k = 0; k < n.outputs; ++k) {
            const auto row = NadeUnits<T>::at(vs.data() + (d * n.outputs + k) * slice);
            for (int64_t b = 0; b < count; ++b)
                y[((begin + b) * n.variables + d) * n.outputs + k] = row.dot(h.data() + b * slice);
        }
        for (int64_t b = 0; b < count; ++b)
            if (const T value = x[(begin + b) * n.variables + d]; value != T(0))
                nade_take(value, ws.data() + d * slice, a.data() + b * slice, h.data() + b * slice);
    }
}

}

/// Outputs of NADE, without their biases.
///   h_d = sigmoid(c + sum_{e < d} x_e w_e),   y_dk += v_dk . h_d
/// Shape    x (B, D), w (D, H), v (D, K, H), c (H,) -> onto y (B, D, K), all packed
/// Numeric  the same bits for any number of threads
/// Source   Larochelle and Murray, The Neural Autoregressive Distribution Estimator, 2011
template <class T>
void nade(const NadeSizes& n, const T* x, const T* w, const T* v, const T* c, T* y) {
    constexpr int64_t slice = detail::nade_slice<T>, block = detail::nade_block;
    const int64_t slices = detail::nade_slices(n.hidden, slice), blocks = (n.samples + block - 1) / block;
    const int64_t size = n.samples * n.variables * n.outputs;
    Scratch<T> parts(slices * size);
    parallel_for(slices * blocks, 1, [&](int64_t from, int64_t to) {
        for (int64_t task = from; task < to; ++task) {
            const int64_t s = task / blocks, begin = task % blocks * block;
            const int64_t end = begin + block < n.samples ? begin + block : n.samples;
            detail::nade_slice_forward(n, x, w, v, c, s * slice, begin, end, parts.data() + s * size);
        }
    });
    detail::nade_add_parts(parts.data(), slices, size, y);
}

}
