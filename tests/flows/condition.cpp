#include <tapegrad/flows/condition.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("conditioners: the parameters of each number, in both orders") {
    const Tensor<double> given = reshape(arange<double>(24), {2, 6, 2});
    const Tensor<double> apart = detail::parameters_of("f", given, {2, 3, 2}, 2, true);
    const Tensor<double> beside = detail::parameters_of("f", given, {2, 3, 2}, 2, false);
    CHECK(apart.shape() == Shape{2, 3, 2, 2});
    CHECK(support::broadcast_at(apart, {1, 2, 1, 1}) == 12 + (3 + 2) * 2 + 1);
    CHECK(support::broadcast_at(beside, {1, 2, 1, 1}) == 12 + (2 * 2 + 1) * 2 + 1);
    CHECK(support::message<ShapeError>([&] {
              detail::parameters_of("f", given, {2, 4, 2}, 2, true);
          }) == "f: the network gave (2, 6, 2) for (2, 4, 2) numbers; 2 for each are wanted");
}

TEST_CASE("conditioners: with a context and without") {
    const auto one = [](const Tensor<double>& x) { return x; };
    const auto two = [](const Tensor<double>& x, const Tensor<double>& c) { return c.defined() ? x + c : x; };
    const Tensor<double> x{1.0}, c{2.0};
    CHECK(detail::condition("f", one, x, Tensor<double>()).item() == 1);
    CHECK(detail::condition("f", two, x, Tensor<double>()).item() == 1);
    CHECK(detail::condition("f", two, x, c).item() == 3);
    CHECK(support::message<ValueError>([&] { detail::condition("f", one, x, c); }) ==
          "f: the network takes no context, but there is one");
}
