// Windows of one to three axes brought to one number each: their largest element, or their mean.
#pragma once

#include "argmax.hpp"
#include "indexing.hpp"
#include "interpolate.hpp"
#include "pool_windows.hpp"
#include "scatter.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The largest elements of windows, and their places in the planes.
template <class T>
Selected<T> largest_of(const Tensor<T>& x, int spatial, const simd::PoolWindows (&windows)[3]) {
    Shape shape = x.shape();
    const simd::Extent size = spatial_of(shape, spatial);
    int64_t planes = 1;
    for (int i = 0; i < x.rank() - spatial; ++i) planes *= shape[i];
    for (int i = 1; i <= spatial; ++i) shape[x.rank() - i] = windows[3 - i].count();
    Tensor<int64_t> places = empty<int64_t>(shape);
    if (places.numel() > 0) {
        const Tensor<T> packed = contiguous(x);
        simd::max_pool_places(packed.data(), planes, size, windows, output(places));
    }
    const Tensor<T> values = gather(flatten(x, -spatial), -1, flatten(places, -spatial));
    return {reshape(values, shape), places};
}

template <class T>
Selected<T> max_pool(const char* op, int spatial, const Tensor<T>& x, const Spatial& window,
                     const MaxPoolOptions& o) {
    check_pool(op, x.shape(), spatial, {window, o.stride, o.padding, o.dilation});
    simd::PoolWindows windows[3];
    for (int i = 0; i < 3; ++i) {
        const int axis = x.rank() - 3 + i;
        windows[i] = i < 3 - spatial ? adaptive_windows(int64_t{1}, int64_t{1})
                                     : windows_of(pool_axis(op, x.shape(), axis, spatial, window, o.stride,
                                                            o.padding, o.dilation, o.ceil_mode));
    }
    return largest_of(x, spatial, windows);
}

/// Throws   ShapeError: x of another rank, an empty axis or result
template <std::same_as<Spatial> S>
void check_adaptive(const char* op, const Shape& x, int spatial, const S& size) {
    check_pool(op, x, spatial, {size});
    for (int i = 0; i < spatial; ++i)
        if (x[x.rank() - spatial + i] < 1 || size[i] < 1)
            fail<ShapeError>(op, "axis ", x.rank() - spatial + i, " of x ", x, " would go to size ", size[i],
                             "; both must be at least 1");
}
template <class T>
Selected<T> adaptive_max_pool(const char* op, int spatial, const Tensor<T>& x, const Spatial& size) {
    check_adaptive(op, x.shape(), spatial, size);
    simd::PoolWindows windows[3];
    for (int i = 0; i < 3; ++i) {
        const int at = i - 3 + spatial;
        windows[i] = at < 0 ? adaptive_windows(int64_t{1}, int64_t{1})
                            : adaptive_windows(x.shape()[x.rank() - spatial + at], size[at]);
    }
    return largest_of(x, spatial, windows);
}

template <class T>
Tensor<T> adaptive_avg_pool(const char* op, int spatial, const Tensor<T>& x, const Spatial& size) {
    check_adaptive(op, x.shape(), spatial, size);
    Tensor<T> y = x;
    for (int i = spatial - 1; i >= 0; --i) {
        const int axis = x.rank() - spatial + i;
        y = resample_axis(op, y, axis,
                          std::make_shared<const ResamplePlan<T>>(area_weights<T>(x.shape()[axis], size[i])));
    }
    return y;
}

