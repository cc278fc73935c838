// The gradients of scaled dot-product attention: the scores of a block are made again, from the log-sum-exp of
// each row.
#pragma once

#include <algorithm>

#include "attention_scores.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// A row of scores and of dp = dy v^T to weights p (in s) and slopes p (dp - inner) (in dp), zeros from `seen` on.
/// A row that saw no key has neither.
template <class T>
void score_slopes(T* s, T* dp, int64_t seen, int64_t n, T lse, T inner) {
    constexpr T none = -std::numeric_limits<T>::infinity();
    const Batch<T> shift(lse == none ? T(0) : lse), mean(inner);
    for_batches<T>(seen, [&](int64_t j, int64_t count) TAPEGRAD_LAMBDA {
        const Batch<T> p = exp_from(load_some(s + j, count, none) - shift, lightest<T>);
        store_some(p, s + j, count);
        store_some(p * (load_some(dp + j, count) - mean), dp + j, count);
    });
    for (int64_t j = seen; j < n; ++j) s[j] = dp[j] = T(0);
}

/// The gradients of the heads of one group: what they add to the same keys is added by one thread, in order.
template <class T, class Score>
struct GroupBackward {
    const AttentionShape& shape;
    HeadView<const T> q, k, v, y;
    const T* lse;
    HeadView<const T> dy;
    HeadView<T> dq, dk, dv;
    const AttentionOptions& o;
    const Score& score;

    void operator()(int64_t b, int64_t g) const {
        const int64_t d = shape.depth, e = shape.value_depth;
        for (int64_t i = 0; i < shape.keys; ++i) {
            std::fill_n(dk.at(b, g, i), d, T(0));
            std::fill_n(dv.at(b, g, i), e, T(0));
        }
        Operands of(shape);
        for (int64_t h = g * shape.heads_per_group(); h < (g + 1) * shape.heads_per_group(); ++h) {
            prepare(of, b, h);
            const int64_t end = visible_keys(shape, o, 0, shape.queries);
            for (int64_t col = first_key(o, 0) / key_block * key_block; col < end; col += key_block)
                meet(of, b, h, col, std::min(key_block, end - col));
            for (int64_t i = 0; i < shape.queries; ++i)
                scale_row(dq.at(b, h, i), d, static_cast<T>(o.scale), dq.at(b, h, i));
        }
    }

private:
    /// What several products read: of the queries of a head, made once for all keys, and of a block of keys.
    struct Operands {
        Scratch<T> scaled, inner;  // scale q (T, D), and sum(dy y) of each row
        SharedPanels<T> q, dy;     // scale q and dy, block after block
        SharedPanels<T> k_turned, v_turned, k;
        Scratch<T> scores, slopes;

        explicit Operands(const AttentionShape& s)
            : scaled(s.queries * s.depth),
              inner(s.queries),
              q(std::min(s.queries, query_block), s.depth, ceil_div(s.queries, query_block)),
              dy(std::min(s.queries, query_block), s.value_depth, ceil_div(s.queries, query_block)),
              k_turned(s.depth, std::min(s.keys, key_block)),
              v_turned(s.value_depth, std::min(s.keys, key_block)),
              k(std::min(s.keys, key_block), s.depth),
              scores(query_block * key_block),
              slopes(query_block * key_block) {}
    };

    void prepare(Operands& of, int64_t b, int64_t h) const {
        const int64_t d = shape.depth, e = shape.value_depth;
        for (int64_t i = 0; i < shape.queries; ++i) {
            scale_row(q.at(b, h, i), d, static_cast<T>(o.scale), of.scaled.data() + i * d);
            const T *const slope = dy.at(b, h, i), *const out = y.at(b, h, i);
            of.inner[i] = sum_batches<T>(e, [&](int64_t j, int64_t count) TAPEGRAD_LAMBDA {
                return load_some(slope + j, count) * load_some(out + j, count);
            });
            std::fill_n(dq.at(b, h, i), d, T(0));
        }
        for (int64_t row = 0; row < shape.queries; row += query_block) {
            const int64_t rows = std::min(query_block, shape.queries - row), block = row / query_block;
            of.q.pack(rows, d, {of.scaled.data() + row * d, d, 1}, block);
            of.dy.pack(rows, e, {dy.at(b, h, row), dy.row, 1}, block);
        }
    }

    /// One block of keys and all queries that see some of it.
    void meet(Operands& of, int64_t b, int64_t h, int64_t col, int64_t width) const {
        const int64_t d = shape.depth, e = shape.value_depth, g = h / shape.heads_per_group();
        T *const s = of.scores.data(), *const ds = of.slopes.data();
        const T* const sums = lse + (b * shape.heads + h) * shape.queries;
        of.k_turned.pack(d, width, {k.at(b, g, col), 1, k.row});
        of.v_turned.pack(e, width, {v.at(b, g, col), 1, v.row});
        of.k.pack(width, d, {k.at(b, g, col), k.row, 1});
        for (int64_t row = 0; row < shape.queries; row += query_block) {
            const int64_t rows = std::min(query_block, shape.queries - row), block = row / query_block;
            const int64_t cols = std::min(width, visible_keys(shape, o, row, rows) - col);
            if (cols <= 0 || first_key(o, row) >= col + cols) continue;
            of.k_turned.multiply(rows, cols, d, {of.scaled.data() + row * d, d, 1}, s, key_block, false);
            score(s, key_block, b, h, row, rows, col, cols);
            for (int64_t i = 0; i < rows && o.window > 0; ++i)
                hide_past(o, row + i, col, cols, s + i * key_block);
            of.v_turned.multiply(rows, cols, e, {dy.at(b, h, row), dy.row, 1}, ds, key_block, false);
            for (int64_t i = 0; i < rows; ++i)
                score_slopes(s + i * key_block, ds + i * key_block, seen_keys(o, row + i, col, cols), cols,
                             sums[row + i], of.inner[row + i]);
            of.dy.multiply(cols, e, rows, {s, 1, key_block}, dv.at(b, g, col), dv.row, true, block);
            of.k.multiply(rows, d, cols, {ds, key_block, 1}, dq.at(b, h, row), dq.row, true);
            of.q.multiply(cols, d, rows, {ds, 1, key_block}, dk.at(b, g, col), dk.row, true, block);
        }
    }
};

}

/// The gradients of q, k and v (k's and v's of their own number of heads) from dy, y and lse (B, H, T).
///   p = exp(s - lse)   dv = p^T dy   ds = p (dy v^T - sum(dy y))   dq = scale ds k   dk = scale ds^T q
/// Scratch   T (2 D + E) elements a thread
template <class T, class Score = ScoreMask<T>>
void attention_backward(const AttentionShape& shape, HeadView<const T> q, HeadView<const T> k,
                        HeadView<const T> v, HeadView<const T> y, const T* lse, HeadView<const T> dy,
                        HeadView<T> dq, HeadView<T> dk, HeadView<T> dv, const AttentionOptions& options,
                        const Score& score = {}) {
    const detail::GroupBackward<T, Score> group{shape, q, k, v, y, lse, dy, dq, dk, dv, options, score};
    parallel_for(shape.batch * shape.groups, 1, [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; ++t) group(t / shape.groups, t % shape.groups);
    });
}

}
