// Rows of numbers in lexicographic order, and runs of equal rows. NaN counts as the largest number.
#pragma once

#include <algorithm>

#include "sorted.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// Below 0 where row a comes before row b, above 0 where it comes after.
template <class T>
int compare_rows(const T* a, const T* b, int64_t width) {
    for (int64_t j = 0; j < width; ++j) {
        if (in_order(a[j], b[j])) return -1;
        if (in_order(b[j], a[j])) return 1;
    }
    return 0;
}

}

/// places[k] = the row of x (n, width) that is the k-th in lexicographic order; equals keep their order.
template <class T>
void order_rows(const T* x, int64_t n, int64_t width, int64_t* places) {
    for (int64_t i = 0; i < n; ++i) places[i] = i;
    std::sort(places, places + n, [=](int64_t a, int64_t b) {
        const int order = detail::compare_rows(x + a * width, x + b * width, width);
        return order != 0 ? order < 0 : a < b;
    });
}

/// The number of runs of equal neighbours among the rows of x (n, width), taken in the order of `places` (their own
/// where null); starts[r] is where in this order run r begins, when it is not null. NaN equals nothing.
template <class T>
int64_t find_row_runs(const T* x, const int64_t* places, int64_t n, int64_t width, int64_t* starts) {
    const auto row = [=](int64_t i) { return x + (places != nullptr ? places[i] : i) * width; };
    int64_t runs = 0;
    for (int64_t i = 0; i < n; ++i) {
        if (i > 0 && std::equal(row(i), row(i) + width, row(i - 1))) continue;
        if (starts != nullptr) starts[runs] = i;
        ++runs;
    }
    return runs;
}

}