/// Sums along one axis, as means unless a divisor is given.
template <class T>
simd::AxisWeights<T> average_weights(const PoolAxis& a, bool count_padding, bool sums) {
    simd::AxisWeights<T> w(a.size);
    for (int64_t i = 0; i < a.count(); ++i) {
        const int64_t begin = a.begin(i);
        int64_t end = begin + a.window;
        if (end > a.size + a.padding) end = a.size + a.padding;
        const int64_t first = begin > 0 ? begin : 0, last = end < a.size ? end : a.size;
        const int64_t count = sums ? 1 : count_padding ? end - begin : last - first;
        for (int64_t place = first; place < last; ++place) w.add(place, T(1) / static_cast<T>(count));
        w.end_result();
    }
    return w;
}
template <class T>
Tensor<T> avg_pool(const char* op, int spatial, const Tensor<T>& x, const Spatial& window,
                   const AvgPoolOptions& o) {
    check_pool(op, x.shape(), spatial, {window, o.stride, o.padding});
    Tensor<T> y = x;
    for (int axis = x.rank() - 1; axis >= x.rank() - spatial; --axis) {
        const PoolAxis a =
            pool_axis(op, x.shape(), axis, spatial, window, o.stride, o.padding, Spatial(1), o.ceil_mode);
        y = resample_axis(op, y, axis,
                          std::make_shared<const ResamplePlan<T>>(
                              average_weights<T>(a, o.count_include_pad, o.divisor_override != 0)));
    }
    return o.divisor_override == 0 ? y : y / static_cast<double>(o.divisor_override);
}

template <class T>
Tensor<T> max_unpool(const char* op, int spatial, const Tensor<T>& x, const Tensor<int64_t>& indices,
                     const Shape& size) {
    if (size.rank() != spatial)
        fail<ShapeError>(op, "size ", size, " must have ", spatial, spatial == 1 ? " number" : " numbers");
    if (x.shape() != indices.shape() || x.rank() <= spatial)
        fail<ShapeError>(op, "x ", x.shape(), " and indices ", indices.shape(),
                         " must be those of a max_pool");
    Shape shape = x.shape(), flat;
    for (int i = 0; i < spatial; ++i) shape[x.rank() - spatial + i] = size[i];
    for (int i = 0; i < x.rank() - spatial; ++i) flat.push_back(shape[i]);
    flat.push_back(numel_of(size, op));
    return reshape(scatter(zeros<T>(flat), -1, flatten(indices, -spatial), flatten(x, -spatial)), shape);
}

}

/// The largest element of each window.
///   y[.., i, j] = max over a, b of x[.., i s - p + a d, j s - p + b d], places outside of x left out
/// Shape    x (batch, channels, height, width) or without the batch -> y (batch, channels, h, w),
///          h = floor((height + 2 p - d (window - 1) - 1) / s) + 1, or rounded up with ceil_mode
/// Grad     dy at the largest element, the first of several;  saves its places
/// Throws   ShapeError: x of another rank, a window that does not fit; ValueError: window, stride or dilation
///          below 1, padding negative or above half the window
/// See      max_pool2d_with_indices, avg_pool2d, adaptive_max_pool2d
template <Floating T>
Tensor<T> max_pool2d(const Tensor<T>& x, const Spatial& window, const MaxPoolOptions& options = {}) {
    return detail::max_pool("max_pool2d", 2, x, window, options).values;
}
/// The same over one axis.                                                              See  max_pool2d
template <Floating T>
Tensor<T> max_pool1d(const Tensor<T>& x, const Spatial& window, const MaxPoolOptions& options = {}) {
    return detail::max_pool("max_pool1d", 1, x, window, options).values;
}
/// The same over three axes.                                                            See  max_pool2d
template <Floating T>
Tensor<T> max_pool3d(const Tensor<T>& x, const Spatial& window, const MaxPoolOptions& options = {}) {
    return detail::max_pool("max_pool3d", 3, x, window, options).values;
}
/// The same with the places of the elements, counted over the plane row by row.      See  max_unpool2d
template <Floating T>
Selected<T> max_pool2d_with_indices(const Tensor<T>& x, const Spatial& window,
                                    const MaxPoolOptions& options = {}) {
    return detail::max_pool("max_pool2d", 2, x, window, options);
}
/// See  max_pool2d_with_indices
template <Floating T>
Selected<T> max_pool1d_with_indices(const Tensor<T>& x, const Spatial& window,
                                    const MaxPoolOptions& options = {}) {
    return detail::max_pool("max_pool1d", 1, x, window, options);
}
/// See  max_pool2d_with_indices
template <Floating T>
Selected<T> max_pool3d_with_indices(const Tensor<T>& x, const Spatial& window,
                                    const MaxPoolOptions& options = {}) {
    return detail::max_pool("max_pool3d", 3, x, window, options);
}

