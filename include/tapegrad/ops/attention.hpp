// Scaled dot-product attention, fused: no tensor of queries x keys exists.
#pragma once

#include "../simd/attention.hpp"
#include "../simd/attention_backward.hpp"
#include "heads.hpp"
#include "logical.hpp"
#include "matmul.hpp"
#include "reduce.hpp"
#include "softmax.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SdpaOptions {
    bool causal = false;     // query i sees keys 0 .. i + offset
    int64_t offset = 0;      // keys that lie before the first query: those of a cache
    int64_t window = 0;      // with causal: of those the last `window` ones; 0: all
    double scale = 0;        // 0: 1 / sqrt(D)
    Tensor<bool> mask = {};  // true: takes part; broadcast to (B, H, T, S)
};

namespace detail {

inline std::array<int64_t, 4> strides_to(const Strides& s) { return {s[0], s[1], s[2], s[3]}; }

template <class T>
simd::AttentionShape check_attention(const Tensor<T>& q, const Tensor<T>& k, const Tensor<T>& v) {
    constexpr const char* op = "scaled_dot_product_attention";
    const int rank = q.rank();
    if (rank < 2 || rank > 4 || k.rank() != rank || v.rank() != rank)
        fail<ShapeError>(op, "q ", q.shape(), ", k ", k.shape(), " and v ", v.shape(),
                         " must have one rank from 2 to 4: (batch, heads, length, depth)");
    if (q.size(-1) != k.size(-1) || k.size(-2) != v.size(-2))
        fail<ShapeError>(op, "q ", q.shape(), ", k ", k.shape(), " and v ", v.shape(),
                         " do not fit: depths of q and k, and lengths of k and v, must be equal");
    const auto axis = [rank](const Tensor<T>& x, int i) {
        return i + rank - 4 < 0 ? int64_t{1} : x.shape()[i + rank - 4];
    };
    const int64_t groups = axis(k, 1);
    if (axis(k, 0) != axis(q, 0) || axis(v, 0) != axis(q, 0) || axis(v, 1) != groups || groups == 0 ||
        axis(q, 1) % groups != 0)
        fail<ShapeError>(op, "q ", q.shape(), ", k ", k.shape(), " and v ", v.shape(),
                         " do not fit: one batch, and heads of q a multiple of those of k and v");
    return {axis(q, 0), axis(q, 1), groups, q.size(-2), k.size(-2), q.size(-1), v.size(-1)};
}

/// The keys that each query sees, as far as `causal` and `mask` say; undefined when it sees all.
template <std::same_as<int64_t> I = int64_t>
Tensor<bool> visible(const simd::AttentionShape& s, const SdpaOptions& o) {
    if (!o.causal) return o.mask;
    const Tensor<I> now = unsqueeze(arange<I>(o.offset, s.queries + o.offset), 1), key = arange<I>(s.keys);
    Tensor<bool> past = now >= key;
    if (o.window > 0) past = past & (key > now - o.window);
    return o.mask.defined() ? past & o.mask : past;
}

/// The definition, in operations.
template <class T>
Tensor<T> composed_attention(const Tensor<T>& q, const Tensor<T>& k, const Tensor<T>& v,
                             const Tensor<T>& bias, const simd::AttentionShape& s, const SdpaOptions& o) {
    const auto per_head = [&](const Tensor<T>& x) {
        if (s.groups == s.heads) return x;
        const int64_t r = s.heads_per_group(), n = x.size(-2), d = x.size(-1);
        return reshape(expand(reshape(x, {s.batch, s.groups, 1, n, d}), {s.batch, s.groups, r, n, d}),
                       {s.batch, s.heads, n, d});
    };
    Tensor<T> scores = matmul(q, transpose(per_head(k), -2, -1)) * o.scale;  // (B, H, T, S)
    if (bias.defined()) scores = scores + bias;
    const Tensor<bool> seen = visible(s, o);
    if (!seen.defined()) return matmul(softmax(scores, -1), per_head(v));
    // A query that sees nothing weighs nothing: a finite score keeps its softmax free of NaN, and 0 takes it
    // away.
    const Tensor<T> weights = softmax(where(seen, scores, std::numeric_limits<T>::lowest() / 2), -1);
    return matmul(weights * amax(where(seen, 1, Tensor<T>(T(0))), -1, true), per_head(v));
}

}

