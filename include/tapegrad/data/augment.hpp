// Random changes of pictures that leave what they show the same. All chance comes from the generator that is
// given; the loader gives each example its own (data/dataset.hpp).
#pragma once

#include <span>

#include "../core/random.hpp"
#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
inline void check_picture(std::string_view op, const TensorBase& x) {
    if (x.rank() < 2) fail<ShapeError>(op, "a picture of shape ", x.shape(), " has no height and width");
}
inline int64_t random_below(int64_t n, Generator& generator) {
    int64_t value = 0;
    fill_randint(&value, 1, generator, 0, n);
    return value;
}
/// x with an axis from its last element to its first, as a copy.
template <class T>
Tensor<T> flipped(const Tensor<T>& x, int axis) {
    if (x.numel() == 0) return x;
    Strides strides = x.strides();
    strides[axis] = -strides[axis];
    Tensor<T> y = empty<T>(x.shape());
    // Strides that go back are the copy's alone: no view of a tensor has them.
    simd::copy_from_strided(x.data() + (x.size(axis) - 1) * x.strides()[axis], x.shape(), strides, output(y));
    return y;
}
}

/// Left and right changed, with probability p.
/// Shape    (..., height, width) -> same
/// Throws   ShapeError: rank below 2; ValueError: p outside [0, 1]
template <class T>
Tensor<T> random_horizontal_flip(const Tensor<T>& x, Generator& generator, double p = 0.5) {
    detail::check_picture("random_horizontal_flip", x);
    uint8_t flip = 0;
    fill_bernoulli(&flip, 1, generator, p);
    return flip != 0 ? detail::flipped(x, x.rank() - 1) : x;
}
/// Above and below changed, with probability p.
/// Shape    (..., height, width) -> same
/// Throws   ShapeError: rank below 2; ValueError: p outside [0, 1]
template <class T>
Tensor<T> random_vertical_flip(const Tensor<T>& x, Generator& generator, double p = 0.5) {
    detail::check_picture("random_vertical_flip", x);
    uint8_t flip = 0;
    fill_bernoulli(&flip, 1, generator, p);
    return flip != 0 ? detail::flipped(x, x.rank() - 2) : x;
}

/// A part of the picture, as a copy.
/// Shape    (..., h, w) -> (..., height, width)
/// Throws   ShapeError: rank below 2, or a part that passes the edge
template <class T>
Tensor<T> crop(const Tensor<T>& x, int64_t top, int64_t left, int64_t height, int64_t width) {
    detail::check_picture("crop", x);
    const int64_t h = x.size(-2), w = x.size(-1);
    if (top < 0 || left < 0 || height < 0 || width < 0 || top > h - height || left > w - width)
        detail::fail<ShapeError>("crop", height, " x ", width, " from (", top, ", ", left, ") of a picture ",
                                 x.shape());
    Shape shape = x.shape();
    const int last = x.rank() - 1;
    shape[last] = width;
    shape[last - 1] = height;
    return detail::copy(
        detail::view_of(x, shape, x.strides(),
                        numel_of(shape) == 0 ? 0 : top * x.strides()[last - 1] + left * x.strides()[last]));
}
/// The part of that size in the middle.
/// Shape    (..., h, w) -> (..., height, width)
/// Throws   ShapeError: as crop
template <class T>
Tensor<T> center_crop(const Tensor<T>& x, int64_t height, int64_t width) {
    detail::check_picture("center_crop", x);
    return crop(x, (x.size(-2) - height) / 2, (x.size(-1) - width) / 2, height, width);
}
/// A part of that size from anywhere in the picture with `padding` pixels of `value` around it.
/// Shape    (..., h, w) -> (..., height, width)
/// Throws   ShapeError: rank below 2, or a part that is larger; ValueError: padding negative
template <class T>
Tensor<T> random_crop(const Tensor<T>& x, int64_t height, int64_t width, Generator& generator,
                      int64_t padding = 0, T value = T(0)) {
    detail::check_picture("random_crop", x);
    if (padding < 0) detail::fail<ValueError>("random_crop", "padding is ", padding);
    const int64_t h = x.size(-2), w = x.size(-1);
    if (height < 0 || width < 0 || height > h + 2 * padding || width > w + 2 * padding)
        detail::fail<ShapeError>("random_crop", height, " x ", width, " of a picture ", x.shape(), " with ",
                                 padding, " pixels around it");
    const int64_t top = detail::random_below(h + 2 * padding - height + 1, generator) - padding,
                  left = detail::random_below(w + 2 * padding - width + 1, generator) - padding;
    if (top >= 0 && left >= 0 && top <= h - height && left <= w - width)
        return crop(x, top, left, height, width);
    Shape shape = x.shape();
    const int last = x.rank() - 1;
    shape[last] = width;
    shape[last - 1] = height;
    Tensor<T> y = full<T>(shape, value);
    // The rows and columns of the part that the picture has.
    const int64_t y0 = std::max(int64_t{0}, -top), y1 = std::min(height, h - top),
                  x0 = std::max(int64_t{0}, -left), x1 = std::min(width, w - left);
    if (y1 > y0 && x1 > x0) {
        const Tensor<T> there = crop(x, top + y0, left + x0, y1 - y0, x1 - x0);
        const T* from = there.data();
        const int64_t pictures = there.numel() / ((y1 - y0) * (x1 - x0));
        for (int64_t i = 0; i < pictures; ++i)
            for (int64_t row = y0; row < y1; ++row, from += x1 - x0)
                std::copy(from, from + (x1 - x0), detail::output(y) + (i * height + row) * width + x0);
    }
    return y;
}

/// (x - mean[c]) / std[c] for channel c.
/// Shape    (..., channels, height, width) -> same
/// Throws   ShapeError: rank below 3, or not as many means and deviations as channels; ValueError: a
///          deviation that is not positive
template <class T>
requires Floating<T> Tensor<T> normalize_channels(const Tensor<T>& x, std::span<const double> mean,
                                                  std::span<const double> std) {
    const auto n = static_cast<int64_t>(mean.size());
    if (x.rank() < 3 || x.size(-3) != n || std.size() != mean.size())
        detail::fail<ShapeError>("normalize_channels", mean.size(), " means and ", std.size(),
                                 " deviations for a picture ", x.shape());
    for (const double s : std)
        if (!(s > 0)) detail::fail<ValueError>("normalize_channels", "a deviation of ", s);
    Tensor<T> y = detail::copy(x);
    T* out = detail::output(y);
    const int64_t pixels = x.size(-2) * x.size(-1), planes = pixels == 0 ? 0 : x.numel() / pixels;
    for (int64_t p = 0; p < planes; ++p, out += pixels) {
        const auto c = static_cast<std::size_t>(p % n);
        const T m = static_cast<T>(mean[c]), s = static_cast<T>(std[c]);
        for (int64_t i = 0; i < pixels; ++i) out[i] = (out[i] - m) / s;
    }
    return y;
}
template <class T>
requires Floating<T> Tensor<T> normalize_channels(const Tensor<T>& x, std::initializer_list<double> mean,
                                                  std::initializer_list<double> std) {
    return normalize_channels(x, std::span(mean.begin(), mean.size()), std::span(std.begin(), std.size()));
}

}
