// The cross product.
#pragma once

#include "join.hpp"
#include "primitive.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Product of vectors of size 3 that is orthogonal to both.
///   y = (a_1 b_2 - a_2 b_1, a_2 b_0 - a_0 b_2, a_0 b_1 - a_1 b_0)
/// Shape    a, b broadcast together, size 3 along `axis` -> y of the common shape
/// Grad     da = b x dy, db = dy x a;  saves a, b
/// Throws   ShapeError: axis outside [-rank, rank), a size there other than 3, or shapes that do not
/// broadcast
template <class T>
Tensor<T> cross(const Tensor<T>& a, const Tensor<T>& b, int64_t axis = -1) {
    const Shape shape = broadcast_shapes("cross", a.shape(), b.shape());
    const int at = normalize_axis("cross", axis, shape.rank()), from_end = at - shape.rank();
    for (const Tensor<T>* x : {&a, &b})
        if (x->rank() < -from_end || x->size(from_end) != 3)
            detail::fail<ShapeError>("cross", x == &a ? "a " : "b ", x->shape(), " has no size 3 along axis ",
                                     axis);
    const auto [a0, a1, a2] = chunk<3>(a, from_end);
    const auto [b0, b1, b2] = chunk<3>(b, from_end);
    return cat({a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0}, at);
}

}
