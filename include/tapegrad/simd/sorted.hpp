// What numbers in order answer: the places of others among them, runs of equals, counts between them. NaN
// counts as the largest.
#pragma once

#include <cmath>

#include "../core/parallel.hpp"
#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t search_grain = 1024;  // values: some 20 us of a core

/// Whether a comes before b.
template <class T>
TAPEGRAD_INLINE bool in_order(T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
        return (a < b) | ((b != b) & (a == a));
    else
        return a < b;
}

/// How many of the n sorted elements come before v; with `right` also those that equal it. Without branches,
/// which nobody could predict.
template <class T>
TAPEGRAD_INLINE int64_t rank_of(const T* sorted, int64_t n, T v, bool right) {
    if (n == 0) return 0;
    const T* at = sorted;
    const auto passes = [=](T s) TAPEGRAD_LAMBDA { return right ? !in_order(v, s) : in_order(s, v); };
    while (n > 1) {
        const int64_t half = n / 2;
        at += half & -static_cast<int64_t>(passes(at[half - 1]));
        n -= half;
    }
    return at - sorted + static_cast<int64_t>(passes(*at));
}

}

/// places[o, i] = the rank of values[o, i] among the n elements of row o of `sorted`; one row for all where
/// `shared`.
template <class T>
void search_sorted(const T* sorted, const T* values, int64_t* places, int64_t outer, int64_t n, int64_t count,
                   bool shared, bool right) {
    parallel_for(outer * count, detail::search_grain, [=](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            places[i] = detail::rank_of(sorted + (shared ? 0 : i / count * n), n, values[i], right);
    });
}

/// The number of runs of equal neighbours in x; starts[r] is where run r begins, when it is not null. NaN
/// equals nothing.
template <class T>
int64_t find_runs(const T* x, int64_t n, int64_t* starts) {
    int64_t runs = 0;
    for (int64_t i = 0; i < n; ++i) {
        if (i > 0 && x[i] == x[i - 1]) continue;
        if (starts != nullptr) starts[runs] = i;
        ++runs;
    }
    return runs;
}

/// Of runs that begin at starts[0, runs): the number of their elements, and for each of the n elements its run,
/// at the place where it stood before it was sorted (its own, where `places` is null).
inline void measure_runs(const int64_t* starts, int64_t runs, int64_t n, const int64_t* places,
                         int64_t* counts, int64_t* inverse) {
    for (int64_t r = 0; r < runs; ++r) {
        const int64_t end = r + 1 < runs ? starts[r + 1] : n;
        counts[r] = end - starts[r];
        for (int64_t i = starts[r]; i < end; ++i) inverse[places != nullptr ? places[i] : i] = r;
    }
}

/// Adds the weights (1 where null) of the elements of x to the bins that they lie in: bin b from edges[b] to
/// below edges[b + 1], the last with its end. What lies outside, and NaN, is left out.
/// `even` says that the edges are evenly spaced.
template <Vectorized T>
void count_in_bins(const T* x, const T* weights, int64_t n, const T* edges, int64_t bins, bool even,
                   double* counts) {
    const T first = edges[0], last = edges[bins];
    const double start = static_cast<double>(first), length = static_cast<double>(last) - start;
    for (int64_t i = 0; i < n; ++i) {
        const T v = x[i];
        if (!(v >= first && v <= last)) continue;
        int64_t b = 0;
        if (even && length > 0 &&
            std::isfinite(length)) {  // a guess, which rounding may have put beside the bin
            b = static_cast<int64_t>((static_cast<double>(v) - start) / length * static_cast<double>(bins));
            b = b < bins ? b : bins - 1;
            while (b > 0 && v < edges[b]) --b;
            while (b + 1 < bins && v >= edges[b + 1]) ++b;
        } else {
            b = detail::rank_of(edges, bins + 1, v, true) - 1;
            b = b < bins ? b : bins - 1;
        }
        counts[b] += weights != nullptr ? static_cast<double>(weights[i]) : 1.0;
    }
}

}
