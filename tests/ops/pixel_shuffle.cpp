#include <tapegrad/ops/pixel_shuffle.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/primitive.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("pixel_shuffle: channels become places, and back", T, float, int64_t) {
    const Tensor<T> x = detail::cast<T>(support::normal<float>({2, 18, 2, 3}) * 10);
    const Tensor<T> y = pixel_shuffle(x, 3);
    REQUIRE(y.shape() == Shape{2, 2, 6, 9});
    support::for_each_place(y.shape(), [&](const Dims& p, int64_t) {
        REQUIRE(y(p[0], p[1], p[2], p[3]) ==
                x(p[0], (p[1] * 3 + p[2] % 3) * 3 + p[3] % 3, p[2] / 3, p[3] / 3));
    });
    CHECK(support::same_bits(pixel_unshuffle(y, 3), x));
    CHECK(support::same_bits(pixel_shuffle(x, 1), x));
    CHECK(pixel_shuffle(zeros<T>({0, 4, 2, 2}), 2).shape() == Shape{0, 1, 4, 4});
    CHECK(pixel_unshuffle(zeros<T>({1, 4, 0}), 2).shape() == Shape{4, 2, 0});
}

TEST_CASE("pixel_shuffle: channels dealt out") {
    const auto x = reshape(arange<float>(12), {1, 6, 2});
    CHECK(to_vector(channel_shuffle(x, 2)) == std::vector<float>{0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11});
    CHECK(support::same_bits(channel_shuffle(channel_shuffle(x, 2), 3), x));
    CHECK(channel_shuffle(zeros<float>({0, 6}), 3).shape() == Shape{0, 6});
}

TEST_CASE("pixel_shuffle: errors") {
    CHECK(message<ShapeError>([] {
              pixel_shuffle(zeros<float>({6, 2, 2}), 2);
          }) ==
          "pixel_shuffle: x (6, 2, 2) must be (..., channels, height, width) with 4 times the channels of y");
    CHECK(message<ValueError>([] {
              pixel_shuffle(zeros<float>({4, 2, 2}), 0);
          }) == "pixel_shuffle: the factor is 0; it must be at least 1");
    CHECK(message<ShapeError>([] {
              pixel_unshuffle(zeros<float>({1, 3, 2}), 2);
          }) ==
          "pixel_unshuffle: x (1, 3, 2) must be (..., channels, height, width) with places that 2 divides");
    CHECK(message<ShapeError>([] {
              channel_shuffle(zeros<float>({1, 3, 2}), 2);
          }) == "channel_shuffle: 2 groups do not divide the channels of x (1, 3, 2)");
}
