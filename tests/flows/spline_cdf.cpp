#include <tapegrad/flows/spline_cdf.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("SplineCdf: a spline for each variable", T, float, double) {
    Generator generator(1);
    for (const SplineTails tails : {SplineTails::linear, SplineTails::circular}) {
        const SplineCdf<T> layer({3}, 4, {.tails = tails, .low = -2, .high = 2}, generator);
        support::check_bijector(layer, support::normal<T>({6, 3}, 2) * T(3));
        if constexpr (std::same_as<T, double>)
            support::check_bijector_gradients(layer, support::normal<T>({2, 3}, 2));
        CHECK(named_parameters(layer).contains("unnormalized_derivatives"));
    }
}

TEST_CASE("SplineCdf: errors") {
    Generator generator(1);
    const SplineCdf<> layer({3}, 4, {}, generator);
    CHECK(support::message<ShapeError>([&] {
              layer.forward(zeros<float>({2, 4}));
          }) ==
          "SplineCdf: x (2, 4) of splines (3, 11): its axes behind the first must be theirs before the last");
    CHECK(support::message<ValueError>([&] { SplineCdf<>({3}, 0, {}, generator); }) ==
          "SplineCdf: 0 pieces; there must be one or more");
}
