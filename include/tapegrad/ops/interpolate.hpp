// Images, signals and volumes in another size.
#pragma once

#include <cmath>
#include <optional>

#include "pool_windows.hpp"
#include "resample.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// How new places are made. `linear` is for one spatial axis, bilinear and bicubic for two, trilinear for
/// three, the others for any number.
enum class InterpolateMode { nearest, nearest_exact, linear, bilinear, bicubic, trilinear, area };

/// One of `size` and `scale_factor` is given; a number stands for all spatial axes.
struct InterpolateOptions {
    std::optional<Spatial> size = {};
    std::vector<double> scale_factor = {};
    InterpolateMode mode = InterpolateMode::nearest;
    bool align_corners = false;           // the centres of the corners stay where they are; linear, cubic
    bool recompute_scale_factor = false;  // from the sizes, which are whole numbers
    bool antialias = false;               // widens the window when it shrinks; bilinear, bicubic
};

namespace detail {

inline const char* name_of(InterpolateMode mode) {
    constexpr const char* names[] = {"nearest", "nearest_exact", "linear", "bilinear",
                                     "bicubic", "trilinear",     "area"};
    return names[static_cast<int>(mode)];
}

/// The cubic convolution kernel at distances up to 1, and from 1 to 2.
template <class X>
constexpr X cubic_near(const X& x, double a) {
    return ((a + 2) * x - (a + 3)) * x * x + 1;
}
template <class X>
constexpr X cubic_far(const X& x, double a) {
    return (((x - 5) * x + 8) * x - 4) * a;
}
/// The cubic convolution kernel: 1 at 0, 0 at all other whole numbers and from 2 on.
inline double cubic_kernel(double x, double a) {
    x = std::fabs(x);
    return x < 1 ? cubic_near(x, a) : x < 2 ? cubic_far(x, a) : 0;
}
inline double triangle_kernel(double x) {
    x = std::fabs(x);
    return x < 1 ? 1 - x : 0;
}

/// One axis: from `in` places to `out`, `scale` places of the source for one of the result.
struct AxisScale {
    int64_t in, out;
    double scale;
    bool align_corners = false;

