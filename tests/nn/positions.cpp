#include <tapegrad/nn/positions.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"

using namespace tapegrad;

TEST_CASE("positions: sines and cosines") {
    const Tensor<double> y = sinusoidal_positions<double>(40, 6);
    CHECK(y.shape() == Shape{40, 6});
    for (const int64_t p : {0, 1, 39})
        for (const int64_t i : {0, 1, 2}) {
            const double angle = static_cast<double>(p) / std::pow(10000.0, 2 * static_cast<double>(i) / 6);
            CHECK(y(p, 2 * i) == doctest::Approx(std::sin(angle)));
            CHECK(y(p, 2 * i + 1) == doctest::Approx(std::cos(angle)));
        }
    CHECK(sinusoidal_positions(0, 4).shape() == Shape{0, 4});
    CHECK(support::message<ShapeError>([] { static_cast<void>(sinusoidal_positions(2, 3)); }) ==
          "sinusoidal_positions: width 3 is odd: sines and cosines are pairs");
}

TEST_CASE("positions: learned") {
    Generator g(1);
    const LearnedPositions<double> positions(5, 2, g);
    const Tensor<double> x = zeros<double>({2, 3, 2}), y = positions(x);
    CHECK(to_vector(select(y, 0, 1)) == to_vector(narrow(positions.weight, 0, 0, 3)));
    CHECK(support::message<ShapeError>([&] {
              static_cast<void>(positions(zeros<double>({6, 2})));
          }) == "LearnedPositions: x (6, 2) is longer than the 5 positions");
}
