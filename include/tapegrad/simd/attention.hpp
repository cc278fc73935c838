// Scaled dot-product attention with an online softmax: blocks of queries meet blocks of keys, and only the
// scores of one such block exist at a time. The backward recomputes them from the log-sum-exp of each row.
//
// Blocks have fixed sizes, and one thread owns everything that is summed into an output: the bits do not
// depend on the number of threads.
//   q (B, H, T, D), k (B, G, S, D), v (B, G, S, E) -> y (B, H, T, E); H is a multiple of G (grouped queries)
#pragma once

#include <array>
#include <limits>

#include "gemm.hpp"
#include "math.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

struct AttentionShape {
    int64_t batch, heads, groups, queries, keys, depth, value_depth;
    int64_t heads_per_group() const { return heads / groups; }
};

/// A (batch, head, row, column) view; columns are contiguous.
template <class T>
struct HeadView {
    T* data;
    int64_t batch, head, row;
    T* at(int64_t b, int64_t h, int64_t r) const { return data + b * batch + h * head + r * row; }
    HeadView<const T> as_const() const { return {data, batch, head, row}; }
};

struct AttentionOptions {
    double scale;
    bool causal = false;
    int64_t offset = 0;  // query i sees the keys up to i + offset
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

/// The heads that make the rows of one block: those of a group where each has a single query (decoding), so that
/// the group's keys are read once; otherwise one, whose queries are the rows.
inline int64_t heads_of_block(const AttentionShape& s) { return s.queries == 1 ? s.heads_per_group() : 1; }

/// scale q k^T of one block with the policy and the causal mask: scores (rows, cols) in s. Rows are the queries
/// from `row` of the head h or, where `heads` > 1, the single queries of the heads from h + row.
template <class T, class Score>
void block_scores(const AttentionShape& shape, const AttentionOptions& o, const Score& score,
                  HeadView<const T> q, HeadView<const T> k, int64_t b, int64_t h, int64_t heads, int64_t row,
                  int64_t rows, int64_t col, int64_t cols, T* s) {
    const Batch<T> scale(static_cast<T>(o.scale));
    const MatrixRef<T> left =
        heads > 1 ? MatrixRef<T>{q.at(b, h + row, 0), q.head, 1} : MatrixRef<T>{q.at(b, h, row), q.row, 1};
    gemm(rows, cols, shape.depth, left, MatrixRef<T>{k.at(b, h / shape.heads_per_group(), col), 1, k.row}, s,
         key_block, false,
         [scale](const Batch<T>& v, int64_t, int64_t) TAPEGRAD_LAMBDA { return scale * v; });
    if (heads > 1) {  // they see the same keys, and no others are asked for
        for (int64_t i = 0; i < rows; ++i)
            score(s + i * key_block, key_block, b, h + row + i, 0, 1, col, cols);
        return;
    }
    score(s, key_block, b, h, row, rows, col, cols);
    if (!o.causal || col + cols <= row + o.offset + 1) return;
    for (int64_t i = 0; i < rows; ++i) {
        const int64_t seen = row + i + o.offset + 1 - col;
        for (int64_t j = seen < 0 ? 0 : seen; j < cols; ++j)
            s[i * key_block + j] = -std::numeric_limits<T>::infinity();
    }
}

/// One row of scores to weights: s = exp(s - m) with m the running maximum; returns the factor for what was
/// summed before. A row that sees no key yet keeps m = -inf and weighs nothing.
template <class T>
T online_softmax(T* s, int64_t n, T& maximum, T& total) {
    constexpr T none = -std::numeric_limits<T>::infinity();
    constexpr int64_t w = width<T>;
    Batch<T> top(maximum);
    for (int64_t j = 0; j < n; j += w)
        top = max(top, n - j >= w ? Batch<T>::load(s + j) : load_partial(s + j, n - j, none));
    const T m = reduce_max(top);
    const Batch<T> shift(m == none ? T(0) : m);
    Batch<T> sum(T(0));
    for (int64_t j = 0; j < n; j += w) {
        const bool whole = n - j >= w;
        const Batch<T> p =
            exp_from((whole ? Batch<T>::load(s + j) : load_partial(s + j, n - j, none)) - shift, lightest<T>);
        sum += p;
        if (whole)
            p.store(s + j);
        else
            store_partial(p, s + j, n - j);
    }
    const T factor = maximum == none ? T(0) : static_cast<T>(std::exp(maximum - m));
    maximum = m;
    total = total * factor + reduce_add(sum);
    return factor;
}

/// A row of scores and of dp = dy v^T to weights p (in s) and scale ds (in dp). A row that saw no key has
/// neither.
template <class T>
void score_slopes(T* s, T* dp, int64_t n, T lse, T inner, const Batch<T>& scale) {
    constexpr T none = -std::numeric_limits<T>::infinity();
    constexpr int64_t w = width<T>;
    const Batch<T> shift(lse == none ? T(0) : lse), mean(inner);
    for (int64_t j = 0; j < n; j += w) {
        const bool whole = n - j >= w;
        const Batch<T> p =
            exp_from((whole ? Batch<T>::load(s + j) : load_partial(s + j, n - j, none)) - shift, lightest<T>);
        const Batch<T> slope =
            scale * p * ((whole ? Batch<T>::load(dp + j) : load_partial(dp + j, n - j)) - mean);
        if (whole) {
            p.store(s + j);
            slope.store(dp + j);
        } else {
            store_partial(p, s + j, n - j);
            store_partial(slope, dp + j, n - j);
        }
    }
}

template <class T>
void scale_row(T* x, int64_t n, T factor) {
    for (int64_t j = 0; j < n; ++j) x[j] *= factor;
}

}