/// Attention of queries over keys and values.
///   y = softmax(scale q k^T + bias) v, over the keys that a query may see
/// Shape    q (B, H, T, D), k (B, G, S, D), v (B, G, S, E) -> y (B, H, T, E); H a multiple of G: head h reads
///          group h / (H / G); leading axes may be missing; bias and mask broadcast to (B, H, T, S)
/// Grad     by q, k, v and bias; saves q, k, v, y and the log-sum-exp of each row; a gradient by bias builds (T, S)
/// Numeric  a query that sees no key gives zeros; a weight below e^-60 (e^-600 of doubles) of the largest counts as 0
/// Throws   ShapeError: ranks, depths, lengths or heads that do not fit; ValueError: a negative window, or one
///          without causal
/// Source   Vaswani et al., Attention Is All You Need, 2017; Dao et al., FlashAttention, 2022
template <Floating T>
Tensor<T> scaled_dot_product_attention(const Tensor<T>& q, const Tensor<T>& k, const Tensor<T>& v,
                                       SdpaOptions options = {}, const Tensor<T>& bias = {}) {
    const simd::AttentionShape s = detail::check_attention(q, k, v);
    if (options.scale == 0) options.scale = 1 / std::sqrt(static_cast<double>(s.depth));
    if (bias.defined() && bias.requires_grad() && grad_enabled())
        return detail::composed_attention(q, k, v, bias, s, options);
    if (options.window < 0 || (options.window > 0 && !options.causal))
        detail::fail<ValueError>("scaled_dot_product_attention", "window ", options.window,
                                 " must not be negative, and needs causal");
    const Shape full{s.batch, s.heads, s.queries, s.keys};
    const simd::AttentionOptions kernel_options{options.scale, options.causal, options.offset,
                                                options.window};
    const auto mask_of = [full](const Tensor<bool>& mask, const Tensor<T>& added) {
        constexpr const char* op = "scaled_dot_product_attention";
        simd::ScoreMask<T> m;
        if (added.defined()) {
            m.bias = added.data();
            m.bias_strides =
                detail::strides_to(detail::expand_strides(op, added.shape(), added.strides(), full));
        }
        if (mask.defined()) {
            m.mask = mask.data();
            m.mask_strides =
                detail::strides_to(detail::expand_strides(op, mask.shape(), mask.strides(), full));
        }
        return m;
    };
    Shape shape = q.shape();
    shape[shape.rank() - 1] = s.value_depth;
    Tensor<T> y = detail::empty_as_heads(q, shape), lse = empty<T>({s.batch, s.heads, s.queries});
    {
        const Tensor<T> qh = detail::as_heads(q), kh = detail::as_heads(k), vh = detail::as_heads(v);
        simd::attention(s, detail::head_view(qh), detail::head_view(kh), detail::head_view(vh),
                        detail::head_output(y), detail::output(lse), kernel_options,
                        mask_of(options.mask, bias));
    }
    return record(
        "scaled_dot_product_attention", y, {q, k, v},
        [q, k, v, bias, lse, mask = options.mask, s, kernel_options, mask_of](const Tensor<T>& dy,
                                                                              const Tensor<T>& out, Needs) {
            const Tensor<T> qh = detail::as_heads(q), kh = detail::as_heads(k), vh = detail::as_heads(v);
            const Tensor<T> yh = detail::as_heads(out), dyh = detail::as_heads(dy);
            std::array<Tensor<T>, 3> d{detail::empty_as_heads(q, q.shape()),
                                       detail::empty_as_heads(k, k.shape()),
                                       detail::empty_as_heads(v, v.shape())};
            simd::attention_backward(s, detail::head_view(qh), detail::head_view(kh), detail::head_view(vh),
                                     detail::head_view(yh), lse.data(), detail::head_view(dyh),
                                     detail::head_output(d[0]), detail::head_output(d[1]),
                                     detail::head_output(d[2]), kernel_options, mask_of(mask, bias));
            return d;
        },
        [bias, s, options](const Tensor<T>& a, const Tensor<T>& b, const Tensor<T>& c) {
            return detail::composed_attention(a, b, c, bias, s, options);
        });
}

}
