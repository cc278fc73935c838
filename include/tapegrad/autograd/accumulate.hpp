// Gradients meet: their sum, and their sum over the axes along which a tensor was repeated. Both are recorded
// when gradients of gradients are wanted, with each other's help as derivatives.
#pragma once

#include "../core/parallel.hpp"
#include "../simd/reduce.hpp"
#include "../simd/strided_add.hpp"
#include "../tensor/creation.hpp"
#include "record.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// x repeated along axes of size 1 and along new axes in front, as a view.
/// Shape    x broadcastable to `shape` -> y of `shape`
/// Grad     dx = dy summed over the repeated axes
/// Throws   ShapeError: x does not broadcast to `shape`
template <class T>
Tensor<T> expand(const Tensor<T>& x, const Shape& shape) {
    const Strides strides = detail::expand_strides("expand", x.shape(), x.strides(), shape);
    return record("expand", detail::view_of(x, shape, strides), {x}, [](const Tensor<T>& dy) { return dy; });
}

namespace detail {

/// out[i] += more[i]
template <class T>
void add_into(T* out, const T* more, int64_t n) {
    parallel_for(n, int64_t{1} << 15, [&](int64_t begin, int64_t end) {
        simd::detail::add_row(more + begin, out + begin, end - begin);
    });
}

}

namespace detail {

/// The sum of x over the axes that `shape` repeats, without a tape.
template <class T>
Tensor<T> sum_to_shape(const Tensor<T>& x, const Shape& shape) {
    // Sixteen bits are for storage: sums are made of floats.
    if constexpr (Real16<T>) return cast<T>(sum_to_shape(cast<float>(x), shape));
    const int extra = x.rank() - shape.rank();
    Tensor<T> y = detail::contiguous(x);
    Shape wide = Dims::filled(extra, 1);
    for (const int64_t n : shape) wide.push_back(n);
    // Neighbouring repeated axes are summed as one, the last group first: it shrinks the data most cheaply.
    for (int last = x.rank() - 1; last >= 0; --last) {
        if (wide[last] == y.shape()[last]) continue;
        int first = last;
        while (first > 0 && wide[first - 1] == 1) --first;
        int64_t outer = 1, n = 1, inner = 1;
        for (int i = 0; i < x.rank(); ++i) (i < first ? outer : i <= last ? n : inner) *= y.shape()[i];
        Shape reduced = y.shape();
        for (int i = first; i <= last; ++i) reduced[i] = 1;
        Tensor<T> next = empty<T>(reduced);
        if constexpr (!Real16<T>) simd::sum(y.data(), output(next), outer, n, inner);
        y = std::move(next);
        last = first;
    }
    return view_of(y, shape, row_major(shape));
}

}

/// x summed over the axes that broadcasting `shape` to the shape of x repeats.
/// Shape    x (any), `shape` broadcastable to it -> y of `shape`
/// Grad     dx = dy expanded
template <class T>
Tensor<T> sum_to(const Tensor<T>& x, const Shape& shape) {
    if (x.shape() == shape) return x;
    return record("sum_to", detail::sum_to_shape(x, shape), {x},
                  [from = x.shape()](const Tensor<T>& dy) { return expand(dy, from); });
}

namespace detail {

template <class T>
struct GradientTypeOf {
    static void add(TensorBase& into, const TensorBase& more) {
        const auto b = cast_handle<T>(more);
        const Tensor<T> packed = detail::contiguous(b);
        const bool recording = grad_enabled() && (into.requires_grad() || b.requires_grad());
        if (!recording && into.dtype() == dtype_of<T> && into.is_unique() && into.is_contiguous())
            return add_into(static_cast<T*>(into.body().data), packed.data(), into.numel());
        const auto a = cast_handle<T>(into);
        Tensor<T> sum = copy(a);
        add_into(output(sum), packed.data(), sum.numel());
        into = record("add", sum, {a, b}, [](const Tensor<T>& dy) { return std::array{dy, dy}; });
    }
    static TensorBase sum_to(const TensorBase& gradient, const Shape& shape) {
        return tapegrad::sum_to(cast_handle<T>(gradient), shape);
    }
    /// As a leaf may keep it: contiguous memory that nobody else sees, unless it is part of a graph.
    static TensorBase own(TensorBase gradient) {
        if (gradient.node() != nullptr || (gradient.is_unique() && gradient.is_contiguous())) return gradient;
        return copy(cast_handle<T>(std::move(gradient)));
    }
    static bool finite(const TensorBase& x) {
        if constexpr (Floating<T>) {
            const Tensor<T> packed = detail::contiguous(cast_handle<T>(x));
            const T* p = packed.data();
            for (int64_t i = 0; i < packed.numel(); ++i)
                if (!(p[i] - p[i] == T(0))) return false;
        }
        return true;
    }
    static constexpr GradientType table{&add, &sum_to, &own, &finite};
};

}

}
