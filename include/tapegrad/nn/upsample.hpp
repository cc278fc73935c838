// Layers that change the size of images.
#pragma once

#include "../ops/interpolate.hpp"
#include "../ops/pixel_shuffle.hpp"
#include "fields.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <>
inline constexpr bool is_configuration<InterpolateOptions> = true;

/// `interpolate` as a layer.
/// See      interpolate, UpsamplingNearest2d, UpsamplingBilinear2d
struct Upsample {
    InterpolateOptions options;
    TAPEGRAD_FIELDS(options);

    auto operator()(const auto& x) const { return interpolate(x, options); }
};

/// Images whose pixels are repeated.
struct UpsamplingNearest2d {
    double scale_factor = 2;
    TAPEGRAD_FIELDS(scale_factor);
    auto operator()(const auto& x) const { return interpolate(x, {.scale_factor = {scale_factor}}); }
};
/// Images with pixels in between, whose corners stay where they are.
struct UpsamplingBilinear2d {
    double scale_factor = 2;
    TAPEGRAD_FIELDS(scale_factor);
    auto operator()(const auto& x) const {
        return interpolate(
            x, {.scale_factor = {scale_factor}, .mode = InterpolateMode::bilinear, .align_corners = true});
    }
};

/// `pixel_shuffle` as a layer.
struct PixelShuffle {
    int64_t upscale_factor = 1;
    TAPEGRAD_FIELDS(upscale_factor);
    auto operator()(const auto& x) const { return pixel_shuffle(x, upscale_factor); }
};
/// `pixel_unshuffle` as a layer.
struct PixelUnshuffle {
    int64_t downscale_factor = 1;
    TAPEGRAD_FIELDS(downscale_factor);
    auto operator()(const auto& x) const { return pixel_unshuffle(x, downscale_factor); }
};
/// `channel_shuffle` as a layer.
struct ChannelShuffle {
    int64_t groups = 1;
    TAPEGRAD_FIELDS(groups);
    auto operator()(const auto& x) const { return channel_shuffle(x, groups); }
};

}
