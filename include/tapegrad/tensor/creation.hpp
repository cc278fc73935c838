// New tensors from sizes, values and memory.
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Every element equal to `value`.
/// Shape    y of `shape`
template <class T>
Tensor<T> full(const Shape& shape, T value) {
    Tensor<T> y = empty<T>(shape);
    T* out = detail::output(y);
    for (int64_t i = 0; i < y.numel(); ++i) out[i] = value;
    return y;
}
template <class T>
Tensor<T> zeros(const Shape& shape) {
    return full<T>(shape, T(0));
}
template <class T>
Tensor<T> ones(const Shape& shape) {
    return full<T>(shape, T(1));
}
template <class T>
Tensor<T> full_like(const Tensor<T>& x, T value) {
    return full<T>(x.shape(), value);
}
template <class T>
Tensor<T> zeros_like(const Tensor<T>& x) {
    return full<T>(x.shape(), T(0));
}
template <class T>
Tensor<T> ones_like(const Tensor<T>& x) {
    return full<T>(x.shape(), T(1));
}

/// start, start + step, ... below `end` (above, for a negative step).
/// Shape    y (ceil((end - start) / step),)
/// Throws   ValueError: step 0, a range that goes the other way, or one without an end (2^53 values and more,
/// NaN)
template <class T>
Tensor<T> arange(T start, T end, T step = T(1)) {
    using Wide = std::conditional_t<std::is_integral_v<T>, int64_t, double>;
    const auto first = static_cast<Wide>(start), last = static_cast<Wide>(end), by = static_cast<Wide>(step);
    if (by == 0) detail::fail<ValueError>("arange", "step is 0");
    if ((by > 0 && last < first) || (by < 0 && last > first))
        detail::fail<ValueError>("arange", "from ", first, " to ", last, " in steps of ", by,
                                 " goes the wrong way");
    // Integers as unsigned ones, which hold every distance between two of them, and wrap.
    using Steps = std::conditional_t<std::is_integral_v<T>, uint64_t, double>;
    const auto from = static_cast<Steps>(first), to = static_cast<Steps>(last),
               stride = static_cast<Steps>(by);
    double count = 0;  // where it is too large to be exact it is an error
    if constexpr (std::is_integral_v<T>) {
        const uint64_t distance = by > 0 ? to - from : from - to, length = by > 0 ? stride : 0 - stride;
        count = static_cast<double>(distance / length + (distance % length != 0 ? 1 : 0));
    } else {
        count = std::ceil((to - from) / stride);
    }
    if (!(count < 0x1p53))
        detail::fail<ValueError>("arange", "from ", first, " to ", last, " in steps of ", by, " has no end");
    Tensor<T> y = empty<T>({static_cast<int64_t>(count)});
    T* out = detail::output(y);
    for (int64_t i = 0; i < y.numel(); ++i)
        out[i] = static_cast<T>(static_cast<Wide>(from + static_cast<Steps>(i) * stride));
    return y;
}
/// 0, 1, ..., n - 1.
template <class T>
Tensor<T> arange(T n) {
    return arange<T>(T(0), n);
}

/// n values from `start` to `end`, both included, evenly spaced.
/// Throws   ValueError: n negative
template <class T>
requires Floating<T> Tensor<T> linspace(T start, T end, int64_t n) {
    if (n < 0) detail::fail<ValueError>("linspace", "n is ", n, "; it must not be negative");
    Tensor<T> y = empty<T>({n});
    T* out = detail::output(y);
    const T step = n > 1 ? (end - start) / static_cast<T>(n - 1) : T(0);
    // From both ends, so that the last value is exactly `end`.
    for (int64_t i = 0; i < n; ++i)
        out[i] =
            i < n / 2 || n == 1 ? start + static_cast<T>(i) * step : end - static_cast<T>(n - 1 - i) * step;
    return y;
}

/// Ones on the diagonal, zeros elsewhere.
/// Shape    y (n, m); m = n when it is not given
template <class T>
Tensor<T> eye(int64_t n, int64_t m = -1) {
    Tensor<T> y = zeros<T>({n, m < 0 ? n : m});
    T* out = detail::output(y);
    for (int64_t i = 0; i < y.size(0) && i < y.size(1); ++i) out[i * (y.size(1) + 1)] = T(1);
    return y;
}

/// A copy of `values`.
/// Throws   ShapeError: their number differs from that of `shape`
template <class T>
Tensor<T> from_span(std::span<const T> values, const Shape& shape) {
    Tensor<T> y = empty<T>(shape);
    if (static_cast<int64_t>(values.size()) != y.numel())
        detail::fail<ShapeError>("from_span", values.size(), " values for a shape ", shape);
    if (!values.empty()) std::memcpy(detail::output(y), values.data(), values.size_bytes());
    return y;
}
/// A copy of `values`, of rank 1 or in `shape`.
template <class T>
Tensor<T> from_vector(const std::vector<T>& values, const Shape& shape) {
    if constexpr (std::same_as<T, bool>) {  // std::vector<bool> holds bits, not bools
        Scratch<bool> bools(static_cast<int64_t>(values.size()));
        for (int64_t i = 0; i < bools.size(); ++i) bools[i] = values[static_cast<std::size_t>(i)];
        return from_span(std::as_const(bools).span(), shape);
    } else {
        return from_span(std::span<const T>(values), shape);
    }
}
template <class T>
Tensor<T> from_vector(const std::vector<T>& values) {
    return from_vector(values, {static_cast<int64_t>(values.size())});
}

/// The elements of the caller, without a copy; they must outlive every view of the tensor.
/// Throws   ShapeError: their number differs from that of `shape`
template <class T>
Tensor<T> borrow(std::span<T> values, const Shape& shape) {
    if (static_cast<int64_t>(values.size()) != numel_of(shape, "borrow"))
        detail::fail<ShapeError>("borrow", values.size(), " values for a shape ", shape);
    return Tensor<T>(detail::new_borrowed(dtype_of<T>, values.data(), shape, row_major(shape),
                                          numel_of(shape), nullptr, nullptr));
}
/// The elements of a vector that moves into the tensor, without a copy.
template <class T>
requires(!std::same_as<T, bool>) Tensor<T> adopt(std::vector<T> values, const Shape& shape) {
    if (static_cast<int64_t>(values.size()) != numel_of(shape, "adopt"))
        detail::fail<ShapeError>("adopt", values.size(), " values for a shape ", shape);
    Tensor<T> y = borrow(std::span<T>(values), shape);
    detail::Storage& storage = *y.body().storage;
    storage.context = new std::vector<T>(std::move(values));  // its elements stay where they are
    storage.deleter = [](void* p) { delete static_cast<std::vector<T>*>(p); };
    return y;
}

/// Every element as a vector, in row-major order.
template <class T>
std::vector<T> to_vector(const Tensor<T>& x) {
    const Tensor<T> packed = detail::contiguous(x);
    return std::vector<T>(packed.data(), packed.data() + packed.numel());
}

}
