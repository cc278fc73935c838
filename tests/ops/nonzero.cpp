#include <tapegrad/ops/nonzero.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("nonzero: value", T, float, int64_t, bool) {
    const Tensor<T> x = detail::cast<T>(Tensor<int64_t>{{0, 1, 0}, {2, 0, 3}});
    const auto y = nonzero(x);
    CHECK(y.shape() == Shape{3, 2});
    CHECK(to_vector(y) == std::vector<int64_t>{0, 1, 1, 0, 1, 2});
    CHECK(support::same_bits(nonzero(support::spread(x)), y));
    CHECK(support::same_bits(argwhere(x), y));
    CHECK(nonzero(zeros<T>({0, 3})).shape() == Shape{0, 2});
    CHECK(nonzero(Tensor<T>(T(1))).shape() == Shape{1, 0});
    CHECK(nonzero(Tensor<T>(T(0))).shape() == Shape{0, 0});
}

TEST_CASE_TEMPLATE("masked_select and masked_scatter: value", T, float, int32_t, bool) {
    const Tensor<T> x = detail::cast<T>(reshape(arange<int64_t>(6), {2, 3}));
    const Tensor<bool> mask{{true, false, true}, {false, false, true}}, column{{false}, {true}};
    CHECK(to_vector(masked_select(x, mask)) == std::vector<T>{T(0), T(2), T(5)});
    CHECK(to_vector(masked_select(support::spread(x), column)) == std::vector<T>{T(3), T(4), T(5)});
    CHECK(masked_select(Tensor<T>(T(1)), mask).shape() == Shape{3});
    CHECK(masked_select(x, Tensor<bool>(false)).shape() == Shape{0});
    const Tensor<T> source = detail::cast<T>(Tensor<int64_t>{{7, 0}, {9, 1}});
    CHECK(to_vector(masked_scatter(support::spread(x), mask, support::spread(source))) ==
          std::vector<T>{T(7), T(1), T(0), T(3), T(4), T(9)});
    CHECK(support::same_bits(masked_scatter(x, Tensor<bool>(false), source), x));
}

TEST_CASE("masked_select and masked_scatter: gradient") {
    using Inputs = std::vector<Tensor<double>>;
    const auto x = support::normal<double>({2, 3}), s = support::normal<double>({4}, 2);
    const Tensor<bool> mask{{true, false, true}, {false, false, true}};
    CHECK_GRAD([&](const Inputs& in) { return masked_select(in[0] * in[0] * in[0], mask); }, {x});
    CHECK_GRAD([&](const Inputs& in) { return masked_scatter(in[0], mask, in[1] * in[1]) * in[0]; }, {x, s});
}

TEST_CASE("masked_select and masked_scatter: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] {
              masked_select(x, Tensor<bool>{true, false});
          }) == "masked_select: shapes (2, 3) and (2,) do not broadcast: sizes 3 and 2 differ at axis -1");
    CHECK(message<ShapeError>([&] {
              masked_scatter(x, full<bool>({2, 2, 3}, true), x);
          }) == "masked_scatter: a tensor (2, 2, 3) does not expand to (2, 3)");
    CHECK(message<ShapeError>([&] { masked_scatter(x, full<bool>({3}, true), zeros<float>({5})); }) ==
          "masked_scatter: the mask is true 6 times, but source (5,) has 5 elements");
}
