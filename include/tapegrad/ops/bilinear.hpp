// The bilinear form of a layer with two inputs.
#pragma once

#include "einsum.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A form linear in each of two inputs, as many as there are outputs.
///   y_o = sum_ij x_i weight_oij z_j + bias_o
/// Shape    x (..., n), z (..., m) with equal leading axes, weight (out, n, m), bias (out,) or undefined -> y
/// (..., out)
/// Grad     by every input;  saves them and the product of two of them
/// Throws   ShapeError: sizes that do not fit
/// See      linear, einsum
template <Floating T>
Tensor<T> bilinear(const Tensor<T>& x, const Tensor<T>& z, const Tensor<T>& weight,
                   const Tensor<T>& bias = {}) {
    bool fits = weight.rank() == 3 && x.rank() > 0 && z.rank() == x.rank() && x.size(-1) == weight.size(1) &&
                z.size(-1) == weight.size(2);
    for (int axis = 0; fits && axis < x.rank() - 1; ++axis) fits = x.shape()[axis] == z.shape()[axis];
    if (!fits)
        detail::fail<ShapeError>("bilinear", "x ", x.shape(), ", z ", z.shape(), " and weight ",
                                 weight.shape(), " do not fit: they are (..., n), (..., m) and (out, n, m)");
    if (bias.defined() && bias.shape() != Shape{weight.size(0)})
        detail::fail<ShapeError>("bilinear", "bias ", bias.shape(), " for weight ", weight.shape(),
                                 "; it must be (", weight.size(0), ",)");
    const Tensor<T> y = einsum("...i,oij,...j->...o", x, weight, z);
    return bias.defined() ? y + bias : y;
}

}