/// y = softmax(scale q k^T) v, with the scores changed by `score` (ScoreMask, or anything called like it),
/// and lse (B, H, T) the log-sum-exp of each row of scores, which the backward needs. A query that sees no
/// key gives zeros, with lse -inf.
/// Numeric  a weight below e^-60 (e^-600) of the largest counts as 0, in the backward of the sum
template <class T, class Score = ScoreMask<T>>
void attention(const AttentionShape& shape, HeadView<const T> q, HeadView<const T> k, HeadView<const T> v,
               T* y, T* lse, const AttentionOptions& options, const Score& score = {}) {
    using namespace detail;
    const int64_t heads = heads_of_block(shape), lines = heads > 1 ? heads : shape.queries;
    const int64_t blocks = ceil_div(lines, query_block), e = shape.value_depth;
    const int64_t work = 2 * query_block * shape.keys * (shape.depth + e) + 1;
    parallel_for(
        shape.batch * (shape.heads / heads) * blocks, ceil_div(gemm_serial, work),
        [&](int64_t begin, int64_t end) {
            Scratch<T> scores(query_block * key_block);
            T maximum[query_block], total[query_block];
            for (int64_t t = begin; t < end; ++t) {
                const int64_t b = t / blocks / (shape.heads / heads),
                              h = t / blocks % (shape.heads / heads) * heads, row = t % blocks * query_block;
                const int64_t rows = lines - row < query_block ? lines - row : query_block;
                T* const out = y + ((b * shape.heads + h) * shape.queries + row) * e;
                for (int64_t i = 0; i < rows; ++i) {
                    maximum[i] = -std::numeric_limits<T>::infinity();
                    total[i] = 0;
                    for (int64_t j = 0; j < e; ++j) out[i * e + j] = T(0);
                }
                const int64_t keys =
                    heads > 1 ? visible_keys(shape, options, 0, 1) : visible_keys(shape, options, row, rows);
                for (int64_t col = 0; col < keys; col += key_block) {
                    const int64_t cols = keys - col < key_block ? keys - col : key_block;
                    block_scores(shape, options, score, q, k, b, h, heads, row, rows, col, cols,
                                 scores.data());
                    for (int64_t i = 0; i < rows; ++i) {
                        const T factor =
                            online_softmax(scores.data() + i * key_block, cols, maximum[i], total[i]);
                        if (col > 0 && factor != T(1)) scale_row(out + i * e, e, factor);
                    }
                    gemm(rows, e, cols, MatrixRef<T>{scores.data(), key_block, 1},
                         MatrixRef<T>{v.at(b, h / shape.heads_per_group(), col), v.row, 1}, out, e, col > 0);
                }
                for (int64_t i = 0; i < rows; ++i) {
                    scale_row(out + i * e, e, total[i] == T(0) ? T(0) : T(1) / total[i]);
                    lse[(b * shape.heads + h) * shape.queries + row + i] =
                        maximum[i] + static_cast<T>(std::log(total[i]));
                }
            }
        });
}

