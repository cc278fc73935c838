#include <tapegrad/ops/weighted_sum.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <tapegrad/ops/movement.hpp>

#include "../support/check_grad.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("weighted_sum: value", T, float, double) {
    const auto a = support::normal<T>({3, 5}, 1), b = support::normal<T>({3, 5}, 2);
    CHECK(support::close(weighted_sum<T>({a, b}, {2, -0.5}), a * T(2) - b * T(0.5), 1e-6));
    const auto turned = transpose(support::normal<T>({5, 3}, 3), 0, 1);
    CHECK(support::close(weighted_sum<T>({a, turned}, {1, 1}), a + turned, 1e-6));
    CHECK(weighted_sum<T>({zeros<T>({0, 4})}, {3}).shape() == Shape{0, 4});
}

TEST_CASE("weighted_sum: weight 0 leaves a tensor out") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto a = support::normal<double>({4}), b = full<double>({4}, nan);
    CHECK(support::same_bits(weighted_sum<double>({a, b}, {1, 0}), a));
    CHECK(support::same_bits(weighted_sum<double>({b, b}, {0, 0}), zeros<double>({4})));
}

TEST_CASE("weighted_sum: gradient") {
    const auto f = [](const std::vector<Tensor<double>>& x) {
        return weighted_sum<double>({x[0] * x[1], x[1], x[0], x[0]}, {0.5, 1, -2, 0});
    };
    CHECK_GRAD(f, {support::normal<double>({2, 3}, 1), support::normal<double>({2, 3}, 2)});
}

TEST_CASE("weighted_sum: errors") {
    const auto a = zeros<float>({2}), b = zeros<float>({3});
    CHECK_THROWS_WITH_AS(weighted_sum<float>({}, {}), "weighted_sum: no tensors", ShapeError);
    CHECK_THROWS_WITH_AS(weighted_sum<float>({a, b}, {1, 1}),
                         "weighted_sum: tensor 1 (3,) and tensor 0 (2,) differ", ShapeError);
    CHECK_THROWS_WITH_AS(weighted_sum<float>({a}, {1, 1}), "weighted_sum: 2 weights of 1 tensors",
                         ValueError);
}
