// Differences of neighbours along an axis, and integrals by the trapezoidal rule.
#pragma once

#include "logical.hpp"
#include "reduce.hpp"
#include "scan.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

template <class T>
Tensor<T> neighbours_less(const Tensor<T>& x, int axis) {
    const int64_t n = x.shape()[axis], count = n > 0 ? n - 1 : 0;
    const Tensor<T> behind = narrow(x, axis, n - count, count), before = narrow(x, axis, 0, count);
    if constexpr (std::same_as<T, bool>)
        return (behind | before) & !(behind & before);
    else
        return behind - before;
}

/// The areas between neighbours: `width` is their distance, or half of it where `y` is summed in pairs.
template <class T, class Width>
Tensor<T> trapezoids(const Tensor<T>& y, int axis, const Width& width) {
    const int64_t n = y.shape()[axis], count = n > 0 ? n - 1 : 0;
    return map(
        "trapezoid", [](const auto& a, const auto& b, const auto& w) { return (a + b) * w * 0.5; },
        narrow(y, axis, 0, count), narrow(y, axis, n - count, count), width);
}
/// The distances of places x (n,) or of the shape of y, in a shape that broadcasts to the areas.
template <class T>
Tensor<T> distances(const char* op, const Tensor<T>& y, const Tensor<T>& x, int axis) {
    if (x.rank() == 1 && x.shape()[0] == y.shape()[axis]) {
        Shape along = Dims::filled(y.rank(), 1);
        along[axis] = x.shape()[0] > 0 ? x.shape()[0] - 1 : 0;
        return reshape(neighbours_less(x, 0), along);
    }
    if (x.shape() != y.shape())
        fail<ShapeError>(op, "x ", x.shape(), " is neither of the shape of y ", y.shape(), " nor (",
                         y.shape()[axis], ",), its size along axis ", axis);
    return neighbours_less(x, axis);
}

}

/// Differences of neighbours along an axis, n times.
///   y_i = x_(i+1) - x_i
/// Shape    x (..., m, ...), prepend and append with its sizes beside the axis -> y (..., m - n, ...), m with
/// them
/// Grad     through slices and subtraction
/// Throws   ShapeError: axis outside [-rank, rank), or prepend and append do not fit; ValueError: n negative
/// See      cumsum
template <class T>
requires(!Real16<T>) Tensor<T> diff(const Tensor<T>& x, int64_t n = 1, int64_t axis = -1,
                                    const Tensor<T>& prepend = {}, const Tensor<T>& append = {}) {
    const int at = normalize_axis("diff", axis, x.rank());
    if (n < 0) detail::fail<ValueError>("diff", "n is ", n, "; it must not be negative");
    Tensor<T> y = x;
    if (n > 0 && prepend.defined()) y = cat({prepend, y}, at);
    if (n > 0 && append.defined()) y = cat({y, append}, at);
    for (int64_t i = 0; i < n && y.shape()[at] > 0; ++i) y = detail::neighbours_less(y, at);
    return y;
}

/// Integral along an axis by the trapezoidal rule, between places dx apart.
///   area = dx sum_i (y_i + y_(i+1)) / 2
/// Shape    y (..., n, ...) -> area without the axis; 0 for n < 2
/// Grad     through slices and sums
/// Throws   ShapeError: axis outside [-rank, rank)
/// See      cumulative_trapezoid
template <Floating T>
Tensor<T> trapezoid(const Tensor<T>& y, double dx = 1, int64_t axis = -1) {
    const int at = normalize_axis("trapezoid", axis, y.rank());
    return sum(detail::trapezoids(y, at, dx), at);
}
/// Integral along an axis by the trapezoidal rule, at the places x.
///   area = sum_i (x_(i+1) - x_i) (y_i + y_(i+1)) / 2
/// Shape    y (..., n, ...), x (n,) or of the shape of y -> area without the axis; 0 for n < 2
/// Throws   ShapeError: axis outside [-rank, rank), or x of another shape
template <Floating T>
Tensor<T> trapezoid(const Tensor<T>& y, const Tensor<T>& x, int64_t axis = -1) {
    const int at = normalize_axis("trapezoid", axis, y.rank());
    return sum(detail::trapezoids(y, at, detail::distances("trapezoid", y, x, at)), at);
}

/// Integrals from the first place to each one behind it, by the trapezoidal rule, between places dx apart.
/// Shape    y (..., n, ...) -> area (..., n - 1, ...)
/// Grad     through slices and running sums
/// Throws   ShapeError: axis outside [-rank, rank)
/// See      trapezoid, cumsum
template <Floating T>
Tensor<T> cumulative_trapezoid(const Tensor<T>& y, double dx = 1, int64_t axis = -1) {
    const int at = normalize_axis("cumulative_trapezoid", axis, y.rank());
    return cumsum(detail::trapezoids(y, at, dx), at);
}
/// The same at the places x.
/// Shape    y (..., n, ...), x (n,) or of the shape of y -> area (..., n - 1, ...)
/// Throws   ShapeError: axis outside [-rank, rank), or x of another shape
template <Floating T>
Tensor<T> cumulative_trapezoid(const Tensor<T>& y, const Tensor<T>& x, int64_t axis = -1) {
    const int at = normalize_axis("cumulative_trapezoid", axis, y.rank());
    return cumsum(detail::trapezoids(y, at, detail::distances("cumulative_trapezoid", y, x, at)), at);
}

}
