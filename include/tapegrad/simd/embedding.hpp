// Rows of a table by index, with the gradient: rows added to a table by index.
//
// The gradient sorts the indices stably. All rows that go to one row of the table then lie together and are
// added by one thread, in their order: no atomics, and the same bits for any number of threads.
#pragma once

#include <utility>

#include "../core/parallel.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// The place of the first index outside [0, size); -1 when there is none.
inline int64_t invalid_index(const int64_t* ids, int64_t count, int64_t size) {
    for (int64_t i = 0; i < count; ++i)
        if (ids[i] < 0 || ids[i] >= size) return i;
    return -1;
}

namespace detail {

inline constexpr int64_t embedding_grain = int64_t{1} << 15;  // elements: 10 us of a core

struct Placed {
    int64_t id, place;
};

/// Sorts by id, keeping the order of equal ones; `other` is as long. Returns the one that holds the result.
inline Placed* sort_by_id(Placed* items, Placed* other, int64_t count, int64_t ids) {
    constexpr int bits = 11;
    for (int shift = 0; ((ids - 1) >> shift) > 0; shift += bits) {
        int64_t starts[(1 << bits) + 1] = {};
        const auto digit = [shift](const Placed& p) { return (p.id >> shift) & ((1 << bits) - 1); };
        for (int64_t i = 0; i < count; ++i) ++starts[digit(items[i]) + 1];
        for (int64_t d = 1; d <= 1 << bits; ++d) starts[d] += starts[d - 1];
        for (int64_t i = 0; i < count; ++i) other[starts[digit(items[i])]++] = items[i];
        std::swap(items, other);
    }
    return items;
}

template <class T>
void add_row(const T* from, T* to, int64_t n) {
    if constexpr (Vectorized<T>)
        for_batches<T>(n, [=](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
            store_some(load_some(to + i, count) + load_some(from + i, count), to + i, count);
        });
    else
        for (int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(to[i] + from[i]);
}

}

/// y[i] = table[ids[i]], rows of n elements. Returns -1, or the first i with an index outside [0, size); then
/// nothing is written.
template <class T>
[[nodiscard]] int64_t embedding(const T* table, int64_t size, const int64_t* ids, T* y, int64_t count,
                                int64_t n) {
    const int64_t invalid = invalid_index(ids, count, size);
    if (invalid >= 0 || n == 0) return invalid;
    parallel_for(count, detail::embedding_grain / n, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            std::memcpy(y + i * n, table + ids[i] * n, static_cast<std::size_t>(n) * sizeof(T));
    });
    return -1;
}
/// dtable[ids[i]] += dy[i], in the order of i; rows with the index `padding` are left out. The indices are
/// those that forward has checked.
template <class T>
void embedding_backward(const T* dy, const int64_t* ids, T* dtable, int64_t size, int64_t count, int64_t n,
                        int64_t padding = -1) {
    if (count == 0 || n == 0) return;
    Scratch<detail::Placed> first(count), second(count);
    for (int64_t i = 0; i < count; ++i) first[i] = {ids[i], i};
    const detail::Placed* const sorted = detail::sort_by_id(first.data(), second.data(), count, size);
    parallel_for(count, detail::embedding_grain / n, [&](int64_t begin, int64_t end) {
        // A run of one index belongs to the chunk that it begins in.
        int64_t i = begin;
        while (i > 0 && i < end && sorted[i].id == sorted[i - 1].id) ++i;
        if (i == end) return;
        for (; i < count && (i < end || sorted[i].id == sorted[i - 1].id); ++i)
            if (sorted[i].id != padding)
                detail::add_row(dy + sorted[i].place * n, dtable + sorted[i].id * n, n);
    });
}

}