    /// Where the centre of result i lies.
    double centre(int64_t i) const {
        const auto at = static_cast<double>(i);
        return align_corners ? at * scale : (at + 0.5) * scale - 0.5;
    }
    int64_t inside(int64_t place) const { return place < 0 ? 0 : place < in ? place : in - 1; }
};

template <class T>
simd::AxisWeights<T> nearest_weights(const AxisScale& axis, bool exact) {
    simd::AxisWeights<T> w(axis.in);
    // In single precision, as PyTorch: which place is nearest must not differ.
    const auto scale = static_cast<float>(axis.scale);
    for (int64_t i = 0; i < axis.out; ++i) {
        const float at = (static_cast<float>(i) + (exact ? 0.5F : 0.0F)) * scale;
        const int64_t place = !exact && axis.out == axis.in       ? i
                              : !exact && axis.out == 2 * axis.in ? i / 2
                                                                  : static_cast<int64_t>(std::floor(at));
        w.add(axis.inside(place), T(1));
        w.end_result();
    }
    return w;
}

template <class T>
simd::AxisWeights<T> linear_weights(const AxisScale& axis) {
    simd::AxisWeights<T> w(axis.in);
    for (int64_t i = 0; i < axis.out; ++i) {
        const double centre = axis.centre(i), at = centre > 0 ? centre : 0;
        const int64_t place = axis.inside(static_cast<int64_t>(at));
        const double after = place + 1 < axis.in ? at - static_cast<double>(place) : 0;
        w.add(place, static_cast<T>(1 - after));
        if (place + 1 < axis.in) w.add(place + 1, static_cast<T>(after));
        w.end_result();
    }
    return w;
}

template <class T>
simd::AxisWeights<T> cubic_weights(const AxisScale& axis) {
    simd::AxisWeights<T> w(axis.in);
    for (int64_t i = 0; i < axis.out; ++i) {
        const double at = axis.centre(i), place = std::floor(at);
        for (int64_t k = -1; k <= 2; ++k)
            w.add(axis.inside(static_cast<int64_t>(place) + k),
                  static_cast<T>(cubic_kernel(at - place - static_cast<double>(k), -0.75)));
        w.end_result();
    }
    return w;
}

/// The kernel widened by the scale where it shrinks, normalised.
template <class T>
simd::AxisWeights<T> antialias_weights(const AxisScale& axis, bool cubic) {
    simd::AxisWeights<T> w(axis.in);
    const double widened = axis.scale > 1 ? axis.scale : 1, support = (cubic ? 2 : 1) * widened;
    for (int64_t i = 0; i < axis.out; ++i) {
        const double centre = axis.scale * (static_cast<double>(i) + 0.5);
        const auto first = static_cast<int64_t>(centre - support + 0.5),
                   last = static_cast<int64_t>(centre + support + 0.5);
        const int64_t begin = first > 0 ? first : 0, end = last < axis.in ? last : axis.in;
        const auto weight = [&](int64_t place) {
            const double x = (static_cast<double>(place) - centre + 0.5) / widened;
            return cubic ? cubic_kernel(x, -0.5) : triangle_kernel(x);
        };
        double total = 0;
        for (int64_t place = begin; place < end; ++place) total += weight(place);
        for (int64_t place = begin; place < end; ++place)
            w.add(place, static_cast<T>(total != 0 ? weight(place) / total : 0));
        w.end_result();
    }
    return w;
}

/// The mean of each adaptive window.
template <class T>
simd::AxisWeights<T> area_weights(int64_t in, int64_t out) {
    simd::AxisWeights<T> w(in);
    const simd::PoolWindows parts = adaptive_windows(in, out);
    for (std::size_t i = 0; i < parts.begin.size(); ++i) {
        const int64_t begin = parts.begin[i], end = parts.end[i];
        for (int64_t place = begin; place < end; ++place) w.add(place, T(1) / static_cast<T>(end - begin));
        w.end_result();
    }
    return w;
}

template <class T>
simd::AxisWeights<T> interpolation_weights(const AxisScale& axis, InterpolateMode mode, bool antialias) {
    switch (mode) {
        case InterpolateMode::nearest:
            return nearest_weights<T>(axis, false);
        case InterpolateMode::nearest_exact:
            return nearest_weights<T>(axis, true);
        case InterpolateMode::area:
            return area_weights<T>(axis.in, axis.out);
        case InterpolateMode::bicubic:
            return antialias ? antialias_weights<T>(axis, true) : cubic_weights<T>(axis);
        default:
            return antialias ? antialias_weights<T>(axis, false) : linear_weights<T>(axis);
    }
}

/// Throws   ShapeError, ValueError: as interpolate
template <std::same_as<InterpolateOptions> Options>
void check_interpolation(const Shape& x, const Options& o) {
    constexpr const char* op = "interpolate";
    const int spatial = x.rank() - 2;
    if (spatial < 1 || spatial > 3)
        fail<ShapeError>(op, "x ", x, " must be (batch, channels) and one to three spatial axes");
    const int needed = o.mode == InterpolateMode::linear                                           ? 1
                       : o.mode == InterpolateMode::bilinear || o.mode == InterpolateMode::bicubic ? 2
                       : o.mode == InterpolateMode::trilinear                                      ? 3
                                                                                                   : spatial;
    if (needed != spatial)
        fail<ShapeError>(op, name_of(o.mode), " is for ", needed,
                         needed == 1 ? " spatial axis" : " spatial axes", ", and x ", x, " has ", spatial);
    if (o.size.has_value() == !o.scale_factor.empty())
        fail<ValueError>(op, "one of size and scale_factor is needed, and no more");
    const int given = o.size ? o.size->count() : static_cast<int>(o.scale_factor.size());
    if (given > 1 && given != spatial)
        fail<ShapeError>(op, o.size ? "size" : "scale_factor", " has ", given, " numbers for ", spatial,
                         spatial == 1 ? " spatial axis" : " spatial axes");
    const bool smooth = needed == spatial && o.mode != InterpolateMode::nearest &&
                        o.mode != InterpolateMode::nearest_exact && o.mode != InterpolateMode::area;
    if (o.align_corners && !smooth)
        fail<ValueError>(op, "align_corners has no meaning for ", name_of(o.mode));
    if (o.antialias && o.mode != InterpolateMode::bilinear && o.mode != InterpolateMode::bicubic)
        fail<ValueError>(op, "antialias is for bilinear and bicubic, not for ", name_of(o.mode));
}

template <std::same_as<InterpolateOptions> Options>
AxisScale axis_scale(const Shape& x, int axis, const Options& o) {
    const int64_t in = x[axis];
    const double factor = o.scale_factor.empty()       ? 0
                          : o.scale_factor.size() == 1 ? o.scale_factor[0]
                                                       : o.scale_factor[static_cast<std::size_t>(axis - 2)];
    if (!o.scale_factor.empty() && !(factor > 0 && factor < 1e9))
        fail<ValueError>("interpolate", "scale_factor is ", factor, "; it must be positive");
    const int64_t out = o.size ? (*o.size)[o.size->count() == 1 ? 0 : axis - 2]
                               : static_cast<int64_t>(std::floor(static_cast<double>(in) * factor));
    if (in < 1 || out < 1)
        fail<ShapeError>("interpolate", "axis ", axis, " of x ", x, " would go from size ", in, " to ", out,
                         "; both must be at least 1");
    const bool by_sizes = o.size || o.recompute_scale_factor;
    double scale = by_sizes ? static_cast<double>(in) / static_cast<double>(out) : 1 / factor;
    if (o.align_corners) scale = out > 1 ? static_cast<double>(in - 1) / static_cast<double>(out - 1) : 0;
    return {in, out, scale, o.align_corners};
}

}

/// x in another size, each spatial axis after the other.
///   interpolate(x, {.scale_factor = {2}})
///   interpolate(x, {.size = {96, 64}, .mode = InterpolateMode::bicubic, .antialias = true})
/// Shape    x (batch, channels, d...) -> y (batch, channels, size...), size = floor(d scale_factor)
/// Grad     the transposed weights applied to dy, in gather form; to any order
/// Numeric  weights in double, rounded to T; nearest keeps every bit. Scale factors are used as they are given,
///          as in PyTorch, unless recompute_scale_factor
/// Throws   ShapeError: a mode for another number of spatial axes, an empty axis or result; ValueError: not one
///          of size and scale_factor, align_corners or antialias where they have no meaning
/// Source   torch.nn.functional.interpolate; Keys, Cubic convolution interpolation, 1981 (a = -0.75; -0.5 with
///          antialias)
template <Floating T>
Tensor<T> interpolate(const Tensor<T>& x, const InterpolateOptions& options) {
    detail::check_interpolation(x.shape(), options);
    Tensor<T> y = x;
    for (int axis = x.rank() - 1; axis >= 2; --axis) {
        const detail::AxisScale scale = detail::axis_scale(x.shape(), axis, options);
        y = detail::resample_axis(
            "interpolate", y, axis,
            std::make_shared<const detail::ResamplePlan<T>>(
                detail::interpolation_weights<T>(scale, options.mode, options.antialias)));
    }
    return y;
}

}
