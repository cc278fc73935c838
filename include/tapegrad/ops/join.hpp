// Tensors put together along an axis, and taken apart.
#pragma once

#include "slicing.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Tensors behind each other along an axis.
/// Shape    tensors (..., n_k, ...), equal but at the axis -> y (..., sum of n_k, ...)
/// Grad     each gets its part of dy
/// Throws   ShapeError: no tensors, axis outside [-rank, rank), or sizes that differ elsewhere
/// See      stack, split
template <class T>
Tensor<T> cat(std::span<const Tensor<T>> tensors, int64_t axis = 0) {
    if (tensors.empty()) detail::fail<ShapeError>("cat", "no tensors");
    Shape shape = tensors[0].shape();
    const int at = normalize_axis("cat", axis, shape.rank());
    std::vector<detail::Input> inputs;
    std::vector<int64_t> sizes;
    inputs.reserve(tensors.size());
    sizes.reserve(tensors.size());
    shape[at] = 0;
    for (const Tensor<T>& t : tensors) {
        Shape without = t.shape(), wanted = shape;
        if (t.rank() == shape.rank()) without[at] = wanted[at] = 0;
        if (without != wanted)
            detail::fail<ShapeError>("cat", "tensor ", sizes.size(), " ", t.shape(), " and tensor 0 ",
                                     tensors[0].shape(), " differ beside axis ", at);
        inputs.emplace_back(t);
        sizes.push_back(t.shape()[at]);
        if (__builtin_add_overflow(shape[at], sizes.back(), &shape[at]))
            detail::fail<ShapeError>("cat", "the sizes along axis ", at, " have no sum");
    }
    Tensor<T> y = empty<T>(shape);
    const Strides strides = row_major(shape);
    int64_t offset = 0;
    for (const Tensor<T>& t : tensors) {
        const Tensor<T> packed = detail::contiguous(t);
        simd::copy_to_strided(packed.data(), detail::output(y) + offset, t.shape(), strides);
        offset += t.shape()[at] * strides[at];
    }
    return record("cat", y, std::span<const detail::Input>(inputs),
                  [at, sizes](const Tensor<T>& dy, Needs needs) {
                      std::vector<Tensor<T>> parts(sizes.size());
                      int64_t start = 0;
                      for (std::size_t k = 0; k < sizes.size(); start += sizes[k++])
                          if (needs[k]) parts[k] = narrow(dy, at, start, sizes[k]);
                      return parts;
                  });
}
template <class T>
Tensor<T> cat(const std::vector<Tensor<T>>& tensors, int64_t axis = 0) {
    return cat(std::span<const Tensor<T>>(tensors), axis);
}
template <class T>
Tensor<T> cat(std::initializer_list<Tensor<T>> tensors, int64_t axis = 0) {
    return cat(std::span<const Tensor<T>>(tensors.begin(), tensors.size()), axis);
}

/// Tensors behind each other along a new axis.
/// Shape    k tensors (a, b) -> y (k, a, b) for axis 0, (a, b, k) for axis -1
/// Grad     each gets its part of dy
/// Throws   ShapeError: no tensors, axis outside [-rank - 1, rank], or shapes that differ
template <class T>
Tensor<T> stack(std::span<const Tensor<T>> tensors, int64_t axis = 0) {
    if (tensors.empty()) detail::fail<ShapeError>("stack", "no tensors");
    std::vector<Tensor<T>> rows;
    rows.reserve(tensors.size());
    for (const Tensor<T>& t : tensors) {
        if (t.shape() != tensors[0].shape())
            detail::fail<ShapeError>("stack", "tensor ", rows.size(), " ", t.shape(), " and tensor 0 ",
                                     tensors[0].shape(), " differ");
        rows.push_back(unsqueeze(t, axis));
    }
    return cat(rows, axis);
}
template <class T>
Tensor<T> stack(const std::vector<Tensor<T>>& tensors, int64_t axis = 0) {
    return stack(std::span<const Tensor<T>>(tensors), axis);
}
template <class T>
Tensor<T> stack(std::initializer_list<Tensor<T>> tensors, int64_t axis = 0) {
    return stack(std::span<const Tensor<T>>(tensors.begin(), tensors.size()), axis);
}

