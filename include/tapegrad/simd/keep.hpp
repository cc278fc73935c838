// What is left of a row when elements are thrown out: the others move together, in their order, with what they
// are called.
//
// A batch without a survivor costs one comparison: of the logits of a vocabulary few stay.
#pragma once

#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// Keeps the elements for which `stays`, which takes a batch or, for the last few, an element.
template <class T, class Stays>
TAPEGRAD_INLINE int64_t keep(const T* x, const int64_t* names, int64_t n, T* kept, int64_t* kept_names,
                             const Stays& stays) {
    constexpr int64_t W = width<T>;
    int64_t count = 0, i = 0;
    // Every element is written and only some advance: never beyond the place that was read last.
    const auto offer = [&](int64_t at) TAPEGRAD_LAMBDA {
        const T v = x[at];
        kept[count] = v;
        kept_names[count] = names != nullptr ? names[at] : at;
        count += stays(v) ? 1 : 0;
    };
    for (; i + W <= n; i += W)
        if (xsimd::any(stays(Batch<T>::load(x + i)).raw))
            for (int64_t k = i; k < i + W; ++k) offer(k);
    for (; i < n; ++i) offer(i);
    return count;
}

}

/// Moves the elements of x that are at least `least` to `kept`, and their names (their places, where `names` is null)
/// to `kept_names`; returns how many. Both have room for n, and may be x and `names`.
template <Vectorized T>
int64_t keep_at_least(const T* x, const int64_t* names, int64_t n, T least, T* kept, int64_t* kept_names) {
    return detail::keep(x, names, n, kept, kept_names,
                        [=]<class V>(const V& v) TAPEGRAD_LAMBDA { return v >= V(least); });
}

/// The same for the elements with |x - center| <= distance.
template <Vectorized T>
int64_t keep_within(const T* x, const int64_t* names, int64_t n, T center, T distance, T* kept,
                    int64_t* kept_names) {
    return detail::keep(x, names, n, kept, kept_names, [=]<class V>(const V& v) TAPEGRAD_LAMBDA {
        const V d = v - V(center);
        return (d <= V(distance)) & (-d <= V(distance));
    });
}

}
