// Running sums, products, extremes and logarithms of sums of exponentials along an axis.
#pragma once

#include "../simd/scan.hpp"
#include "argmax.hpp"
#include "elementwise.hpp"
#include "join.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// y_i = x_(i-1) for by = 1, x_(i+1) for by = -1, and `fill` where there is none. Recorded.
template <class T>
Tensor<T> neighbour(const Tensor<T>& x, int axis, int by, T fill) {
    const int64_t n = x.shape()[axis];
    if (n == 0) return x;
    Shape edge = x.shape();
    edge[axis] = 1;
    const Tensor<T> end = full<T>(edge, fill);
    const Tensor<T> rest = narrow(x, axis, by > 0 ? 0 : 1, n - 1);
    if (by > 0) return cat({end, rest}, axis);
    return cat({rest, end}, axis);
}

/// y_i = a_i y_(i-1) + b_i, with i + 1 for i - 1 in reverse, and 0 outside. Recorded.
/// Grad     db is the same recurrence of dy the other way, da_i = db_i y_(i-1);  saves a, y
template <class T>
Tensor<T> recurrence(const Tensor<T>& a, const Tensor<T>& b, int axis, bool reverse) {
    const Tensor<T> result = along_axis(
        axis, [reverse](auto... args) { simd::recurrence(args..., reverse); }, a, b);
    return record("recurrence", result, {a, b}, [a, axis, reverse](const Tensor<T>& dy, const Tensor<T>& y) {
        const int by = reverse ? -1 : 1;
        const Tensor<T> db = recurrence(neighbour(a, axis, -by, T(0)), dy, axis, !reverse);
        return std::array{db * neighbour(y, axis, by, T(0)), db};
    });
}

template <class T>
Tensor<T> running_sum(const Tensor<T>& x, int axis, bool reverse) {
    const Tensor<T> y = along_axis(
        axis, [reverse](auto... args) { simd::cumsum(args..., reverse); }, x);
    return record("cumsum", y, {x},
                  [axis, reverse](const Tensor<T>& dy) { return running_sum(dy, axis, !reverse); });
}

/// dy_i reaches x_k by way of the elements on both sides of it: the product of those before it, times
/// s_k = dy_k + x_(k+1) s_(k+1). There is no division, and zeros are numbers like others.
template <class T>
Tensor<T> running_product(const Tensor<T>& x, int axis, bool reverse) {
    const Tensor<T> result = along_axis(
        axis, [reverse](auto... args) { simd::cumprod(args..., reverse); }, x);
    if constexpr (Floating<T>)
        return record("cumprod", result, {x}, [x, axis, reverse](const Tensor<T>& dy, const Tensor<T>& y) {
            const int by = reverse ? -1 : 1;
            return neighbour(y, axis, by, T(1)) *
                   recurrence(neighbour(x, axis, -by, T(0)), dy, axis, !reverse);
        });
    else
        return result;
}

/// Extremes so far and their places, found by `kernel(x, y, places, outer, n, inner)`.
template <class T, class Kernel>
Selected<T> running_extreme(const char* op, const Tensor<T>& x, int64_t axis, const Kernel& kernel) {
    const int at = axis_or_only(op, axis, x.rank());
    if (x.rank() == 0) return {clone(x), zeros<int64_t>({})};
    const auto [outer, n, inner] = AxisLayout(x.shape(), at);
    const Tensor<T> packed = detail::contiguous(x);
    Tensor<T> y = empty<T>(x.shape());
    Tensor<int64_t> places = empty<int64_t>(x.shape());
    if (y.numel() > 0) kernel(packed.data(), output(y), output(places), outer, n, inner);
    return selected(op, x, at, y, places);
}

}

/// Running sum along an axis.
///   y_i = x_0 + ... + x_i
/// Shape    x (any) -> y, same shape; int64 for integers and bool
/// Grad     dx_i = dy_i + ... + dy_(n-1)
/// Numeric  float: summed in double along the last axis, in blocks of 64 along others; integers wrap
/// Throws   ShapeError: axis outside [-rank, rank)
/// See      cumprod, logcumsumexp, diff
template <class T>
requires(!Real16<T>) Tensor<detail::SumType<T>> cumsum(const Tensor<T>& x, int64_t axis) {
    const int at = detail::axis_or_only("cumsum", axis, x.rank());
    if constexpr (Floating<T> || std::same_as<T, int64_t>)
        return x.rank() == 0 ? clone(x) : detail::running_sum(x, at, false);
    else
        return cumsum(detail::cast<int64_t>(x), at);
}

