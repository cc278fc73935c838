// Ways to bring a new element into one that is there: what a scatter does at its places.
#pragma once

#include <cstring>

#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

struct Replace {
    template <class T>
    constexpr T operator()(T, T next) const {
        return next;
    }
};
struct Add {
    template <class T>
    constexpr T operator()(T old, T next) const {
        return static_cast<T>(old + next);
    }
};
struct Multiply {
    template <class T>
    constexpr T operator()(T old, T next) const {
        return static_cast<T>(old * next);
    }
};
/// The larger one; NaN where either is NaN.
struct Larger {
    template <class T>
    constexpr T operator()(T old, T next) const {
        return old > next || old != old ? old : next;
    }
};
/// The smaller one; NaN where either is NaN.
struct Smaller {
    template <class T>
    constexpr T operator()(T old, T next) const {
        return old < next || old != old ? old : next;
    }
};

namespace detail {

/// to[j] = how(to[j], from[j])
template <class How, class T>
TAPEGRAD_INLINE void combine_row(const How& how, const T* from, T* to, int64_t n) {
    if (n == 1) {
        *to = how(*to, *from);
        return;
    }
    if constexpr (std::is_same_v<How, Replace>)
        std::memcpy(static_cast<void*>(to), from, static_cast<std::size_t>(n) * sizeof(T));
    else if constexpr (std::is_same_v<How, Add> && Vectorized<T>)
        for_batches<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
            store_some(load_some(to + i, count) + load_some(from + i, count), to + i, count);
        });
    else
        for (int64_t i = 0; i < n; ++i) to[i] = how(to[i], from[i]);
}

}

}
