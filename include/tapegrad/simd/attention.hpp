// Scaled dot-product attention with an online softmax: blocks of queries meet blocks of keys, and only the
// scores of one such block exist at a time.
//
// Blocks have fixed sizes, and one thread owns everything that is summed into an output: the bits do not
// depend on the number of threads.
//   q (B, H, T, D), k (B, G, S, D), v (B, G, S, E) -> y (B, H, T, E); H is a multiple of G (grouped queries)
#pragma once

#include <algorithm>

#include "attention_scores.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// Queries that one task takes: the keys of a block are packed once for all of them.
inline constexpr int64_t task_queries = 4 * query_block;

/// Rows of one head, or the single queries of several heads of a group (decoding), so that the group's keys are
/// read once.
struct QueryRows {
    int64_t b, h, heads, first, count;  // queries first .. of head h or, of `heads` > 1, heads h + first ..

    template <class T>
    T* row(const HeadView<T>& x, int64_t i) const {
        return heads > 1 ? x.at(b, h + first + i, 0) : x.at(b, h, first + i);
    }
    template <class T>
    int64_t stride(const HeadView<T>& x) const {
        return heads > 1 ? x.head : x.row;
    }
    /// The query whose keys row i sees.
    int64_t query(int64_t i) const { return heads > 1 ? 0 : first + i; }
};

/// What is known of the softmax of each row after some of its keys.
template <class T>
struct OnlineSoftmax {
    static constexpr T none = -std::numeric_limits<T>::infinity();
    T maximum[task_queries], total[task_queries];
    T factor[query_block];  // what the sums so far of a row are to be multiplied by

    void start(int64_t rows) {
        for (int64_t i = 0; i < rows; ++i) {
            maximum[i] = none;
            total[i] = 0;
        }
    }
    /// Scores s (rows, cols) of the rows from `first` on, a multiple of the block, to weights exp(s - maximum).
    /// Of row i the first seen(i) keys count; the others weigh nothing, as all keys of a row that saw none yet.
    template <class Seen>
    void weigh(T* s, int64_t first, int64_t rows, int64_t cols, const Seen& seen) {
        T next[query_block];
        for (int64_t i = 0; i < rows; ++i) {
            Batch<T> top(maximum[first + i]);
            for_batches<T>(seen(i), [&](int64_t j, int64_t count) TAPEGRAD_LAMBDA {
                top = max(top, load_some(s + i * key_block + j, count, none));
            });
            next[i] =
                fold(top, [](const Batch<T>& a, const Batch<T>& b) TAPEGRAD_LAMBDA { return max(a, b); });
        }
        for_batches<T>(rows, [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
            const Batch<T> now = load_some(next + i, count), before = load_some(maximum + first + i, count);
            store_some(exp_from(before - where(now == Batch<T>(none), Batch<T>(T(0)), now), lightest<T>),
                       factor + i, count);
        });
        for (int64_t i = 0; i < rows; ++i) {
            T* const row = s + i * key_block;
            const Batch<T> shift(next[i] == none ? T(0) : next[i]);
            Batch<T> sum(T(0));
            const int64_t n = seen(i);
            for_batches<T>(n, [&](int64_t j, int64_t count) TAPEGRAD_LAMBDA {
                const Batch<T> weight = exp_from(load_some(row + j, count, none) - shift, lightest<T>);
                sum += weight;
                store_some(weight, row + j, count);
            });
            std::fill(row + n, row + cols, T(0));
            maximum[first + i] = next[i];
            total[first + i] = total[first + i] * factor[i] + fold_sum(sum);
        }
    }
};

