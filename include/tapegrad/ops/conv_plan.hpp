// The sizes of a convolution, checked.
#pragma once

#include <algorithm>
#include <concepts>
#include <initializer_list>

#include "../core/shape.hpp"
#include "../simd/conv.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A number for each spatial axis, or one for all of them: `.stride = 2`, `.stride = {2, 1}`.
class Spatial {
public:
    constexpr Spatial(int64_t each) : values_{each, each, each} {}
    /// Throws   ShapeError: more than three
    Spatial(std::initializer_list<int64_t> values) : count_(static_cast<int>(values.size())) {
        if (values.size() == 0 || values.size() > 3)
            detail::fail<ShapeError>("Spatial", values.size(),
                                     " numbers; there are one to three spatial axes");
        std::copy(values.begin(), values.end(), values_);
    }
    /// How many were given; 0 for one that holds for all.
    int count() const { return count_; }
    int64_t operator[](int axis) const { return values_[axis]; }

private:
    int count_ = 0;
    int64_t values_[3]{};
};

struct ConvOptions {
    Spatial stride = 1;
    Spatial padding = 0;  // places of zeros before and behind each axis
    Spatial dilation = 1;
    int64_t groups = 1;
    bool same = false;  // padding such that y has the size of x; where it is odd, the further zero is behind
};

struct ConvTransposeOptions {
    Spatial stride = 1;
    Spatial padding = 0;         // of the convolution that this transposes: places that y lacks at each end
    Spatial output_padding = 0;  // places that y has more at its end
    int64_t groups = 1;
    Spatial dilation = 1;
};

