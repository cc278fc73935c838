#include <tapegrad/ops/write.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/slicing.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("fill_ and zero_: value", T, float, double, int64_t, bool, bfloat16) {
    const T one = T(1.0f), zero = T(0.0f);
    Tensor<T> x = zeros<T>({3, 4});
    fill_(select(x, 1, 2), one);
    for (int64_t i = 0; i < 12; ++i) CHECK(x.data()[i] == (i % 4 == 2 ? one : zero));
    fill_(x, one);
    for (int64_t i = 0; i < 12; ++i) CHECK(x.data()[i] == one);
    zero_(at(x, 1, Slice{1, 3}));
    for (int64_t i = 0; i < 12; ++i) CHECK(x.data()[i] == (i == 5 || i == 6 ? zero : one));
    fill_(zeros<T>({0}), one);
}

TEST_CASE("copy_: value") {
    Tensor<float> x = zeros<float>({2, 3});
    copy_(x, Tensor<float>{1, 2, 3});
    CHECK(to_vector(x) == std::vector<float>{1, 2, 3, 1, 2, 3});
    copy_(transpose(x), Tensor<int64_t>{{1, 2}, {3, 4}, {5, 6}});
    CHECK(to_vector(x) == std::vector<float>{1, 3, 5, 2, 4, 6});
    copy_(slice(x, 1, 0, 2), Tensor<double>(7.0));
    CHECK(to_vector(x) == std::vector<float>{7, 7, 5, 7, 7, 6});
}

TEST_CASE("copy_: source and target may overlap") {
    Tensor<float> x{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    copy_(x, transpose(x));
    CHECK(to_vector(x) == std::vector<float>{1, 4, 7, 2, 5, 8, 3, 6, 9});
    Tensor<float> y{1, 2, 3, 4, 5};
    copy_(slice(y, 0, 1), slice(y, 0, 0, 4));
    CHECK(to_vector(y) == std::vector<float>{1, 1, 2, 3, 4});
    copy_(slice(y, 0, 0, 4), slice(y, 0, 1));
    CHECK(to_vector(y) == std::vector<float>{1, 2, 3, 4, 4});
}

TEST_CASE("write: counts as a write, once") {
    Tensor<float> x = zeros<float>({4});
    const auto before = x.version();
    fill_(x, 1);
    CHECK(x.version() == before + 1);
    copy_(slice(x, 0, 2), Tensor<float>(2.0f));
    CHECK(x.version() == before + 2);
}

TEST_CASE("write: errors") {
    Tensor<float> x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] { copy_(x, zeros<float>({2})); }) ==
          "copy_: a tensor (2,) does not expand to (2, 3)");
    CHECK(message<ShapeError>([&] {
              fill_(detail::view_of(x, {2, 2, 3}, {3, 0, 1}), 1);
          }) == "fill_: x (2, 2, 3) shows its elements several times along axis 1; clone() it");
    const auto version = x.version();
    CHECK(message<ShapeError>([&] {
              copy_(x, zeros<float>({1, 2, 3}));
          }) == "copy_: a tensor (1, 2, 3) does not expand to (2, 3)");
    CHECK(x.version() == version);
    x.requires_grad_();
    CHECK(message<AutogradError>([&] { fill_(x, 1); }) ==
          "fill_: x (2, 3) requires a gradient, which a write would make wrong; write inside a no_grad");
    CHECK(message<AutogradError>([&] { zero_(select(x, 0, 0)); }) ==
          "zero_: x (3,) requires a gradient, which a write would make wrong; write inside a no_grad");
    CHECK(message<AutogradError>([&] {
              copy_(zeros<float>({2, 3}), x);
          }) == "copy_: source (2, 3) requires a gradient, which a write does not carry; detach() it");
    const no_grad writing;
    fill_(x, 2);
    copy_(zeros<float>({2, 3}), x);
    CHECK(x(1, 2) == 2);
}
