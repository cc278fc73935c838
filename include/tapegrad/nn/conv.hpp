// Convolutional layers over one to three axes, and their transposes.
#pragma once

#include "../ops/conv.hpp"
#include "../ops/pad.hpp"
#include "init.hpp"
#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct ConvLayerOptions {
    Spatial stride = 1, padding = 0, dilation = 1;
    int64_t groups = 1;
    bool bias = true;
    bool same = false;                         // padding such that the size stays
    PadMode padding_mode = PadMode::constant;  // zeros, or what the padding shows of x
};
struct ConvTransposeLayerOptions {
    Spatial stride = 1, padding = 0, output_padding = 0;
    int64_t groups = 1;
    bool bias = true;
    Spatial dilation = 1;
};

namespace detail {

template <std::same_as<Spatial> S>
Shape conv_weight_shape(const char* name, int64_t first, int64_t second, int64_t groups, const S& window,
                        int spatial) {
    if (groups < 1 || first % groups != 0 || second % groups != 0)
        fail<ValueError>(name, groups, " groups do not divide ", first, " and ", second, " channels");
    Shape shape{first, second / groups};
    const simd::Extent e = extent_of(name, "window", window, spatial, 1);
    for (int i = 0; i < spatial; ++i) shape.push_back(e[static_cast<std::size_t>(3 - spatial + i)]);
    return shape;
}
inline constexpr const char* conv_names[] = {"conv1d", "conv2d", "conv3d"};
inline constexpr const char* conv_transpose_names[] = {"conv_transpose1d", "conv_transpose2d",
                                                       "conv_transpose3d"};

}

/// y = x convolved with weight, plus bias
/// Shape    x (batch, in, ...) or (in, ...) with Axes spatial axes -> y (batch, out, ...);
///          weight (out, in / groups, window ...), bias (out,) or undefined
/// Numeric  begins as PyTorch's: even over [-b, b) with b = 1 / sqrt(in / groups * places of the window)
/// See      conv2d
template <int Axes, Floating T>
struct Conv {
    Tensor<T> weight, bias;
    ConvLayerOptions options;
    TAPEGRAD_FIELDS(weight, bias, options);

    Conv() = default;
    /// Throws   ValueError: groups that do not divide both, a window of no places; ShapeError: sizes
    Conv(int64_t in, int64_t out, const Spatial& window, Generator& generator, ConvLayerOptions o = {})
        : options(o) {
        weight = parameter(empty<T>(detail::conv_weight_shape("Conv", out, in, o.groups, window, Axes)));
        detail::begin_linear(weight, bias, out, o.bias, generator);
    }

    Tensor<T> operator()(const Tensor<T>& x) const {
        const ConvOptions zeros{options.stride, options.padding, options.dilation, options.groups,
                                options.same};
        if (options.padding_mode == PadMode::constant) return convolve(x, zeros);
        ConvOptions none = zeros;
        none.padding = 0;
        none.same = false;
        int64_t margins[static_cast<std::size_t>(2 * Axes)];  // from the last axis on
        for (int i = 0; i < Axes; ++i) {
            const int axis = Axes - 1 - i;
            const int64_t reach = options.dilation[axis] * (weight.size(2 + axis) - 1);
            margins[2 * i] = options.same ? reach / 2 : options.padding[axis];
            margins[2 * i + 1] = options.same ? reach - reach / 2 : options.padding[axis];
        }
        return convolve(pad(x, std::span<const int64_t>(margins), {.mode = options.padding_mode}), none);
    }

private:
    Tensor<T> convolve(const Tensor<T>& x, const ConvOptions& how) const {
        return detail::conv(detail::conv_names[Axes - 1], Axes, x, weight, bias, how);
    }
};
template <Floating T = float>
using Conv1d = Conv<1, T>;
template <Floating T = float>
using Conv2d = Conv<2, T>;
template <Floating T = float>
using Conv3d = Conv<3, T>;

/// The transpose of Conv by its input.
/// Shape    x (batch, in, ...) or (in, ...) with Axes spatial axes -> y (batch, out, ...);
///          weight (in, out / groups, window ...), bias (out,) or undefined
/// Numeric  begins as PyTorch's: even over [-b, b) with b = 1 / sqrt(out / groups * places of the window)
/// See      conv_transpose2d
template <int Axes, Floating T>
struct ConvTranspose {
    Tensor<T> weight, bias;
    ConvTransposeLayerOptions options;
    TAPEGRAD_FIELDS(weight, bias, options);

    ConvTranspose() = default;
    /// Throws   ValueError: groups that do not divide both, a window of no places; ShapeError: sizes
    ConvTranspose(int64_t in, int64_t out, const Spatial& window, Generator& generator,
                  ConvTransposeLayerOptions o = {})
        : options(o) {
        weight =
            parameter(empty<T>(detail::conv_weight_shape("ConvTranspose", in, out, o.groups, window, Axes)));
        detail::begin_linear(weight, bias, out, o.bias, generator);
    }

    Tensor<T> operator()(const Tensor<T>& x) const {
        return detail::conv_transpose(
            detail::conv_transpose_names[Axes - 1], Axes, x, weight, bias,
            {options.stride, options.padding, options.output_padding, options.groups, options.dilation});
    }
};
template <Floating T = float>
using ConvTranspose1d = ConvTranspose<1, T>;
template <Floating T = float>
using ConvTranspose2d = ConvTranspose<2, T>;
template <Floating T = float>
using ConvTranspose3d = ConvTranspose<3, T>;

}
