// The axes that a reduction removes, and how a reduction over any of them becomes passes of a kernel that
// reduces the middle of (outer, n, inner); the same for kernels that keep an axis.
#pragma once

#include "movement.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The axes argument of a reduction: one axis, a list of axes, or `{}` for all of them; negative ones count
/// from the end. So `sum(x)`, `sum(x, -1)`, `sum(x, {0, 2})`, and `sum(x, {}, keepdims)`.
class ReduceAxes {
public:
    constexpr ReduceAxes() = default;
    template <std::integral I>
    requires(!std::same_as<I, bool>)  // sum(x, true) means keepdims, and does not say the axes
        constexpr ReduceAxes(I axis)
        : axes_{static_cast<int64_t>(axis)} {}
    constexpr ReduceAxes(std::initializer_list<int64_t> axes) : axes_(axes) {}
    constexpr ReduceAxes(const Axes& axes) : axes_(axes) {}

    constexpr const Axes& axes() const { return axes_; }

private:
    Axes axes_;
};

namespace detail {

/// Axis in [-rank, rank) as an axis in [0, rank). As in PyTorch, a tensor of rank 0 has one axis of size 1.
inline int axis_or_only(std::string_view op, int64_t axis, int rank) {
    return rank == 0 && (axis == 0 || axis == -1) ? 0 : normalize_axis(op, axis, rank);
}

/// Integers are added and multiplied as int64, floating types as themselves.
template <class T>
using SumType = std::conditional_t<Floating<T>, T, int64_t>;

/// Row-major (outer, n, inner) around an axis.
struct AxisLayout {
    int64_t outer = 1, n = 1, inner = 1;
    AxisLayout(const Shape& shape, int axis) {
        for (int i = 0; i < shape.rank(); ++i) (i < axis ? outer : i == axis ? n : inner) *= shape[i];
    }
};

/// y = kernel(x...) along an axis of tensors of one shape, without a tape.
template <class T, class Kernel, class... Ts>
Tensor<T> along_axis(int axis, const Kernel& kernel, const Tensor<T>& x, const Ts&... more) {
    const AxisLayout at(x.shape(), axis);
    Tensor<T> y = empty<T>(x.shape());
    if (y.numel() > 0)
        kernel(detail::contiguous(x).data(), detail::contiguous(more).data()..., output(y), at.outer, at.n,
               at.inner);
    return y;
}

/// Bit i: axis i is reduced.
using AxisMask = uint32_t;

inline AxisMask axis_mask(std::string_view op, const ReduceAxes& reduce, int rank) {
    if (reduce.axes().empty()) return (1U << rank) - 1;
    AxisMask mask = 0;
    for (const int64_t axis : reduce.axes()) {
        const AxisMask bit = 1U << axis_or_only(op, axis, rank);
        if (rank == 0) continue;
        if ((mask & bit) != 0) fail<ShapeError>(op, "axis ", axis, " is named twice in ", reduce.axes());
        mask |= bit;
    }
    return mask;
}

/// The shape with the reduced axes as 1.
inline Shape kept_shape(Shape shape, AxisMask mask) {
    for (int axis = 0; axis < shape.rank(); ++axis)
        if (((mask >> axis) & 1) != 0) shape[axis] = 1;
    return shape;
}
/// The shape of the result.
inline Shape reduced_shape(const Shape& shape, AxisMask mask, bool keepdims) {
    if (keepdims) return kept_shape(shape, mask);
    Shape out;
    for (int axis = 0; axis < shape.rank(); ++axis)
        if (((mask >> axis) & 1) == 0) out.push_back(shape[axis]);
    return out;
}
/// The number of elements that become one.
inline int64_t reduced_count(const Shape& shape, AxisMask mask) {
    int64_t n = 1;
    for (int axis = 0; axis < shape.rank(); ++axis)
        if (((mask >> axis) & 1) != 0) n *= shape[axis];
    return n;
}

/// A result of a reduction with its reduced axes back, as 1: it broadcasts to what was reduced. Recorded.
template <class T>
Tensor<T> unreduced(const Tensor<T>& y, const Shape& from, AxisMask mask) {
    return y.rank() == from.rank() ? y : reshape(y, kept_shape(from, mask));
}

/// Reduces the axes of `mask` of x with `kernel(x, y, outer, n, inner)`; neighbouring axes are one pass.
template <class T, class Kernel>
Tensor<T> reduce(const Tensor<T>& x, AxisMask mask, bool keepdims, const Kernel& kernel) {
    const auto reduces = [mask](int axis) { return ((mask >> axis) & 1) != 0; };
    const Shape result = reduced_shape(x.shape(), mask, keepdims);
    if (reduced_count(x.shape(), mask) == 1) {
        const Tensor<T> y = detail::copy(x);
        return view_of(y, result, row_major(result));
    }
    Tensor<T> y = detail::contiguous(x);
    Shape shape = x.shape();
    // From the last group of axes to the first: that shrinks the data most cheaply.
    for (int last = x.rank() - 1; last >= 0; --last) {
        if (!reduces(last) || shape[last] == 1) continue;
        int first = last;
        // An axis of size 1 between reduced ones separates nothing.
        while (first > 0 && (reduces(first - 1) || shape[first - 1] == 1)) --first;
        int64_t outer = 1, n = 1, inner = 1;
        for (int i = 0; i < x.rank(); ++i) (i < first ? outer : i <= last ? n : inner) *= shape[i];
        for (int i = first; i <= last; ++i) shape[i] = 1;
        const bool done = reduced_count(shape, mask) == 1;
        Tensor<T> next = empty<T>(done ? result : shape);
        kernel(y.data(), output(next), outer, n, inner);
        y = std::move(next);
        last = first;
    }
    return y;
}

}

}
