// Views without a tape: other shapes and strides over the same elements. ops/movement.hpp makes them
// differentiable.
#pragma once

#include "tensor.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// `shape` and `strides` over the elements of x, starting `offset` elements behind its first. The caller
/// keeps it inside.
template <class T>
Tensor<T> view_of(const Tensor<T>& x, const Shape& shape, const Strides& strides, int64_t offset = 0) {
    x.check_saved();
    return Tensor<T>(new_view(x.body(), static_cast<T*>(x.body().data) + offset, shape, strides));
}

/// Strides of a view of `x` with `shape` (same number of elements) into `out`; false when there is none
/// without a copy.
inline bool reshape_strides(const Shape& from, const Strides& strides, const Shape& to, Strides& out) {
    out = row_major(to);
    if (is_row_major(from, strides)) return true;
    // Walk both shapes from the front, matching groups of axes of equal product; a group can be re-cut when
    // its axes lie behind each other in memory.
    int i = 0, j = 0;
    while (j < to.rank()) {
        if (to[j] == 1) {
            out[j++] = 1;
            continue;
        }
        while (i < from.rank() && from[i] == 1) ++i;
        const int group = j;
        int64_t wanted = to[j], have = from[i];
        const int first = i;
        while (wanted != have) {
            if (wanted < have) {
                wanted *= to[++j];
            } else {
                ++i;
                have *= from[i];
            }
        }
        int64_t stride = strides[i];
        for (int a = i; a > first; --a) {
            if (from[a - 1] == 1) continue;
            int64_t below = strides[a] * from[a];
            for (int skip = a; from[skip] == 1 && skip < i; ++skip)
                below = strides[skip + 1] * from[skip + 1];
            if (strides[a - 1] != below) return false;
        }
        for (int a = j; a >= group; --a) {
            out[a] = stride;
            stride *= to[a];
        }
        ++i;
        ++j;
    }
    return true;
}

/// Strides that read `from` as `to`: 0 along every axis that is repeated.
/// Throws   ShapeError: the shapes do not broadcast that way
inline Strides expand_strides(std::string_view op, const Shape& from, const Strides& strides,
                              const Shape& to) {
    Strides out = Dims::filled(to.rank(), 0);
    const int shift = to.rank() - from.rank();
    for (int i = 0; i < from.rank(); ++i) {
        if (shift < 0 || (from[i] != to[i + shift] && from[i] != 1))
            fail<ShapeError>(op, "a tensor ", from, " does not expand to ", to);
        out[i + shift] = from[i] == 1 ? 0 : strides[i];
    }
    return out;
}

}
