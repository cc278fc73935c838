// Images in other sizes.
#include <doctest/doctest.h>

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
         "channel_shuffle", [](const auto& x) { return channel_shuffle(x, 2); }, places)});

}

TEST_CASE("operations: resample") { resample.check(); }
