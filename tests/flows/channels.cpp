#include <tapegrad/flows/channels.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("channels: shapes") {
    const Tensor<float> image = zeros<float>({2, 3, 4, 5}), row = zeros<float>({2, 3});
    CHECK(detail::places_of(image) == 20);
    CHECK(detail::places_of(row) == 1);
    CHECK(detail::per_channel(ones<float>({3}), image).shape() == Shape{3, 1, 1});
    CHECK(detail::per_channel(ones<float>({3}), row).shape() == Shape{3});
    CHECK(detail::for_each_event(Tensor<float>(2.0F), image).shape() == Shape{2});
    CHECK(detail::as_columns(image).shape() == Shape{2, 3, 20});
    CHECK(detail::as_columns(zeros<float>({0, 3})).shape() == Shape{0, 3, 1});
    detail::check_channels("Any", row, 3);
    CHECK(message<ShapeError>([&] { detail::check_channels("Any", row, 4); }) ==
          "Any: x (2, 3) is not (n, 4, ...)");
    CHECK(message<ShapeError>([&] { detail::check_channels("Any", zeros<float>({4}), 4); }) ==
          "Any: x (4,) is not (n, 4, ...)");
}
