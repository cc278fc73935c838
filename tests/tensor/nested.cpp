#include <tapegrad/tensor/nested.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("nested: depths and shapes") {
    CHECK(Tensor<float>{1, 2, 3}.shape() == Shape{3});
    CHECK(Tensor<float>{{1}, {2}}.shape() == Shape{2, 1});
    CHECK(Tensor<float>{{1, 2}}.shape() == Shape{1, 2});
    CHECK(Tensor<float>{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}.shape() == Shape{2, 2, 2});
    CHECK(Tensor<float>{{{{{{{{1}}}}}}}}.shape() == Shape{1, 1, 1, 1, 1, 1, 1, 1});
    CHECK(to_vector(Tensor<int64_t>{{1, 2}, {3, 4}, {5, 6}}) == std::vector<int64_t>{1, 2, 3, 4, 5, 6});
    CHECK(Tensor<float>{{}, {}}.shape() == Shape{2, 0});
}

TEST_CASE("nested: one element") {
    CHECK(Tensor<float>{5}.shape() == Shape{1});
    CHECK(Tensor<float>{{5}}.shape() == Shape{1, 1});
    CHECK(Tensor<float>(5.0f).shape() == Shape{});
}

TEST_CASE("nested: conversions of literals") {
    CHECK(to_vector(Tensor<double>{1, 2.5, -3}) == std::vector<double>{1, 2.5, -3});
    CHECK(to_vector(Tensor<bool>{true, false}) == std::vector<bool>{true, false});
    CHECK(static_cast<float>(Tensor<bfloat16>{1.5f, 2.0f}(0)) == 1.5f);
    const float a = 2;
    CHECK(to_vector(Tensor<float>{a, a * a}) == std::vector<float>{2, 4});
}

TEST_CASE("nested: errors") {
    CHECK(message<ShapeError>([] {
              Tensor<float>{{1, 2}, {3}};
          }) == "tensor: nested braces of different lengths at depth 1; the first say (2, 2)");
    CHECK(message<ShapeError>([] {
              Tensor<float>{{1, 2}, {3, 4, 5}};
          }) == "tensor: nested braces of different lengths at depth 1; the first say (2, 2)");
    CHECK(message<ShapeError>([] {
              Tensor<float>{{1, 2}, 3};
          }) == "tensor: nested braces of different lengths at depth 1; the first say (2, 2)");
    CHECK(message<ShapeError>([] {
              Tensor<float>{1, {2}};
          }) == "tensor: nested braces of different lengths at depth 1; the first say (2,)");
    CHECK(message<ShapeError>([] {
              Tensor<float>{{}, {1}};
          }) == "tensor: nested braces of different lengths at depth 1; the first say (2, 0)");
    CHECK(message<ShapeError>([] { Tensor<float>{{{{{{{{{1}}}}}}}}}; }) ==
          "shape: 9 axes; at most 8 are supported");
}
