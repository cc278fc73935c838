#include <tapegrad/nn/conv.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using support::normal;
using support::same_bits;

TEST_CASE_TEMPLATE("conv: a layer is its operation", T, float, double) {
    Generator g(1);
    const Tensor<T> x = normal<T>({2, 4, 7, 6});
    const Conv2d<T> layer(4, 6, {3, 2}, g, {.stride = {2, 1}, .padding = 1, .dilation = {1, 2}, .groups = 2});
    CHECK(same_bits(layer(x), conv2d(x, layer.weight, layer.bias,
                                     {.stride = {2, 1}, .padding = 1, .dilation = {1, 2}, .groups = 2})));
    CHECK(Conv2d<T>(4, 5, 4, g, {.same = true})(x).shape() == Shape{2, 5, 7, 6});
    CHECK(Conv1d<T>(3, 2, 3, g)(normal<T>({3, 8})).shape() == Shape{2, 6});
    CHECK(Conv3d<T>(1, 2, 2, g, {.bias = false})(normal<T>({2, 1, 3, 3, 4})).shape() == Shape{2, 2, 2, 2, 3});
    const ConvTranspose2d<T> up(4, 6, 3, g, {.stride = 2, .padding = 1, .output_padding = 1, .groups = 2});
    CHECK(up(x).shape() == Shape{2, 6, 14, 12});
    CHECK(same_bits(up(x), conv_transpose2d(x, up.weight, up.bias,
                                            {.stride = 2, .padding = 1, .output_padding = 1, .groups = 2})));
    CHECK(ConvTranspose1d<T>(3, 2, 2, g, {.stride = 2})(normal<T>({3, 4})).shape() == Shape{2, 8});
    CHECK(ConvTranspose3d<T>(1, 2, 2, g)(normal<T>({1, 1, 2, 2, 2})).shape() == Shape{1, 2, 3, 3, 3});
}

TEST_CASE("conv: padding that shows x") {
    Generator g(1);
    const auto x = normal<float>({1, 2, 5, 4});
    for (const PadMode mode : {PadMode::reflect, PadMode::replicate, PadMode::circular}) {
        const Conv2d<> layer(2, 3, 3, g, {.padding = {2, 1}, .padding_mode = mode});
        CHECK(same_bits(layer(x), conv2d(pad(x, {1, 1, 2, 2}, {.mode = mode}), layer.weight, layer.bias)));
        const Conv2d<> same(2, 3, {4, 1}, g, {.same = true, .padding_mode = mode});
        CHECK(same_bits(same(x), conv2d(pad(x, {0, 0, 1, 2}, {.mode = mode}), same.weight, same.bias)));
    }
}

TEST_CASE("conv: the start and the names") {
    Generator g(1);
    const Conv2d<> layer(8, 4, 3, g, {.groups = 2});
    CHECK(layer.weight.shape() == Shape{4, 4, 3, 3});
    float most = 0;
    for (const float v : to_vector(layer.weight)) most = std::max(most, std::fabs(v));
    CHECK((most <= 1.0F / 6 && most > 0.15F));  // 1 / sqrt(4 * 9)
    for (const float v : to_vector(layer.bias)) CHECK(std::fabs(v) <= 1.0F / 6);
    CHECK(state_dict(layer).find("bias") != nullptr);
    CHECK(parameters(Conv2d<>(8, 4, 3, g, {.bias = false})).size() == 1);
    const ConvTranspose2d<> up(8, 4, 3, g, {.groups = 2});
    CHECK(up.weight.shape() == Shape{8, 2, 3, 3});
    CHECK(up.bias.shape() == Shape{4});
    for (const float v : to_vector(up.bias)) CHECK(std::fabs(v) <= 0.2358F);  // 1 / sqrt(2 * 9)
}

TEST_CASE("conv: errors of layers") {
    Generator g(1);
    CHECK(message<ValueError>([&] { Conv2d<>(4, 6, 3, g, {.groups = 4}); }) ==
          "Conv: 4 groups do not divide 6 and 4 channels");
    CHECK(message<ValueError>([&] { Conv1d<>(4, 6, 0, g); }) == "Conv: window is 0; it must be at least 1");
    CHECK(message<ShapeError>([&] {
              ConvTranspose2d<>(4, 6, {1, 2, 3}, g);
          }) == "ConvTranspose: window has 3 numbers for 2 spatial axes");
    CHECK_THROWS_AS(Conv2d<>(4, 6, 3, g)(zeros<float>({5, 4, 4})), ShapeError);
}