/// The gradients of q, k and v (contiguous; k's and v's of their own number of heads) from dy, y and lse
/// (contiguous).
///   p = exp(s - lse)   dv = p^T dy   ds = p (dy v^T - sum(dy y))   dq = scale ds k   dk = scale ds^T q
template <class T, class Score = ScoreMask<T>>
void attention_backward(const AttentionShape& shape, HeadView<const T> q, HeadView<const T> k,
                        HeadView<const T> v, const T* y, const T* lse, const T* dy, T* dq, T* dk, T* dv,
                        const AttentionOptions& options, const Score& score = {}) {
    using namespace detail;
    const int64_t d = shape.depth, e = shape.value_depth, per_group = shape.heads_per_group();
    // One task owns a group of heads: what they add to the same keys is added by one thread, in order.
    parallel_for(shape.batch * shape.groups, 1, [&](int64_t begin, int64_t end) {
        Scratch<T> scores(query_block * key_block), slopes(query_block * key_block);
        T* const s = scores.data();
        T* const ds = slopes.data();
        const Batch<T> scale(static_cast<T>(options.scale));
        for (int64_t t = begin; t < end; ++t) {
            const int64_t b = t / shape.groups, g = t % shape.groups;
            T* const dk_g = dk + t * shape.keys * d;
            T* const dv_g = dv + t * shape.keys * e;
            for (int64_t i = 0; i < shape.keys * d; ++i) dk_g[i] = T(0);
            for (int64_t i = 0; i < shape.keys * e; ++i) dv_g[i] = T(0);
            for (int64_t h = g * per_group; h < (g + 1) * per_group; ++h) {
                for (int64_t row = 0; row < shape.queries; row += query_block) {
                    const int64_t rows =
                        shape.queries - row < query_block ? shape.queries - row : query_block;
                    const int64_t first = (b * shape.heads + h) * shape.queries + row;
                    T* const dq_rows = dq + first * d;
                    T inner[query_block];
                    for (int64_t i = 0; i < rows; ++i) {
                        T sum = 0;
                        for (int64_t j = 0; j < e; ++j)
                            sum += dy[(first + i) * e + j] * y[(first + i) * e + j];
                        inner[i] = sum;
                        for (int64_t j = 0; j < d; ++j) dq_rows[i * d + j] = T(0);
                    }
                    const int64_t keys = visible_keys(shape, options, row, rows);
                    for (int64_t col = 0; col < keys; col += key_block) {
                        const int64_t cols = keys - col < key_block ? keys - col : key_block;
                        block_scores(shape, options, score, q, k, b, h, 1, row, rows, col, cols, s);
                        gemm(rows, cols, e, MatrixRef<T>{dy + first * e, e, 1},
                             MatrixRef<T>{v.at(b, g, col), 1, v.row}, ds, key_block);
                        for (int64_t i = 0; i < rows; ++i)
                            score_slopes(s + i * key_block, ds + i * key_block, cols, lse[first + i],
                                         inner[i], scale);
                        gemm(cols, e, rows, MatrixRef<T>{s, 1, key_block}, MatrixRef<T>{dy + first * e, e, 1},
                             dv_g + col * e, e, true);
                        gemm(rows, d, cols, MatrixRef<T>{ds, key_block, 1},
                             MatrixRef<T>{k.at(b, g, col), k.row, 1}, dq_rows, d, true);
                        gemm(cols, d, rows, MatrixRef<T>{ds, 1, key_block},
                             MatrixRef<T>{q.at(b, h, row), q.row, 1}, dk_g + col * d, d, true);
                    }
                }
            }
        }
    });
}

}
