// Rotations of pairs of elements by angles of their own: rotary position embedding.
#pragma once

#include "../core/parallel.hpp"
#include "head_view.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// Rows x (batch, heads, rows, width) whose first 2 `pairs` elements are rotated. Pair i is (x_i, x_{i + pairs}), or
/// (x_2i, x_2i+1) when `interleaved`.
struct RotaryShape {
    int64_t batch, heads, rows, width, pairs;
    bool interleaved;
};

namespace detail {

inline constexpr int64_t rotary_grain = int64_t{1} << 14;  // elements: about 5 us

template <class T>
void rotate_halves(const T* x, const T* cos, const T* sin, T sign, T* y, int64_t pairs) {
    const Batch<T> turn(sign);
    for_batches<T>(pairs, [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        const Batch<T> a = load_some(x + i, count), b = load_some(x + pairs + i, count);
        const Batch<T> c = load_some(cos + i, count), s = load_some(sin + i, count) * turn;
        store_some(a * c - b * s, y + i, count);
        store_some(b * c + a * s, y + pairs + i, count);
    });
}

/// Element 2 i and 2 i + 1 are element i of half a batch.
template <class T>
TAPEGRAD_INLINE Batch<T> doubled(const Batch<T>& x) {
    constexpr int W = static_cast<int>(Batch<T>::size);
    const auto v = native(x);
    return [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
        return batch_of<T>(__builtin_shufflevector(v, v, (I / 2)...));
    }
    (std::make_integer_sequence<int, W>{});
}
/// Neighbours change places.
template <class T>
TAPEGRAD_INLINE Batch<T> swapped(const Batch<T>& x) {
    constexpr int W = static_cast<int>(Batch<T>::size);
    const auto v = native(x);
    return [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
        return batch_of<T>(__builtin_shufflevector(v, v, (I ^ 1)...));
    }
    (std::make_integer_sequence<int, W>{});
}

template <class T>
void rotate_neighbours(const T* x, const T* cos, const T* sin, T sign, T* y, int64_t pairs) {
    constexpr int64_t W = width<T>;
    if constexpr (W > 1) {
        T signs[static_cast<std::size_t>(W)];
        for (int64_t i = 0; i < W; ++i) signs[i] = i % 2 == 0 ? -sign : sign;
        const Batch<T> turn = Batch<T>::load(signs);
        for_batches<T>(2 * pairs, [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
            const Batch<T> v = load_some(x + i, count);
            const Batch<T> c = doubled(load_partial(cos + i / 2, count / 2, T(0))),
                           s = doubled(load_partial(sin + i / 2, count / 2, T(0)));
            store_some(v * c + swapped(v) * (s * turn), y + i, count);
        });
    } else {
        for (int64_t i = 0; i < pairs; ++i) {
            const T a = x[2 * i], b = x[2 * i + 1], s = sin[i] * sign;
            y[2 * i] = a * cos[i] - b * s;
            y[2 * i + 1] = b * cos[i] + a * s;
        }
    }
}

}

/// Each pair (a, b) to (a cos - b sin, b cos + a sin), with `sign` times the angle; what lies behind the pairs is
/// copied. cos and sin have a row of `pairs` for each row of x; their strides may be 0.
template <Vectorized T>
void rotary(const RotaryShape& s, HeadView<const T> x, HeadView<const T> cos, HeadView<const T> sin, T sign,
            HeadView<T> y) {
    const int64_t rest = s.width - 2 * s.pairs;
    parallel_for(s.batch * s.heads * s.rows, detail::rotary_grain / (s.width + 1) + 1,
                 [&](int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < end; ++i) {
                         const int64_t r = i % s.rows, h = i / s.rows % s.heads, b = i / s.rows / s.heads;
                         const T* const from = x.at(b, h, r);
                         T* const to = y.at(b, h, r);
                         const auto rotate =
                             s.interleaved ? detail::rotate_neighbours<T> : detail::rotate_halves<T>;
                         rotate(from, cos.at(b, h, r), sin.at(b, h, r), sign, to, s.pairs);
                         for (int64_t j = 2 * s.pairs; j < 2 * s.pairs + rest; ++j) to[j] = from[j];
                     }
                 });
}

}
