#include <tapegrad/nn/layer_norm.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace tapegrad;

TEST_CASE_TEMPLATE("layer_norm: value, start and options", T, float, double) {
    const LayerNorm<T> norm(4);
    const Tensor<T> y = norm(Tensor<T>{1, 2, 3, 4});
    // mean 2.5, variance 1.25
    CHECK(static_cast<double>(y(0)) == doctest::Approx(-1.5 / std::sqrt(1.25 + 1e-5)).epsilon(1e-6));
    CHECK(static_cast<double>(y(3)) == doctest::Approx(1.5 / std::sqrt(1.25 + 1e-5)).epsilon(1e-6));
    CHECK(parameters<T>(norm).size() == 2);
    const LayerNorm<T> bare(4, {.eps = 1, .bias = false});
    CHECK(parameters<T>(bare).size() == 1);
    CHECK(static_cast<double>(bare(Tensor<T>{1, 2, 3, 4})(0)) == doctest::Approx(-1).epsilon(1e-6));
    CHECK_THROWS_AS(norm(zeros<T>({3})), ShapeError);
}