/// Parts of the sizes `sizes` along an axis, as views.
/// Shape    x (..., n, ...) -> (..., sizes[k], ...) for each k; the sizes add up to n
/// Grad     dx = zeros with each gradient in its part
/// Throws   ShapeError: axis outside [-rank, rank), or sizes that do not add up to n
/// See      chunk, cat
template <class T>
std::vector<Tensor<T>> split(const Tensor<T>& x, std::span<const int64_t> sizes, int64_t axis = 0) {
    const int at = normalize_axis("split", axis, x.rank());
    int64_t rest = x.shape()[at];
    for (const int64_t size : sizes) {
        if (size < 0) detail::fail<ShapeError>("split", "negative size ", size);
        rest = size <= rest ? rest - size : -1;
        if (rest < 0) break;
    }
    if (rest != 0)
        detail::fail<ShapeError>("split", "the sizes do not add up to ", x.shape()[at], ", axis ", at,
                                 " of x ", x.shape());
    std::vector<Tensor<T>> parts;
    parts.reserve(sizes.size());
    int64_t start = 0;
    for (const int64_t size : sizes) {
        parts.push_back(narrow(x, at, start, size));
        start += size;
    }
    return parts;
}
template <class T>
std::vector<Tensor<T>> split(const Tensor<T>& x, std::initializer_list<int64_t> sizes, int64_t axis = 0) {
    return split(x, std::span<const int64_t>(sizes.begin(), sizes.size()), axis);
}
/// Parts of the size `size` along an axis, the last one smaller when it does not go.
/// Throws   ShapeError: axis outside [-rank, rank); ValueError: size below 1
template <class T>
std::vector<Tensor<T>> split(const Tensor<T>& x, int64_t size, int64_t axis = 0) {
    const int at = normalize_axis("split", axis, x.rank());
    if (size < 1) detail::fail<ValueError>("split", "size ", size, " is not positive");
    std::vector<Tensor<T>> parts;
    for (int64_t start = 0; start < x.shape()[at] || parts.empty(); start += size)
        parts.push_back(slice(x, at, start, start + size));
    return parts;
}

/// N equal parts along an axis, as views: `auto [q, k, v] = chunk<3>(qkv, -1);`
/// Shape    x (..., n, ...) -> N of (..., n / N, ...)
/// Grad     dx = zeros with each gradient in its part
/// Throws   ShapeError: axis outside [-rank, rank), or n is no multiple of N
template <std::size_t N, class T>
std::array<Tensor<T>, N> chunk(const Tensor<T>& x, int64_t axis = 0) {
    const int at = normalize_axis("chunk", axis, x.rank());
    constexpr auto count = static_cast<int64_t>(N);
    const int64_t n = x.shape()[at];
    if (n % count != 0)
        detail::fail<ShapeError>("chunk", "axis ", at, " of x ", x.shape(), " has no ", count,
                                 " equal parts");
    std::array<Tensor<T>, N> parts;
    for (int64_t k = 0; k < count; ++k)
        parts[static_cast<std::size_t>(k)] = narrow(x, at, k * (n / count), n / count);
    return parts;
}

/// At most `count` parts along an axis, equal but for a smaller last one, as views.
/// Shape    x (..., n, ...) -> (..., ceil(n / count), ...), as many as n needs
/// Grad     dx = zeros with each gradient in its part
/// Throws   ShapeError: axis outside [-rank, rank); ValueError: count below 1
/// See      split, unbind
template <class T>
std::vector<Tensor<T>> chunk(const Tensor<T>& x, int64_t count, int64_t axis = 0) {
    const int at = normalize_axis("chunk", axis, x.rank());
    if (count < 1) detail::fail<ValueError>("chunk", "count ", count, " is not positive");
    const int64_t n = x.shape()[at];
    return split(x, n > 0 ? (n - 1) / count + 1 : 1, at);
}

/// The places of an axis, which goes, as views.
/// Shape    x (..., n, ...) -> n of x without the axis
/// Grad     dx = zeros with each gradient in its place
/// Throws   ShapeError: axis outside [-rank, rank)
/// See      stack, select
template <class T>
std::vector<Tensor<T>> unbind(const Tensor<T>& x, int64_t axis = 0) {
    const int at = normalize_axis("unbind", axis, x.rank());
    std::vector<Tensor<T>> places;
    places.reserve(static_cast<std::size_t>(x.shape()[at]));
    for (int64_t i = 0; i < x.shape()[at]; ++i) places.push_back(select(x, at, i));
    return places;
}

}
