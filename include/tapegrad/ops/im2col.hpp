// Windows of images as columns, and columns as images: what convolution is without a kernel of its own.
#pragma once

#include "../simd/im2col.hpp"
#include "conv_plan.hpp"
#include "unfold.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct WindowOptions {
    Spatial dilation = 1, padding = 0, stride = 1;
};

namespace detail {

template <class T>
Tensor<T> columns_of(const Tensor<T>& x, const Shape& to, const simd::ConvShape& s);

/// Columns (batch, channels * window, positions) summed to an image of the shape `to`. Recorded.
template <class T>
Tensor<T> image_of(const Tensor<T>& columns, const Shape& to, const simd::ConvShape& s) {
    Tensor<T> x = empty<T>(to);
    if (x.numel() > 0) {
        const Tensor<T> packed = contiguous(columns);
        simd::col2im(packed.data(), output(x), s);
    }
    return record("fold", x, {columns},
                  [s, shape = columns.shape()](const Tensor<T>& d) { return columns_of(d, shape, s); });
}
/// The transpose. Recorded.
template <class T>
Tensor<T> columns_of(const Tensor<T>& x, const Shape& to, const simd::ConvShape& s) {
    Tensor<T> y = empty<T>(to);
    if (y.numel() > 0) {
        const Tensor<T> packed = contiguous(x);
        simd::im2col(packed.data(), output(y), s);
    }
    return record("unfold", y, {x},
                  [s, shape = x.shape()](const Tensor<T>& d) { return image_of(d, shape, s); });
}

/// The windows of an image (batch, channels, height, width).
template <std::same_as<WindowOptions> Options>
simd::ConvShape window_shape(const char* op, const Shape& image, const Spatial& window, const Options& o) {
    const simd::Extent e = extent_of(op, "window", window, 2, 1);
    const ConvPlan plan = conv_plan(op, 2, image, Shape{image[1], image[1], e[1], e[2]},
                                    ConvOptions{o.stride, o.padding, o.dilation});
    return plan.sizes;
}

}

/// Windows of images as columns, as torch.nn.functional.unfold: `unfold` of one axis is a view and another
/// function.
///   y[n, (c a' + a) b' + b, i w + j] = x[n, c, i s - p + a d, j s - p + b d], zeros outside; window (a', b')
/// Shape    x (batch, channels, height, width) or without the batch -> y (batch, channels a' b', h w)
/// Grad     fold of dy
/// Throws   ShapeError: x of another rank, a window that does not fit; ValueError: as conv2d
/// See      fold, conv2d
template <Floating T>
Tensor<T> unfold(const Tensor<T>& x, const Spatial& window, const WindowOptions& options = {}) {
    if (x.rank() == 3) return squeeze(unfold(unsqueeze(x, 0), window, options), 0);
    if (x.rank() != 4)
        detail::fail<ShapeError>("unfold", "x ", x.shape(),
                                 " must be (batch, channels, height, width), or that without the batch");
    const simd::ConvShape s = detail::window_shape("unfold", x.shape(), window, options);
    return detail::columns_of(x, {s.batch, s.in * simd::volume(s.window), s.result[1] * s.result[2]}, s);
}

/// Columns summed to images: where windows overlap, their elements add up.
/// Shape    y (batch, channels a' b', h w) or without the batch, size (height, width)
///          -> x (batch, channels, height, width)
/// Grad     unfold of dx
/// Throws   ShapeError: columns that are not those of windows of such an image; ValueError: as conv2d
/// See      unfold
template <Floating T>
Tensor<T> fold(const Tensor<T>& y, const Shape& size, const Spatial& window,
               const WindowOptions& options = {}) {
    if (y.rank() == 2) return squeeze(fold(unsqueeze(y, 0), size, window, options), 0);
    const simd::Extent e = detail::extent_of("fold", "window", window, 2, 1);
    const int64_t places = e[1] * e[2];
    if (y.rank() != 3 || size.rank() != 2 || y.size(1) % places != 0)
        detail::fail<ShapeError>("fold", "y ", y.shape(), " and size ", size, " must be (batch, channels * ",
                                 places, ", positions) and (height, width)");
    const Shape image{y.size(0), y.size(1) / places, size[0], size[1]};
    const simd::ConvShape s = detail::window_shape("fold", image, window, options);
    const int64_t positions = s.result[1] * s.result[2];
    if (y.size(2) != positions)
        detail::fail<ShapeError>("fold", "y ", y.shape(), " has ", y.size(2), " positions; an image ", size,
                                 " has ", positions, " windows");
    return detail::image_of(y, image, s);
}

}
