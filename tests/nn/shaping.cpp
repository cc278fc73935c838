#include <tapegrad/nn/shaping.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

#include "../support/message.hpp"

using namespace tapegrad;

TEST_CASE("shaping: shapes") {
    const Tensor<float> x = zeros<float>({2, 3, 4});
    CHECK(Identity()(x).is_same(x));
    CHECK(Flatten()(x).shape() == Shape{2, 12});
    CHECK(Flatten{0, 1}(x).shape() == Shape{6, 4});
    CHECK(Unflatten{-1, {2, 2}}(x).shape() == Shape{2, 3, 2, 2});
    CHECK(Unflatten{1, {1, -1}}(x).shape() == Shape{2, 1, 3, 4});
    CHECK(support::message<ShapeError>([&] {
              static_cast<void>(Unflatten{1, {2, 2}}(x));
          }) == "reshape: x (3,) has 3 elements, which do not fill (2, 2)");
}
