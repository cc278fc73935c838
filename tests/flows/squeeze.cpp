#include <tapegrad/flows/squeeze.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("Squeeze: inverses and volumes", T, float, double) {
    const Tensor<T> x = support::normal<T>({2, 1, 4, 6});
    support::check_bijector(Squeeze(), x);
    CHECK(Squeeze().forward(x).value.shape() == Shape{2, 4, 2, 3});
    CHECK(Squeeze(1).forward(x).value.shape() == x.shape());
}

TEST_CASE("Squeeze: where numbers go, errors") {
    const Tensor<float> x{{{{1.0F, 2.0F}, {3.0F, 4.0F}}}};
    CHECK(support::same_bits(Squeeze().forward(x).value, {{{{1.0F}}, {{2.0F}}, {{3.0F}}, {{4.0F}}}}));
    CHECK(message<ValueError>([] { Squeeze(0); }) == "Squeeze: factor 0 is not positive");
    CHECK(message<ShapeError>([] {
              Squeeze().forward(zeros<float>({2, 3}));
          }) == "Squeeze: x (2, 3) is not (n, channels, height, width)");
    CHECK_THROWS_AS(Squeeze().forward(zeros<float>({2, 1, 3, 4})), ShapeError);
    CHECK_THROWS_AS(Squeeze().inverse(zeros<float>({2, 3, 3, 4})), ShapeError);
}
