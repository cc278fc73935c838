#include <tapegrad/nn/pool.hpp>

#include <doctest/doctest.h>

#include <tapegrad/nn/conv.hpp>
#include <tapegrad/nn/sequential.hpp>

#include "../support/tensors.hpp"

using namespace tapegrad;
using support::same_bits;

TEST_CASE_TEMPLATE("pool: layers are their operations", T, float, double) {
    const Tensor<T> x = support::normal<T>({2, 3, 6, 7}), line = support::normal<T>({2, 3, 7}),
                    cube = support::normal<T>({2, 4, 4, 6});
    CHECK(same_bits(MaxPool1d{3}(line), max_pool1d(line, 3)));
    CHECK(same_bits(MaxPool2d{{2, 3}, {.stride = 1}}(x), max_pool2d(x, {2, 3}, {.stride = 1})));
    CHECK(same_bits(MaxPool3d{2}(cube), max_pool3d(cube, 2)));
    CHECK(same_bits(AvgPool1d{2, {.ceil_mode = true}}(line), avg_pool1d(line, 2, {.ceil_mode = true})));
    CHECK(same_bits(AvgPool2d{3, {.padding = 1}}(x), avg_pool2d(x, 3, {.padding = 1})));
    CHECK(same_bits(AvgPool3d{2}(cube), avg_pool3d(cube, 2)));
    CHECK(same_bits(AdaptiveAvgPool2d{}(x), adaptive_avg_pool2d(x, 1)));
    CHECK(same_bits(AdaptiveMaxPool2d{{2, 3}}(x), adaptive_max_pool2d(x, {2, 3})));
    CHECK(same_bits(AdaptiveAvgPool1d{2}(line), adaptive_avg_pool1d(line, 2)));
    CHECK(same_bits(AdaptiveAvgPool3d{2}(cube), adaptive_avg_pool3d(cube, 2)));
    CHECK(same_bits(AdaptiveMaxPool1d{2}(line), adaptive_max_pool1d(line, 2)));
    CHECK(same_bits(AdaptiveMaxPool3d{2}(cube), adaptive_max_pool3d(cube, 2)));
    Generator g(1);
    const Sequential<Conv2d<T>, MaxPool2d, AdaptiveAvgPool2d> net{Conv2d<T>(3, 4, 3, g), MaxPool2d{2},
                                                                  AdaptiveAvgPool2d{}};
    CHECK(net(x).shape() == Shape{2, 4, 1, 1});
}
