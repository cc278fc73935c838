#include <tapegrad/ops/glu.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("glu: halves along each axis") {
    const Tensor<double> x{{1, 2, 0, 100}, {3, 4, -1000, 0}};
    for (const auto& layout : {x, support::spread(x)}) {
        CHECK(support::same_bits(glu(layout), Tensor<double>{{0.5, 2}, {0, 2}}));
        CHECK(support::same_bits(glu(layout, 1), glu(layout, -1)));
        CHECK(glu(layout, 0)(0, 0) == doctest::Approx(1 / (1 + std::exp(-3.0))));
    }
    CHECK(glu(zeros<float>({3, 0})).shape() == Shape{3, 0});
    CHECK(glu(zeros<float>({0, 4})).shape() == Shape{0, 2});
}

TEST_CASE("glu: gradients") {
    const Tensor<double> x = support::normal<double>({2, 4, 3});
    CHECK_GRAD([](const auto& v) { return glu(v[0], 1); }, {x}, 3);
    CHECK_GRAD([](const auto& v) { return glu(v[0], 0); }, {x}, 1);
}

TEST_CASE("glu: NaN spoils its own element") {
    const double missing = std::numeric_limits<double>::quiet_NaN();
    const Tensor<double> y = glu(Tensor<double>{missing, 1, 1, 0, missing, 0});
    CHECK(std::isnan(y(0)));
    CHECK(std::isnan(y(1)));
    CHECK(y(2) == 0.5);
}

TEST_CASE("glu: errors") {
    CHECK(message<ShapeError>([] {
              static_cast<void>(glu(zeros<float>({2, 3})));
          }) == "glu: axis 1 of x (2, 3) has the odd size 3 and no halves");
    CHECK(message<ShapeError>([] {
              static_cast<void>(glu(zeros<float>({2, 4}), 2));
          }) == "glu: axis 2 is outside [-2, 2) of a tensor of rank 2");
}
