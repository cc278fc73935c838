// Rotary position embedding: pairs of elements rotated by angles that grow with the position.
#pragma once

#include "../simd/rotary.hpp"
#include "elementwise.hpp"
#include "heads.hpp"
#include "join.hpp"
#include "slicing.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Which elements of a row (..., width) are a pair.
enum class RotaryLayout {
    halves,      // i and i + width / 2: Hugging Face's LLaMA
    interleaved  // 2 i and 2 i + 1: Meta's LLaMA, DeepSeek, GGUF
};

namespace detail {

/// The first and the second members of the pairs of x, each (..., pairs).
template <class T>
std::array<Tensor<T>, 2> members_of_pairs(const Tensor<T>& x, int64_t pairs, RotaryLayout layout) {
    if (layout == RotaryLayout::halves) return {narrow(x, -1, 0, pairs), narrow(x, -1, pairs, pairs)};
    Shape shape = x.shape();
    shape[shape.rank() - 1] = pairs;
    shape.push_back(2);
    const Tensor<T> p = reshape(narrow(x, -1, 0, 2 * pairs), shape);  // (..., pairs, 2)
    return {select(p, -1, 0), select(p, -1, 1)};
}

/// The definition, in operations.
template <class T>
Tensor<T> composed_rotary(const Tensor<T>& x, const Tensor<T>& cos, const Tensor<T>& sin,
                          RotaryLayout layout) {
    const int64_t pairs = cos.size(-1), width = x.size(-1);
    const auto [a, b] = members_of_pairs(x, pairs, layout);
    const Tensor<T> u = a * cos - b * sin, v = b * cos + a * sin,
                    rest = narrow(x, -1, 2 * pairs, width - 2 * pairs);
    if (layout == RotaryLayout::halves) return cat({u, v, rest}, -1);
    Shape shape = x.shape();
    shape[shape.rank() - 1] = 2 * pairs;
    return cat({reshape(stack({u, v}, -1), shape), rest}, -1);
}

/// With `sign` times the angles. Not recorded.
template <class T>
Tensor<T> rotate(const Tensor<T>& x, const Tensor<T>& cos, const Tensor<T>& sin, T sign,
                 RotaryLayout layout) {
    const Tensor<T> from = as_heads(x);
    Tensor<T> y = empty_as_heads(x, x.shape());
    const int64_t pairs = cos.size(-1);
    const Shape angles{from.size(0), from.size(1), from.size(2), pairs};
    const auto rows_of = [&](const Tensor<T>& t) {  // t is contiguous
        const Strides by = expand_strides("rotary", t.shape(), t.strides(), angles);
        return simd::HeadView<const T>{t.data(), by[0], by[1], by[2]};
    };
    const Tensor<T> c = contiguous(cos), s = contiguous(sin);
    simd::rotary(
        {from.size(0), from.size(1), from.size(2), x.size(-1), pairs, layout == RotaryLayout::interleaved},
        head_view(from), rows_of(c), rows_of(s), sign, head_output(y));
    return y;
}

}

/// Pairs of elements of each row, rotated.
///   (a, b) -> (a cos - b sin, b cos + a sin)
/// Shape    x (B, H, T, width), cos and sin (..., pairs), broadcast to (B, H, T, pairs) -> y, same shape as x; leading
///          axes may be missing; 2 pairs up to width: elements behind the pairs stay
/// Grad     dx = dy rotated back, and those of cos and sin;  saves cos, sin, and x when they need gradients
/// Throws   ShapeError: a rank outside 1..4, more pairs than x has, cos and sin of different shapes or such that do
///          not broadcast
/// Source   Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding, 2021
template <Floating T>
Tensor<T> rotary(const Tensor<T>& x, const Tensor<T>& cos, const Tensor<T>& sin,
                 RotaryLayout layout = RotaryLayout::halves) {
    if (x.rank() < 1 || x.rank() > 4 || cos.rank() < 1 || cos.rank() > x.rank() ||
        cos.shape() != sin.shape() || 2 * cos.size(-1) > x.size(-1))
        detail::fail<ShapeError>(
            "rotary", "x ", x.shape(), ", cos ", cos.shape(), " and sin ", sin.shape(),
            " do not fit: x (batch, heads, length, width) takes equal cos and sin (..., pairs) of "
            "up to width / 2 pairs");
    const bool angles = cos.requires_grad() || sin.requires_grad();
    return record(
        "rotary", detail::rotate(x, cos, sin, T(1), layout), {x, cos, sin},
        [cos, sin, layout, from = angles ? x : Tensor<T>()](const Tensor<T>& dy, Needs needs) {
            std::array<Tensor<T>, 3> d;
            if (needs[0]) d[0] = detail::rotate(dy, cos, sin, T(-1), layout);
            if (needs[1] || needs[2]) {
                const auto [a, b] = detail::members_of_pairs(from, cos.size(-1), layout);
                const auto [u, v] = detail::members_of_pairs(dy, cos.size(-1), layout);
                d[1] = sum_to(a * u + b * v, cos.shape());
                d[2] = sum_to(a * v - b * u, sin.shape());
            }
            return d;
        },
        [layout](const Tensor<T>& a, const Tensor<T>& c, const Tensor<T>& s) {
            return detail::composed_rotary(a, c, s, layout);
        });
}

}