namespace detail {

/// A convolution of tensors: `x` and `y` are its two sides, also for the transpose, which goes from y to x.
struct ConvPlan {
    simd::ConvShape sizes;
    Shape x, w, y;
};

/// The axes of `values`, right-aligned among three.
template <std::same_as<Spatial> S>
simd::Extent extent_of(const char* op, const char* name, const S& values, int spatial, int64_t least) {
    if (values.count() != 0 && values.count() != spatial)
        fail<ShapeError>(op, name, " has ", values.count(), " numbers for ", spatial, " spatial axes");
    simd::Extent e{least > 0 ? 1 : 0, least > 0 ? 1 : 0, least > 0 ? 1 : 0};
    for (int i = 0; i < spatial; ++i) {
        if (values[i] < least) fail<ValueError>(op, name, " is ", values[i], "; it must be at least ", least);
        e[static_cast<std::size_t>(3 - spatial + i)] = values[i];
    }
    return e;
}
/// The last axes of a shape, right-aligned among three.
inline simd::Extent spatial_of(const Shape& shape, int spatial) {
    simd::Extent e{1, 1, 1};
    for (int i = 1; i <= spatial; ++i) e[static_cast<std::size_t>(3 - i)] = shape[shape.rank() - i];
    return e;
}
template <std::same_as<Shape> S = Shape>
void check_conv_ranks(const char* op, const S& x, const Shape& w, int spatial) {
    if (x.rank() != spatial + 2)
        fail<ShapeError>(op, "x ", x, " must be (batch, channels) and ", spatial,
                         " spatial axes, or that without the batch");
    if (w.rank() != spatial + 2)
        fail<ShapeError>(op, "weight ", w, " must have ", spatial + 2,
                         " axes: two of channels, then the window");
    for (int i = 2; i < w.rank(); ++i)
        if (w[i] == 0) fail<ShapeError>(op, "weight ", w, " has a window of no places");
}

/// Throws   ShapeError, ValueError: as conv2d
template <std::same_as<ConvOptions> Options = ConvOptions>
ConvPlan conv_plan(const char* op, int spatial, const Shape& x, const Shape& w, const Options& options) {
    check_conv_ranks(op, x, w, spatial);
    const int64_t groups = options.groups;
    if (groups < 1) fail<ValueError>(op, "groups is ", groups, "; it must be at least 1");
    if (w[0] % groups != 0)
        fail<ShapeError>(op, groups, " groups do not divide the ", w[0], " outputs of weight ", w);
    if (w[1] * groups != x[1])
        fail<ShapeError>(op, "weight ", w, " takes ", w[1], " channels in each of ", groups,
                         " groups, and x ", x, " has ", x[1]);
    ConvPlan plan{
        {x[0], groups, w[1], w[0] / groups, spatial_of(x, spatial), spatial_of(w, spatial), {}}, x, w, x};
    simd::ConvShape& s = plan.sizes;
    s.stride = extent_of(op, "stride", options.stride, spatial, 1);
    s.dilation = extent_of(op, "dilation", options.dilation, spatial, 1);
    s.padding = extent_of(op, "padding", options.padding, spatial, 0);
    plan.y[1] = w[0];
    for (std::size_t i = 0; i < 3; ++i) {
        const int64_t reach = s.dilation[i] * (s.window[i] - 1) + 1;
        if (options.same) {
            if (s.stride[i] != 1) fail<ValueError>(op, "same padding needs stride 1, which is ", s.stride[i]);
            s.padding[i] = (reach - 1) / 2;
            s.result[i] = s.size[i];
        } else {
            const int64_t room = s.size[i] + 2 * s.padding[i] - reach;
            if (room < 0)
                fail<ShapeError>(op, "the window of weight ", w, " reaches over ", reach,
                                 " places, more than the ", s.size[i] + 2 * s.padding[i], " of x ", x,
                                 " with its padding");
            s.result[i] = room / s.stride[i] + 1;
        }
        const int axis = static_cast<int>(i) - 3 + spatial;
        if (axis >= 0) plan.y[2 + axis] = s.result[i];
    }
    return plan;
}

/// The convolution that takes the result of a transposed one back to its input `y`.
/// Throws   ShapeError, ValueError: as conv_transpose2d
template <std::same_as<ConvTransposeOptions> Options = ConvTransposeOptions>
ConvPlan conv_transpose_plan(const char* op, int spatial, const Shape& y, const Shape& w,
                             const Options& options) {
    check_conv_ranks(op, y, w, spatial);
    const int64_t groups = options.groups;
    if (groups < 1) fail<ValueError>(op, "groups is ", groups, "; it must be at least 1");
    if (w[0] != y[1] || y[1] % groups != 0)
        fail<ShapeError>(op, "weight ", w, " takes ", w[0], " channels in ", groups, " groups, and x ", y,
                         " has ", y[1]);
    ConvPlan plan{
        {y[0], groups, w[1], w[0] / groups, {}, spatial_of(w, spatial), spatial_of(y, spatial)}, y, w, y};
    simd::ConvShape& s = plan.sizes;
    s.stride = extent_of(op, "stride", options.stride, spatial, 1);
    s.dilation = extent_of(op, "dilation", options.dilation, spatial, 1);
    s.padding = extent_of(op, "padding", options.padding, spatial, 0);
    const simd::Extent more = extent_of(op, "output_padding", options.output_padding, spatial, 0);
    plan.x[1] = w[1] * groups;
    for (std::size_t i = 0; i < 3; ++i) {
        if (more[i] != 0 && more[i] >= s.stride[i] && more[i] >= s.dilation[i])
            fail<ValueError>(op, "output_padding is ", more[i], "; it must be less than stride ", s.stride[i],
                             " or dilation ", s.dilation[i]);
        s.size[i] = (s.result[i] - 1) * s.stride[i] - 2 * s.padding[i] + s.dilation[i] * (s.window[i] - 1) +
                    more[i] + 1;
        if (s.size[i] < 0 || s.result[i] == 0)
            fail<ShapeError>(op, "the result of x ", y, " with weight ", w, " would have the size ",
                             s.size[i]);
        const int axis = static_cast<int>(i) - 3 + spatial;
        if (axis >= 0) plan.x[2 + axis] = s.size[i];
    }
    return plan;
}

template <std::same_as<Shape> S = Shape>
void check_conv_bias(const char* op, const S& bias, int64_t channels) {
    if (bias != Shape{channels})
        fail<ShapeError>(op, "bias ", bias, " must be (", channels, ",), one for each channel of the result");
}

}
}