/// y and lse of some rows.
template <class T, class Score>
void attend(const QueryRows& of, const AttentionShape& shape, const HeadView<const T>& q,
            const HeadView<const T>& k, const HeadView<const T>& v, const HeadView<T>& y, T* lse,
            const AttentionOptions& o, const Score& score) {
    const int64_t d = shape.depth, e = shape.value_depth, group = of.h / shape.heads_per_group();
    const bool packs_values = of.count > 4 * GemmTile<T>::rows;  // fewer rows read them where they lie
    const int64_t most = shape.keys < key_block ? shape.keys : key_block;
    Scratch<T> scores(query_block * key_block), scaled(of.count * d);
    SharedPanels<T> keys(d, most), values(packs_values ? most : 0, e);
    OnlineSoftmax<T> softmax;
    softmax.start(of.count);
    for (int64_t i = 0; i < of.count; ++i) {
        scale_row(of.row(q, i), d, static_cast<T>(o.scale), scaled.data() + i * d);
        T* const out = of.row(y, i);
        std::fill_n(out, e, T(0));
    }
    const auto visible = [&](int64_t row, int64_t rows) {
        return of.heads > 1 ? visible_keys(shape, o, 0, 1) : visible_keys(shape, o, of.first + row, rows);
    };
    const int64_t ahead = visible(0, of.count), start = first_key(o, of.query(0)) / key_block * key_block;
    for (int64_t col = start; col < ahead; col += key_block) {
        const int64_t width = ahead - col < key_block ? ahead - col : key_block;
        const MatrixRef<T> value{v.at(of.b, group, col), v.row, 1};
        keys.pack(d, width, {k.at(of.b, group, col), 1, k.row});
        if (packs_values) values.pack(width, e, value);
        for (int64_t row = 0; row < of.count; row += query_block) {
            const int64_t rows = of.count - row < query_block ? of.count - row : query_block;
            const int64_t rest = visible(row, rows) - col, cols = rest < width ? rest : width;
            if (cols <= 0 || first_key(o, of.query(row)) >= col + cols) continue;
            T* const s = scores.data();
            keys.multiply(rows, cols, d, {scaled.data() + row * d, d, 1}, s, key_block, false);
            if (of.heads > 1) {
                for (int64_t i = 0; i < rows; ++i)
                    score(s + i * key_block, key_block, of.b, of.h + of.first + row + i, 0, 1, col, cols);
            } else {
                score(s, key_block, of.b, of.h, of.first + row, rows, col, cols);
            }
            for (int64_t i = 0; i < rows && o.window > 0; ++i)
                hide_past(o, of.query(row + i), col, cols, s + i * key_block);
            softmax.weigh(s, row, rows, cols,
                          [&](int64_t i) { return seen_keys(o, of.query(row + i), col, cols); });
            for (int64_t i = 0; i < rows && col > start; ++i)
                if (softmax.factor[i] != T(1))
                    scale_row(of.row(y, row + i), e, softmax.factor[i], of.row(y, row + i));
            const MatrixRef<T> weights{s, key_block, 1};
            if (packs_values)
                values.multiply(rows, e, cols, weights, of.row(y, row), of.stride(y), col > start);
            else
                gemm(rows, e, cols, weights, value, of.row(y, row), of.stride(y), col > start);
        }
    }
    for (int64_t i = 0; i < of.count; ++i) {
        const T total = softmax.total[i];
        scale_row(of.row(y, i), e, total == T(0) ? T(0) : T(1) / total, of.row(y, i));
        lse[(of.b * shape.heads + of.h) * shape.queries + of.first + i] =
            softmax.maximum[i] + static_cast<T>(std::log(total));
    }
}

}

/// y = softmax(scale q k^T) v, with the scores changed by `score` (ScoreMask, or anything called like it),
/// and lse (B, H, T) the log-sum-exp of each row of scores, which the backward needs. A query that sees no
/// key gives zeros, with lse -inf.
/// Numeric  a weight below e^-60 (e^-600) of the largest counts as 0, in the backward of the sum
template <class T, class Score = ScoreMask<T>>
void attention(const AttentionShape& shape, HeadView<const T> q, HeadView<const T> k, HeadView<const T> v,
               HeadView<T> y, T* lse, const AttentionOptions& options, const Score& score = {}) {
    using namespace detail;
    const int64_t heads = shape.queries == 1 ? shape.heads_per_group() : 1;
    const int64_t lines = heads > 1 ? heads : shape.queries, parts = ceil_div(lines, task_queries);
    const int64_t per_batch = shape.heads / heads * parts;
    const int64_t work =
        (lines < task_queries ? lines : task_queries) * shape.keys * (shape.depth + shape.value_depth);
    parallel_for(shape.batch * per_batch, ceil_div(gemm_serial, work + 1), [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; ++t) {
            const int64_t first = t % parts * task_queries, rest = lines - first;
            attend({t / per_batch, t % per_batch / parts * heads, heads, first,
                    rest < task_queries ? rest : task_queries},
                   shape, q, k, v, y, lse, options, score);
        }
    });
}

}
