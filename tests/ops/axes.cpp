#include <tapegrad/ops/axes.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("movedim, swapaxes: value", T, float, int64_t, bool) {
    const Tensor<T> x = detail::cast<T>(support::normal<float>({2, 3, 4}));
    CHECK(support::same_bits(movedim(x, 0, -1), permute(x, {1, 2, 0})));
    CHECK(support::same_bits(movedim(x, {2, 0}, {0, 1}), permute(x, {2, 0, 1})));
    CHECK(support::same_bits(movedim(x, Axes{}, Axes{}), x));
    CHECK(support::same_bits(swapaxes(x, 0, 2), permute(x, {2, 1, 0})));
    CHECK(movedim(x, 0, 2).body().storage == x.body().storage);
}

TEST_CASE("unflatten: value") {
    const auto x = reshape(arange<int64_t>(12), {6, 2});
    CHECK(unflatten(x, 0, {2, 3}).shape() == Shape{2, 3, 2});
    CHECK(unflatten(x, -2, {-1, 1, 2}).shape() == Shape{3, 1, 2, 2});
    CHECK(unflatten(zeros<float>({0, 6}), 1, {2, -1}).shape() == Shape{0, 2, 3});
}

TEST_CASE("broadcast_tensors, broadcast_to: value") {
    const auto parts =
        broadcast_tensors({zeros<float>({3, 1}), zeros<float>({2, 1, 4}), Tensor<float>(1.0F)});
    REQUIRE(parts.size() == 3);
    for (const auto& part : parts) CHECK(part.shape() == Shape{2, 3, 4});
    CHECK(broadcast_to(Tensor<float>{1, 2}, {0, 2}).shape() == Shape{0, 2});
}

TEST_CASE("axes: errors") {
    const auto x = zeros<float>({2, 3, 4});
    CHECK(message<ShapeError>([&] {
              movedim(x, {0, 1}, {0});
          }) == "movedim: from (0, 1) and to (0,) name different numbers of axes");
    CHECK(message<ShapeError>([&] {
              movedim(x, {0, -3}, {0, 1});
          }) == "movedim: from (0, -3) names an axis twice");
    CHECK(message<ShapeError>([&] {
              movedim(x, {0, 1}, {2, -1});
          }) == "movedim: to (2, -1) names an axis twice");
    CHECK(message<ShapeError>([&] { movedim(x, 3, 0); }) ==
          "movedim: axis 3 is outside [-3, 3) of a tensor of rank 3");
    CHECK(message<ShapeError>([&] {
              unflatten(x, 1, {2, -1});
          }) == "reshape: x (3,) has 3 elements, which do not fill (2, -1)");
    CHECK(message<ShapeError>([&] {
              broadcast_to(x, {2, 3, 5});
          }) == "expand: a tensor (2, 3, 4) does not expand to (2, 3, 5)");
    CHECK(message<ShapeError>([&] {
              broadcast_tensors({x, zeros<float>({2})});
          }) ==
          "broadcast_tensors: shapes (2, 3, 4) and (2,) do not broadcast: sizes 4 and 2 differ at axis -1");
    CHECK(message<ShapeError>([] { broadcast_tensors(std::initializer_list<Tensor<float>>{}); }) ==
          "broadcast_tensors: no tensors");
}
