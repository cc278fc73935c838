// Images in another size, and images read at other places, forward and backward.
#include <tapegrad/ops/grid_sample.hpp>
#include <tapegrad/ops/interpolate.hpp>

#include "../support/through_tape.hpp"

namespace {

using namespace support;

struct Case {
    const char* name;
    Shape shape;
    InterpolateOptions options;
};
const Case cases[] = {
    {"nearest_2x_1x320x32x32", {1, 320, 32, 32}, {.scale_factor = {2}}},
    {"bilinear_2x_1x320x32x32", {1, 320, 32, 32}, {.scale_factor = {2}, .mode = InterpolateMode::bilinear}},
    {"bicubic_2x_8x3x256x256", {8, 3, 256, 256}, {.scale_factor = {2}, .mode = InterpolateMode::bicubic}},
    {"antialias_half_8x3x256x256",
     {8, 3, 256, 256},
     {.scale_factor = {0.5}, .mode = InterpolateMode::bilinear, .antialias = true}},
};

const bool registered = [] {
    for (const Case& c : cases)
        add_with_gradient("interpolate", c.name, c.shape,
                          [&c](const Tensor<float>& x) { return interpolate(x, c.options); });
    const Tensor<float> turned({{{0.8F, -0.6F, 0.1F}, {0.6F, 0.8F, -0.2F}}});
    for (const bool cubic : {false, true}) {
        const auto mode = cubic ? SampleMode::bicubic : SampleMode::bilinear;
        add_with_gradient("grid_sample", cubic ? "bicubic_1x64x128x128" : "bilinear_1x64x128x128",
                          {1, 64, 128, 128},
                          [=, grid = affine_grid(turned, {1, 64, 128, 128})](const Tensor<float>& x) {
                              return grid_sample(x, grid, {.mode = mode});
                          });
    }
    return true;
}();

}
