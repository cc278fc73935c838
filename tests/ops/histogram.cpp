#include <tapegrad/ops/histogram.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("histogram: bins of equal width") {
    const Tensor<double> x{{0, 1, 2.5}, {4, 4, -1}};
    for (const auto& layout : {x, support::spread(x)}) {
        const auto [hist, edges] = histogram(layout, 4, {.low = 0, .high = 4});
        CHECK(to_vector(hist) == std::vector<double>{1, 1, 1, 2});
        CHECK(to_vector(edges) == std::vector<double>{0, 1, 2, 3, 4});
        CHECK(to_vector(histogram(layout, 5).hist) == std::vector<double>{1, 1, 1, 1, 2});
        CHECK(to_vector(histc(layout, 2, 0, 4)) == std::vector<double>{2, 3});
        const Tensor<double> weight{{1, 2, 3}, {4, 5, 6}};
        CHECK(to_vector(histogram(layout, 2, {.high = 4, .weight = weight}).hist) ==
              std::vector<double>{3, 12});
        CHECK(to_vector(histogram(layout, 2, {.high = 4, .density = true}).hist) ==
              std::vector<double>{0.2, 0.3});
    }
    CHECK(to_vector(histogram(full<float>({3}, 2.0f), 2).edges) == std::vector<float>{1.5f, 2, 2.5f});
    CHECK(to_vector(histogram(zeros<float>({0}), 2).edges) == std::vector<float>{0, 0.5f, 1});
    CHECK(to_vector(histogram(zeros<float>({0}), 2).hist) == std::vector<float>{0, 0});
}

TEST_CASE("histogram: given edges") {
    const Tensor<double> x{0, 1, 2.5, 4, 4, -1}, edges{0, 0.5, 4};
    CHECK(to_vector(histogram(x, edges).hist) == std::vector<double>{1, 4});
    CHECK(to_vector(histogram(x, edges, {.density = true}).hist) == std::vector<double>{0.4, 0.8 / 3.5});
    CHECK(to_vector(histogram(x, Tensor<double>{1, 1, 3}).hist) == std::vector<double>{0, 2});
}

TEST_CASE("histogram: counts and sums of weights of small numbers") {
    CHECK(to_vector(bincount(Tensor<int64_t>{1, 3, 1})) == std::vector<int64_t>{0, 2, 0, 1});
    CHECK(to_vector(bincount(Tensor<int64_t>{1}, 4)) == std::vector<int64_t>{0, 1, 0, 0});
    CHECK(bincount(zeros<int64_t>({0})).shape() == Shape{0});
    CHECK(to_vector(bincount(Tensor<int64_t>{2, 0, 2}, Tensor<float>{1, 2, 0.5f})) ==
          std::vector<float>{2, 0, 1.5f});
    CHECK_GRAD(
        [](const std::vector<Tensor<double>>& in) {
            const auto y = bincount(Tensor<int64_t>{2, 0, 2}, in[0], 4);
            return y * y;
        },
        {Tensor<double>{1, 2, -3}});
}

TEST_CASE("histogram: has no derivative, and says so") {
    const Tensor<double> x = Tensor<double>{1, 2}.requires_grad_();
    CHECK(histogram(x, 2).hist.requires_grad());
    CHECK_FALSE(histogram(x, 2).edges.requires_grad());
}

TEST_CASE("histogram: errors") {
    const auto x = Tensor<float>{1, 2};
    const float missing = std::numeric_limits<float>::quiet_NaN();
    CHECK(message<ValueError>([&] { histogram(x, 0); }) ==
          "histogram: bins is 0; there must be one at least");
    CHECK(message<ValueError>([&] { histc(x, 2, 3, 1); }) ==
          "histogram: the range from 3 to 1 is not finite and rising");
    CHECK(message<ValueError>([&] {
              histogram(Tensor<float>{1, missing}, 2);
          }) == "histogram: the range from nan to nan is not finite and rising");
    CHECK(message<ShapeError>([&] { histogram(x, 2, {.weight = zeros<float>({3})}); }) ==
          "histogram: weight (3,) and x (2,) differ");
    CHECK(message<ShapeError>([&] { histogram(x, Tensor<float>{1}); }) ==
          "histogram: edges (1,) are not two or more of rank 1");
    CHECK(message<ValueError>([&] {
              histogram(x, Tensor<float>{1, missing, 2});
          }) == "histogram: the edges do not rise");
    CHECK(message<ShapeError>([&] {
              bincount(zeros<int64_t>({2, 2}));
          }) == "bincount: x (2, 2) is not of rank 1");
    CHECK(message<ValueError>([&] {
              bincount(Tensor<int64_t>{3, -2});
          }) == "bincount: x holds -2; its elements must not be negative");
    CHECK(message<ValueError>([&] { bincount(Tensor<int64_t>{3}, -1); }) ==
          "bincount: minlength is -1; it must not be negative");
    CHECK(message<ShapeError>([&] { bincount(Tensor<int64_t>{3}, x); }) ==
          "bincount: weights (2,) and x (1,) differ");
}
