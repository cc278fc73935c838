// Products over axes.
#pragma once

#include "../simd/reduce.hpp"
#include "reduce_axes.hpp"
#include "scan.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The product of the elements beside each one, over the axes of the mask: of those before it and of those
/// behind it. Recorded.
template <class T>
Tensor<T> product_of_others(const Tensor<T>& x, AxisMask mask) {
    // The reduced axes behind the others, as one axis.
    Axes order, back = Dims::filled(x.rank(), 0);
    Shape shape;
    for (const bool reduced : {false, true})
        for (int axis = 0; axis < x.rank(); ++axis)
            if ((((mask >> axis) & 1) != 0) == reduced) {
                back[axis] = order.rank();
                order.push_back(axis);
                if (!reduced) shape.push_back(x.shape()[axis]);
            }
    const int last = shape.rank();
    shape.push_back(reduced_count(x.shape(), mask));
    const Tensor<T> moved = permute(x, order), rows = reshape(moved, shape);
    const Tensor<T> before = neighbour(running_product(rows, last, false), last, 1, T(1)),
                    behind = neighbour(running_product(rows, last, true), last, -1, T(1));
    return permute(reshape(before * behind, moved.shape()), back);
}

}

/// Product of elements; 1 of none.
///   y = prod_i x_i
/// Shape    x (any) -> y without `axes`, or with size 1 there; int64 for integers and bool
/// Grad     dx_k = dy prod_(i != k) x_i, by products from both ends: right where x has zeros too;  saves x
/// Numeric  the same bits for any number of threads; integers wrap
/// Throws   ShapeError: an axis outside [-rank, rank), or named twice
/// See      sum, cumprod
template <class T>
requires(!Real16<T>) Tensor<detail::SumType<T>> prod(const Tensor<T>& x, const ReduceAxes& axes = {},
                                                     bool keepdims = false) {
    const detail::AxisMask mask = detail::axis_mask("prod", axes, x.rank());
    const auto values = []<class S>(const Tensor<S>& of, detail::AxisMask over, bool keep) {
        return detail::reduce(of, over, keep, [](auto... args) { simd::prod(args...); });
    };
    if constexpr (Floating<T>)
        return record("prod", values(x, mask, keepdims), {x}, [x, mask](const Tensor<T>& dy) {
            return detail::unreduced(dy, x.shape(), mask) * detail::product_of_others(x, mask);
        });
    else
        return values(detail::cast<int64_t>(x), mask, keepdims);
}

}
