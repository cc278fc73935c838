// Images in other sizes.
#include <doctest/doctest.h>

#include <tapegrad/ops/grid_sample.hpp>
#include <tapegrad/ops/im2col.hpp>
#include <tapegrad/ops/interpolate.hpp>
#include <tapegrad/ops/pixel_shuffle.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

const OperationOptions places{.sizes = false, .nan = false};  // not every place is read

Operation resized(const char* name, const InterpolateOptions& o) {
    return operation(
        name, [o](const auto& x) { return interpolate(x, o); }, places);
}

Operation sampled(const char* name, const GridSampleOptions& o) {
    return operation(
        name, [o](const auto& x, const auto& grid) { return grid_sample(x, grid, o); }, places);
}

using I = InterpolateMode;
const Operations resample(
    "resample",
    {resized("interpolate", {.scale_factor = {2}}),
     resized("interpolate:nearest size", {.size = Spatial{5, 2}}),
     resized("interpolate:nearest exact", {.size = 5, .mode = I::nearest_exact}),
     resized("interpolate:linear", {.size = 7, .mode = I::linear}),
     resized("interpolate:linear corners", {.size = 7, .mode = I::linear, .align_corners = true}),
     resized("interpolate:bilinear", {.scale_factor = {1.7, 0.6}, .mode = I::bilinear}),
     resized("interpolate:bilinear recomputed",
             {.scale_factor = {1.7, 0.6}, .mode = I::bilinear, .recompute_scale_factor = true}),
     resized("interpolate:bilinear antialias",
             {.size = Spatial{2, 3}, .mode = I::bilinear, .antialias = true}),
     resized("interpolate:bicubic", {.scale_factor = {1.5}, .mode = I::bicubic}),
     resized("interpolate:bicubic corners",
             {.size = Spatial{3, 7}, .mode = I::bicubic, .align_corners = true}),
     resized("interpolate:bicubic antialias", {.size = Spatial{2, 3}, .mode = I::bicubic, .antialias = true}),
     resized("interpolate:trilinear", {.size = Spatial{3, 2, 5}, .mode = I::trilinear}),
     resized("interpolate:area", {.size = Spatial{3, 2}, .mode = I::area}),
     operation(
         "pixel_shuffle", [](const auto& x) { return pixel_shuffle(x, 2); }, places),
     operation(
         "pixel_unshuffle", [](const auto& x) { return pixel_unshuffle(x, 2); }, places),
     operation(
         "channel_shuffle", [](const auto& x) { return channel_shuffle(x, 2); }, places),
     operation(
         "unfold",
         [](const auto& x) {
             return unfold(x, Spatial{2, 3}, {.padding = 1, .stride = {1, 2}});
         },
         places),
     operation(
         "fold",
         [](const auto& x) {
             return fold(x, {3, 4}, 2, {.dilation = {1, 2}, .padding = {0, 1}});
         },
         places),
     sampled("grid_sample", {}),
     sampled("grid_sample:corners", {.align_corners = true}),
     sampled("grid_sample:border", {.padding = SamplePadding::border}),
     sampled("grid_sample:reflection", {.padding = SamplePadding::reflection}),
     sampled("grid_sample:reflection corners", {.padding = SamplePadding::reflection, .align_corners = true}),
     sampled("grid_sample:bicubic", {.mode = SampleMode::bicubic}),
     sampled("grid_sample:bicubic reflection",
             {.mode = SampleMode::bicubic, .padding = SamplePadding::reflection}),
     operation(
         "grid_sample:nearest",
         [](const auto& x) {
             using T = typename std::remove_cvref_t<decltype(x)>::value_type;
             const Tensor<T> grid = reshape(linspace<T>(T(-1.2), T(1.1), 12), {1, 2, 3, 2});
             return grid_sample(x, grid, {.mode = SampleMode::nearest});
         },
         places),
     operation(
         "affine_grid",
         [](const auto& x) {
             return affine_grid(x, {2, 1, 3, 2});
         },
         places),
     operation(
         "affine_grid:volume",
         [](const auto& x) {
             return affine_grid(x, {1, 1, 2, 1, 3}, true);
         },
         places)});

}

TEST_CASE("operations: resample") { resample.check(); }
