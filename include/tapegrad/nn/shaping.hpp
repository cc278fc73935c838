// Modules without parameters that change the shape, or nothing.
#pragma once

#include "../ops/movement.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = x
struct Identity {
    template <class X>
    X operator()(const X& x) const {
        return x;
    }
};

/// The axes from `start` to `end` as one; by default all but the batch.
struct Flatten {
    int64_t start = 1, end = -1;
    auto operator()(const auto& x) const { return flatten(x, start, end); }
};

/// An axis as several.
/// Shape    x (..., n, ...) -> (..., sizes, ...); one of the sizes may be -1
/// Throws   ShapeError: sizes that do not fill the axis
struct Unflatten {
    int64_t axis;
    Shape sizes;
    template <class T>
    Tensor<T> operator()(const Tensor<T>& x) const {
        const int at = normalize_axis("Unflatten", axis, x.rank());
        const Shape parts = detail::resolve_reshape({x.shape()[at]}, sizes);
        Shape shape;
        for (int i = 0; i < x.rank(); ++i) {
            if (i != at) shape.push_back(x.shape()[i]);
            for (int k = 0; i == at && k < parts.rank(); ++k) shape.push_back(parts[k]);
        }
        return reshape(x, shape);
    }
};

}
