// Rows of a table by number, and the sum of gradients back into them.
#pragma once

#include <cstring>

#include "../core/parallel.hpp"
#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

/// y[i] = table[ids[i]], rows of n. The ids lie in the table: the caller has checked.
template <class T>
void embedding(const T* table, const int64_t* ids, T* y, int64_t count, int64_t n) {
    parallel_for(count, (int64_t{1} << 15) / (n + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            std::memcpy(y + i * n, table + ids[i] * n, static_cast<std::size_t>(n) * sizeof(T));
    });
}

/// dtable = 0, then dtable[ids[i]] += dy[i] in the order of i. The ids are sorted by row first (counting sort, stable), so
/// that each row has one owner: no atomics, the same bits for any number of threads.
template <class T>
void embedding_backward(const T* dy, const int64_t* ids, T* dtable, int64_t count, int64_t rows, int64_t n) {
    Scratch<int64_t> first(rows + 1), order(count);
    for (int64_t r = 0; r <= rows; ++r) first[r] = 0;
    int64_t* const start = first.data();
    for (int64_t i = 0; i < count; ++i) ++start[ids[i] + 1];
    for (int64_t r = 0; r < rows; ++r) start[r + 1] += start[r];
    for (int64_t i = 0; i < count; ++i) order.data()[start[ids[i]]++] = i;
    // start[r] is now the end of row r.
    parallel_for(rows, (int64_t{1} << 15) / (n + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
            T* const to = dtable + r * n;
            for (int64_t j = 0; j < n; ++j) to[j] = T(0);
            for (int64_t k = r == 0 ? 0 : start[r - 1]; k < start[r]; ++k) {
                const T* const from = dy + order.data()[k] * n;
                for (int64_t j = 0; j < n; ++j) to[j] += from[j];
            }
        }
    });
}

}
