// What the forward and the backward of attention share: how its operands lie, what changes the scores, and the
// rows of a block of scores.
#pragma once

#include <array>
#include <limits>

#include "gemm_packed.hpp"
#include "head_view.hpp"
#include "math.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

struct AttentionShape {
    int64_t batch, heads, groups, queries, keys, depth, value_depth;
    int64_t heads_per_group() const { return heads / groups; }
};

struct AttentionOptions {
    double scale;
    bool causal = false;
    int64_t offset = 0;  // query i sees the keys up to i + offset
    int64_t window = 0;  // with causal: of those the last ones; 0: all
};

/// What is done to the scores before the softmax: a bias is added, and keys are taken away where the mask is
/// false. Both may be missing; their strides by (batch, head, query, key) may be 0.
template <class T>
struct ScoreMask {
    const T* bias = nullptr;
    std::array<int64_t, 4> bias_strides{};
    const bool* mask = nullptr;
    std::array<int64_t, 4> mask_strides{};

    /// Changes the scores s[i * ld + j] of queries row + i and keys col + j.
    void operator()(T* s, int64_t ld, int64_t b, int64_t h, int64_t row, int64_t rows, int64_t col,
                    int64_t cols) const {
        const auto start = [&](const std::array<int64_t, 4>& by, int64_t i) {
            return b * by[0] + h * by[1] + (row + i) * by[2] + col * by[3];
        };
        for (int64_t i = 0; i < rows && bias != nullptr; ++i)
            for (int64_t j = 0; j < cols; ++j)
                s[i * ld + j] += bias[start(bias_strides, i) + j * bias_strides[3]];
        for (int64_t i = 0; i < rows && mask != nullptr; ++i)
            for (int64_t j = 0; j < cols; ++j)
                if (!mask[start(mask_strides, i) + j * mask_strides[3]])
                    s[i * ld + j] = -std::numeric_limits<T>::infinity();
    }
};

namespace detail {

/// Scores of this size, 32 KiB of floats, stay in L1 from the product that makes them to the one that reads them.
inline constexpr int64_t query_block = 64, key_block = 128;

/// The logarithm of the smallest weight that counts beside the largest: far below rounding, and so far above the
/// denormals that the products with it stay away from them too.
template <class T>
inline constexpr T lightest = std::is_same_v<T, float> ? T(-60) : T(-600);

/// The last key (exclusive) that any of the queries [row, row + rows) sees.
inline int64_t visible_keys(const AttentionShape& s, const AttentionOptions& o, int64_t row, int64_t rows) {
    if (!o.causal) return s.keys;
    const int64_t end = row + rows + o.offset;
    return end < 0 ? 0 : end < s.keys ? end : s.keys;
}
/// How many of the keys [col, col + cols) the query `row` sees: the first ones.
inline int64_t seen_keys(const AttentionOptions& o, int64_t row, int64_t col, int64_t cols) {
    if (!o.causal) return cols;
    const int64_t n = row + o.offset + 1 - col;
    return n < 0 ? 0 : n < cols ? n : cols;
}

/// The first key that any of the queries from `row` on sees.
inline int64_t first_key(const AttentionOptions& o, int64_t row) {
    const int64_t begin = row + o.offset + 1 - o.window;
    return !o.causal || o.window == 0 || begin < 0 ? 0 : begin;
}
/// Takes away the scores s of the keys [col, col + cols) that lie before the window of query `row`.
template <class T>
void hide_past(const AttentionOptions& o, int64_t row, int64_t col, int64_t cols, T* s) {
    const int64_t n = first_key(o, row) - col;
    for (int64_t j = 0; j < (n < cols ? n : cols); ++j) s[j] = -std::numeric_limits<T>::infinity();
}

/// Right operands (k, n), `count` of them, that several products share: packed once.
template <class T>
class SharedPanels {
public:
    SharedPanels(int64_t k, int64_t n, int64_t count = 1)
        : size_(packed_size<T>(k, n)), terms_(count), memory_(count * size_) {}
    /// Takes B of at most k terms and n columns.
    void pack(int64_t k, int64_t n, MatrixRef<T> b, int64_t index = 0) {
        pack_matrix(k, n, b, memory_.data() + index * size_);
        terms_[index] = k;
        n_ = n;
    }
    /// C (+)= A B with the first n columns of B and its first k terms (all, if they are more than gemm_depth).
    void multiply(int64_t m, int64_t n, int64_t k, MatrixRef<T> a, T* c, int64_t ldc, bool accumulate,
                  int64_t index = 0) const {
        const int64_t terms = terms_[index];
        const PackedPanels<T> panels{terms, n_, memory_.data() + index * size_};
        PanelSource<T> source = panels.source();
        if (terms <= gemm_depth) source.stride = terms * PackedPanels<T>::breadth;
        gemm_of(m, n, k, a, MatrixRef<T>{nullptr, 0, 0}, c, ldc, accumulate, Identity(), source);
    }

private:
    int64_t size_, n_ = 0;
    Scratch<int64_t> terms_;
    Scratch<T> memory_;
};

template <class T>
void scale_row(const T* x, int64_t n, T factor, T* to) {
    for_batches<T>(n, [&](int64_t j, int64_t count) TAPEGRAD_LAMBDA {
        store_some(load_some(x + j, count) * Batch<T>(factor), to + j, count);
    });
}

}

}
