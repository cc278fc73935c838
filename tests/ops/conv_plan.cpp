#include <tapegrad/ops/conv_plan.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"

using namespace tapegrad;
using detail::conv_plan;
using detail::conv_transpose_plan;
using support::message;

TEST_CASE("conv_plan: sizes") {
    CHECK(conv_plan("conv2d", 2, {2, 3, 8, 9}, {4, 3, 3, 2}, {}).y == Shape{2, 4, 6, 8});
    CHECK(
        conv_plan("conv2d", 2, {2, 4, 8, 9}, {4, 2, 3, 2}, {.stride = {2, 3}, .padding = 1, .groups = 2}).y ==
        Shape{2, 4, 4, 4});
    CHECK(conv_plan("conv1d", 1, {0, 3, 8}, {4, 3, 3}, {.dilation = 3}).y == Shape{0, 4, 2});
    CHECK(conv_plan("conv3d", 3, {1, 1, 4, 5, 6}, {2, 1, 2, 4, 1}, {.same = true}).y == Shape{1, 2, 4, 5, 6});
    CHECK(conv_transpose_plan("conv_transpose2d", 2, {1, 4, 3, 5}, {4, 3, 2, 2},
                              {.stride = 2, .output_padding = {1, 0}, .groups = 2})
              .x == Shape{1, 6, 7, 10});
    const Spatial both = 3, pair{1, 2};
    CHECK((both.count() == 0 && both[2] == 3 && pair.count() == 2 && pair[1] == 2));
}

TEST_CASE("conv_plan: errors") {
    const auto fault = [](const Shape& x, const Shape& w, const ConvOptions& options = {}) {
        return message<Error>([&] { conv_plan("conv2d", 2, x, w, options); });
    };
    const Shape x{2, 4, 5, 5}, w{6, 4, 3, 3};
    CHECK(fault({4, 5}, w) ==
          "conv2d: x (4, 5) must be (batch, channels) and 2 spatial axes, or that without the batch");
    CHECK(fault(x, {6, 4, 3}) ==
          "conv2d: weight (6, 4, 3) must have 4 axes: two of channels, then the window");
    CHECK(fault(x, {6, 4, 0, 3}) == "conv2d: weight (6, 4, 0, 3) has a window of no places");
    CHECK(fault(x, {6, 3, 3, 3}) ==
          "conv2d: weight (6, 3, 3, 3) takes 3 channels in each of 1 groups, and x (2, 4, 5, 5) has 4");
    CHECK(fault(x, {5, 2, 3, 3}, {.groups = 2}) ==
          "conv2d: 2 groups do not divide the 5 outputs of weight (5, 2, 3, 3)");
    CHECK(fault(x, w, {.groups = 0}) == "conv2d: groups is 0; it must be at least 1");
    CHECK(fault(x, w, {.stride = 0}) == "conv2d: stride is 0; it must be at least 1");
    CHECK(fault(x, w, {.dilation = {1, -1}}) == "conv2d: dilation is -1; it must be at least 1");
    CHECK(fault(x, w, {.padding = -1}) == "conv2d: padding is -1; it must be at least 0");
    CHECK(fault(x, w, {.stride = {1, 1, 1}}) == "conv2d: stride has 3 numbers for 2 spatial axes");
    CHECK(
        fault(x, w, {.dilation = 4}) ==
        "conv2d: the window of weight (6, 4, 3, 3) reaches over 9 places, more than the 5 of x (2, 4, 5, 5) "
        "with its padding");
    CHECK(fault(x, w, {.stride = 2, .same = true}) == "conv2d: same padding needs stride 1, which is 2");
    CHECK(message<ShapeError>([] {
              Spatial{1, 2, 3, 4};
          }) == "Spatial: 4 numbers; there are one to three spatial axes");

    const auto transposed = [](const Shape& y, const Shape& k, const ConvTransposeOptions& options = {}) {
        return message<Error>([&] { conv_transpose_plan("conv_transpose2d", 2, y, k, options); });
    };
    CHECK(transposed(x, {6, 4, 3, 3}) ==
          "conv_transpose2d: weight (6, 4, 3, 3) takes 6 channels in 1 groups, and x (2, 4, 5, 5) has 4");
    CHECK(transposed(x, {4, 6, 3, 3}, {.stride = 2, .output_padding = 2}) ==
          "conv_transpose2d: output_padding is 2; it must be less than stride 2 or dilation 1");
    CHECK(transposed(x, {4, 6, 1, 1}, {.padding = 4}) ==
          "conv_transpose2d: the result of x (2, 4, 5, 5) with weight (4, 6, 1, 1) would have the size -3");
    CHECK(message<ShapeError>([] {
              detail::check_conv_bias("conv2d", {3, 1}, 3);
          }) == "conv2d: bias (3, 1) must be (3,), one for each channel of the result");
}