/// The largest element of windows that divide x into size x size parts, which overlap where they do not fit.
/// Shape    x (batch, channels, height, width) or without the batch -> y (batch, channels, size...)
/// Grad     as max_pool2d
/// Throws   ShapeError: x of another rank, an empty axis or result
template <Floating T>
Tensor<T> adaptive_max_pool2d(const Tensor<T>& x, const Spatial& size) {
    return detail::adaptive_max_pool("adaptive_max_pool2d", 2, x, size).values;
}
/// The same over one axis.                                                      See  adaptive_max_pool2d
template <Floating T>
Tensor<T> adaptive_max_pool1d(const Tensor<T>& x, const Spatial& size) {
    return detail::adaptive_max_pool("adaptive_max_pool1d", 1, x, size).values;
}
/// The same over three axes.                                                    See  adaptive_max_pool2d
template <Floating T>
Tensor<T> adaptive_max_pool3d(const Tensor<T>& x, const Spatial& size) {
    return detail::adaptive_max_pool("adaptive_max_pool3d", 3, x, size).values;
}

/// The mean of each window.
///   y[.., i, j] = mean over a, b of x[.., i s - p + a, j s - p + b], zeros outside of x
/// Shape    as max_pool2d
/// Grad     dx = each dy spread evenly over its window;  saves nothing
/// Throws   as max_pool2d
template <Floating T>
Tensor<T> avg_pool2d(const Tensor<T>& x, const Spatial& window, const AvgPoolOptions& options = {}) {
    return detail::avg_pool("avg_pool2d", 2, x, window, options);
}
/// The same over one axis.                                                               See  avg_pool2d
template <Floating T>
Tensor<T> avg_pool1d(const Tensor<T>& x, const Spatial& window, const AvgPoolOptions& options = {}) {
    return detail::avg_pool("avg_pool1d", 1, x, window, options);
}
/// The same over three axes.                                                             See  avg_pool2d
template <Floating T>
Tensor<T> avg_pool3d(const Tensor<T>& x, const Spatial& window, const AvgPoolOptions& options = {}) {
    return detail::avg_pool("avg_pool3d", 3, x, window, options);
}
/// The mean of windows that divide x into size x size parts.
/// Shape    as adaptive_max_pool2d
/// Grad     dx = each dy spread evenly over its window
/// Throws   as adaptive_max_pool2d
template <Floating T>
Tensor<T> adaptive_avg_pool2d(const Tensor<T>& x, const Spatial& size) {
    return detail::adaptive_avg_pool("adaptive_avg_pool2d", 2, x, size);
}
/// The same over one axis.                                                      See  adaptive_avg_pool2d
template <Floating T>
Tensor<T> adaptive_avg_pool1d(const Tensor<T>& x, const Spatial& size) {
    return detail::adaptive_avg_pool("adaptive_avg_pool1d", 1, x, size);
}
/// The same over three axes.                                                    See  adaptive_avg_pool2d
template <Floating T>
Tensor<T> adaptive_avg_pool3d(const Tensor<T>& x, const Spatial& size) {
    return detail::adaptive_avg_pool("adaptive_avg_pool3d", 3, x, size);
}

/// What max_pool2d left out, as zeros: each element goes back to the place that it came from. Where windows
/// overlap and share a place, the last element stays.
/// Shape    x and indices (batch, channels, h, w), size (height, width) -> y (batch, channels, height, width)
/// Grad     dx = dy at the places;  saves indices
/// Throws   ShapeError: shapes that differ; IndexError: a place outside
/// See      max_pool2d_with_indices
template <Floating T>
Tensor<T> max_unpool2d(const Tensor<T>& x, const Tensor<int64_t>& indices, const Shape& size) {
    return detail::max_unpool("max_unpool2d", 2, x, indices, size);
}
/// The same over one axis.                                                             See  max_unpool2d
template <Floating T>
Tensor<T> max_unpool1d(const Tensor<T>& x, const Tensor<int64_t>& indices, const Shape& size) {
    return detail::max_unpool("max_unpool1d", 1, x, indices, size);
}
/// The same over three axes.                                                           See  max_unpool2d
template <Floating T>
Tensor<T> max_unpool3d(const Tensor<T>& x, const Tensor<int64_t>& indices, const Shape& size) {
    return detail::max_unpool("max_unpool3d", 3, x, indices, size);
}

}
