// The doors through which elements are written in place. A write is counted: backward refuses a saved tensor
// that was written to since. It is no part of the graph, so a tensor that requires a gradient is written
// inside a `no_grad`.
//
// The target is a handle, so a view will do: fill_(select(x, 0, 1), 0).
#pragma once

#include "../autograd/grad_mode.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
inline void check_writable(std::string_view op, const TensorBase& x) {
    if (grad_enabled() && x.requires_grad())
        fail<AutogradError>(op, "x ", x.shape(),
                            " requires a gradient, which a write would make wrong; write inside a no_grad");
    for (int axis = 0; axis < x.rank(); ++axis)
        if (x.strides()[axis] == 0 && x.shape()[axis] > 1)
            fail<ShapeError>(op, "x ", x.shape(), " shows its elements several times along axis ", axis,
                             "; clone() it");
}
}

/// Every element of x = value.
/// Throws   AutogradError: x requires a gradient and operations are recorded; ShapeError: x is expanded
template <class T>
void fill_(Tensor<T> x, std::type_identity_t<T> value) {
    detail::check_writable("fill_", x);
    detail::assign(x, Tensor<T>(value));
}
/// Every element of x = 0.
/// Throws   AutogradError: x requires a gradient and operations are recorded; ShapeError: x is expanded
template <class T>
void zero_(Tensor<T> x) {
    detail::check_writable("zero_", x);
    detail::assign(x, Tensor<T>(T(0)));
}

/// The elements of x = those of `source`, converted and broadcast. They may overlap.
/// Shape    source broadcastable to the shape of x
/// Throws   AutogradError: x or source requires a gradient and operations are recorded; ShapeError: source
/// does not
///          broadcast to x, or x is expanded
template <class T, class U>
void copy_(Tensor<T> x, const Tensor<U>& source) {
    detail::check_writable("copy_", x);
    if (grad_enabled() && source.requires_grad())
        detail::fail<AutogradError>("copy_", "source ", source.shape(),
                                    " requires a gradient, which a write does not carry; detach() it");
    if constexpr (std::same_as<T, U>)
        detail::assign(x, source);
    else
        detail::assign(x, detail::cast<T>(source));
}

}