/// Running product along an axis.
///   y_i = x_0 x_1 ... x_i
/// Shape    x (any) -> y, same shape; int64 for integers and bool
/// Grad     dx_k = x_0 ... x_(k-1) s_k,  s_k = dy_k + x_(k+1) s_(k+1): right where x has zeros too;  saves x,
/// y Numeric  float: multiplied in double along the last axis; integers wrap Throws   ShapeError: axis
/// outside [-rank, rank) See      cumsum, prod
template <class T>
requires(!Real16<T>) Tensor<detail::SumType<T>> cumprod(const Tensor<T>& x, int64_t axis) {
    const int at = detail::axis_or_only("cumprod", axis, x.rank());
    if constexpr (Floating<T> || std::same_as<T, int64_t>)
        return x.rank() == 0 ? clone(x) : detail::running_product(x, at, false);
    else
        return cumprod(detail::cast<int64_t>(x), at);
}

/// Logarithm of the running sum of exponentials along an axis.
///   y_i = log(exp(x_0) + ... + exp(x_i))
/// Shape    x (any) -> y, same shape
/// Grad     dx_k = exp(x_k - y_k) s_k,  s_k = dy_k + exp(y_k - y_(k+1)) s_(k+1); 0 where x is -inf;
/// saves x, y
/// Numeric  no overflow for finite x, nor in the gradient: y never falls; -inf of -inf alone
/// Throws   ShapeError: axis outside [-rank, rank)
/// See      logsumexp, cumsum
template <Floating T>
Tensor<T> logcumsumexp(const Tensor<T>& x, int64_t axis) {
    const int at = detail::axis_or_only("logcumsumexp", axis, x.rank());
    if (x.rank() == 0) return clone(x);
    const Tensor<T> result = detail::along_axis(
        at,
        [](const T* from, T* to, int64_t outer, int64_t n, int64_t inner) {
            simd::logcumsumexp(from, to, outer, n, inner);
        },
        x);
    return record("logcumsumexp", result, {x}, [x, at](const Tensor<T>& dy, const Tensor<T>& y) {
        const auto ratio = [](const auto& below, const auto& above) {  // 1 for two equal infinities
            return exp(where(below == above, 0, below - above));
        };
        constexpr T infinity = std::numeric_limits<T>::infinity();
        const Tensor<T> decay = map("logcumsumexp", ratio, y, detail::neighbour(y, at, -1, infinity));
        const Tensor<T> reach = detail::recurrence(decay, dy, at, true);
        return map(
            "logcumsumexp",
            [](const auto& v, const auto& total, const auto& s) {
                return where(v == -infinity, 0, exp(where(v == total, 0, v - total))) * s;
            },
            x, y, reach);
    });
}

/// The largest element so far along an axis, and its place: the last of several; NaN from the first NaN on.
/// Shape    x (any) -> values, indices (int64), both the same shape
/// Grad     dy of the values is added at their places;  saves indices
/// Throws   ShapeError: axis outside [-rank, rank)
/// See      cummin, max
template <class T>
requires(!Real16<T>) Selected<T> cummax(const Tensor<T>& x, int64_t axis) {
    return detail::running_extreme("cummax", x, axis, [](auto... args) { simd::cummax(args...); });
}

/// The smallest element so far along an axis, and its place: the last of several; NaN from the first NaN on.
/// Shape    x (any) -> values, indices (int64), both the same shape
/// Grad     dy of the values is added at their places;  saves indices
/// Throws   ShapeError: axis outside [-rank, rank)
/// See      cummax, min
template <class T>
requires(!Real16<T>) Selected<T> cummin(const Tensor<T>& x, int64_t axis) {
    return detail::running_extreme("cummin", x, axis, [](auto... args) { simd::cummin(args...); });
}

}
