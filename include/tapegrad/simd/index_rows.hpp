// Rows picked by index from tables, and rows combined into tables by index.
//
// To combine, the indices are sorted stably. All rows that go to one row of a table then lie together and are
// taken by one thread, in their order: no atomics, and the same bits for any number of threads.
#pragma once

#include <utility>

#include "../core/parallel.hpp"
#include "combine.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t index_grain = int64_t{1} << 15;  // elements: 10 us of a core

struct Placed {
    int64_t id, place;
};

/// Sorts by id, keeping the order of equal ones; `other` is as long. Returns the one that holds the result.
inline Placed* sort_by_id(Placed* items, Placed* other, int64_t count, int64_t ids) {
    bool sorted = true;
    for (int64_t i = 1; i < count; ++i) sorted &= items[i - 1].id <= items[i].id;
    if (sorted) return items;
    if (count <= 64) {  // less than the digits would take
        for (int64_t i = 1; i < count; ++i) {
            const Placed item = items[i];
            int64_t at = i;
            for (; at > 0 && items[at - 1].id > item.id; --at) items[at] = items[at - 1];
            items[at] = item;
        }
        return items;
    }
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

}

/// y[o, i] = x[o, ids[i]]: rows of n elements from each of `outer` tables of `size` rows. The indices are
/// those of rows.
template <class T>
void take_rows(const T* x, int64_t size, const int64_t* ids, T* y, int64_t outer, int64_t count, int64_t n) {
    if (count == 0 || n == 0) return;
    parallel_for(outer * count, detail::index_grain / n, [=](int64_t begin, int64_t end) {
        int64_t o = begin / count, i = begin % count;
        for (int64_t row = begin; row < end; ++o, i = 0) {
            const int64_t stop = count - i < end - row ? count : i + end - row;
            const T* const table = x + o * size * n;
            if (n == 1)
                for (; i < stop; ++i) y[row++] = table[ids[i]];
            else
                for (; i < stop; ++i, ++row)
                    std::memcpy(static_cast<void*>(y + row * n), table + ids[i] * n,
                                static_cast<std::size_t>(n) * sizeof(T));
        }
    });
}

/// x[o, ids[i]] = how(x[o, ids[i]], y[o, i]), in the order of i: rows of n elements into each of `outer`
/// tables of `size` rows. The indices are those of rows.
template <class How, class T>
void combine_rows(const How& how, const T* y, const int64_t* ids, T* x, int64_t size, int64_t outer,
                  int64_t count, int64_t n) {
    if (outer == 0 || count == 0 || n == 0) return;
    Scratch<detail::Placed> first(count), second(count);
    for (int64_t i = 0; i < count; ++i) first[i] = {ids[i], i};
    const detail::Placed* const sorted = detail::sort_by_id(first.data(), second.data(), count, size);
    // Long rows are cut too, so that few of them still are work for several threads.
    constexpr int64_t longest = 4096;
    const int64_t pieces = (n - 1) / longest + 1;
    const int64_t block = detail::index_grain / (n < longest ? n : longest) + 1,
                  blocks = (count - 1) / block + 1;
    parallel_for(outer * blocks * pieces, 1, [=](int64_t task, int64_t tasks_end) {
        for (; task < tasks_end; ++task) {
            const int64_t o = task / (blocks * pieces), begin = task / pieces % blocks * block,
                          start = task % pieces * longest, rest = n - start,
                          length = rest < longest ? rest : longest;
            const int64_t end = count - begin < block ? count : begin + block;
            T* const table = x + o * size * n + start;
            const T* const rows = y + o * count * n + start;
            // A run of one index belongs to the block that it begins in.
            int64_t i = begin;
            while (i > 0 && i < end && sorted[i].id == sorted[i - 1].id) ++i;
            if (i == end) continue;
            for (; i < count && (i < end || sorted[i].id == sorted[i - 1].id); ++i)
                detail::combine_row(how, rows + sorted[i].place * n, table + sorted[i].id * n, length);
        }
    });
}

/// The places of the ids that a later one repeats, in any order; `out` is as long as the ids. Returns how many.
inline int64_t repeated_ids(const int64_t* ids, int64_t count, int64_t size, int64_t* out) {
    Scratch<detail::Placed> first(count), second(count);
    for (int64_t i = 0; i < count; ++i) first[i] = {ids[i], i};
    const detail::Placed* const sorted = detail::sort_by_id(first.data(), second.data(), count, size);
    int64_t found = 0;
    for (int64_t i = 1; i < count; ++i)
        if (sorted[i - 1].id == sorted[i].id) out[found++] = sorted[i - 1].place;
    return found;
}

/// 0 counts[0] times, 1 counts[1] times, ...; `out` has room for their sum.
inline void repeated_places(const int64_t* counts, int64_t n, int64_t* out) {
    for (int64_t i = 0; i < n; ++i)
        for (int64_t k = 0; k < counts[i]; ++k) *out++ = i;
}

}
