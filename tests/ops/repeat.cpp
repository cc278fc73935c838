#include <tapegrad/ops/repeat.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("tile and repeat: value", T, float, int64_t, bool) {
    const Tensor<T> x = detail::cast<T>(support::normal<float>({2, 3}));
    const Tensor<T> y = tile(support::spread(x), {2, 1, 3});
    CHECK(support::same_bits(repeat(x, {2, 1, 3}), y));
    REQUIRE(y.shape() == Shape{2, 2, 9});
    support::for_each_place(
        y.shape(), [&](const Dims& p, int64_t) { REQUIRE(y(p[0], p[1], p[2]) == x(p[1], p[2] % 3)); });
    CHECK(tile(x, {4}).shape() == Shape{2, 12});
    CHECK(tile(x, {}).shape() == Shape{2, 3});
    CHECK(tile(x, {0, 2}).shape() == Shape{0, 6});
    CHECK(tile(zeros<T>({0, 3}), {2, 2}).shape() == Shape{0, 6});
    CHECK(tile(Tensor<T>(T(1)), {2, 2}).shape() == Shape{2, 2});
    CHECK(tile(zeros<T>({1, 1, 1, 1, 1, 1, 1, 2}), {2, 1, 1, 1, 1, 1, 1, 3}).shape() ==
          Shape{2, 1, 1, 1, 1, 1, 1, 6});
}

TEST_CASE_TEMPLATE("repeat_interleave: value", T, float, int32_t) {
    const Tensor<T> x{{1, 2, 3}, {4, 5, 6}};
    CHECK(to_vector(repeat_interleave(x, 2, 0)) == std::vector<T>{1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6});
    CHECK(to_vector(repeat_interleave(x, 2, -1)) == std::vector<T>{1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6});
    CHECK(to_vector(repeat_interleave(x, 2)) == std::vector<T>{1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6});
    CHECK(repeat_interleave(x, 0, 1).shape() == Shape{2, 0});
    CHECK(to_vector(repeat_interleave(x, Tensor<int64_t>{2, 0, 1}, 1)) == std::vector<T>{1, 1, 3, 4, 4, 6});
    CHECK(to_vector(repeat_interleave(x, Tensor<int64_t>(int64_t{2}), 1)) ==
          to_vector(repeat_interleave(x, 2, 1)));
    CHECK(repeat_interleave(zeros<T>({0, 3}), empty<int64_t>({0}), 0).shape() == Shape{0, 3});
}

TEST_CASE("repeat: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] { repeat(x, {2}); }) ==
          "repeat: counts (2,) are fewer than the axes of x (2, 3)");
    CHECK(message<ValueError>([&] { repeat(x, {2, -1}); }) == "repeat: negative count -1 in (2, -1)");
    CHECK(message<ValueError>([&] { tile(x, {-2}); }) == "tile: negative count -2 in (-2,)");
    constexpr int64_t high = std::numeric_limits<int64_t>::max();
    CHECK(message<ShapeError>([&] { tile(x, {high}); }) ==
          "tile: x (2, 3) repeated (9223372036854775807,) times has too many elements");
    CHECK(message<ValueError>([&] { repeat_interleave(x, -1, 0); }) ==
          "repeat_interleave: count -1 is negative");
    CHECK(message<ShapeError>([&] { repeat_interleave(x, high, 0); }) ==
          "repeat_interleave: x (2, 3) has too many elements 9223372036854775807 times");
    CHECK(message<ShapeError>([&] {
              repeat_interleave(x, Tensor<int64_t>{1, 2}, 1);
          }) == "repeat_interleave: counts (2,) are not one for each of 3 places of axis 1");
    CHECK(message<ValueError>([&] {
              repeat_interleave(x, Tensor<int64_t>{1, -2}, 0);
          }) == "repeat_interleave: count -2 at 1 is negative");
}
