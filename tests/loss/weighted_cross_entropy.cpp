#include <tapegrad/loss/weighted_cross_entropy.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("weighted_cross_entropy: weights of one and certain distributions change nothing") {
    const Tensor<double> x = support::normal<double>({3, 4}), one = ones<double>({4});
    const Tensor<int64_t> t{1, 3, 0};
    const Tensor<double> certain{{0, 1, 0, 0}, {0, 0, 0, 1}, {1, 0, 0, 0}};
    for (const double s : {0.0, 0.3}) {
        const double want = cross_entropy(x, t, {.label_smoothing = s}).item();
        CHECK(cross_entropy(x, t, {.label_smoothing = s}, one).item() == doctest::Approx(want));
        CHECK(cross_entropy(x, certain, {.label_smoothing = s}).item() == doctest::Approx(want));
    }
    CHECK(std::isnan(cross_entropy(x, Tensor<int64_t>{-100, -100, -100}, {}, one).item()));
}

TEST_CASE("weighted_cross_entropy: gradients") {
    const Tensor<double> x = support::normal<double>({2, 3}), w = support::uniform<double>({3}, 1, 2),
                         p = support::uniform<double>({2, 3}, 0, 1);
    CHECK_GRAD(
        [](const auto& v) {
            return cross_entropy(v[0], Tensor<int64_t>{2, 0}, {.label_smoothing = 0.2}, v[1]);
        },
        {x, w}, 3);
    CHECK_GRAD([](const auto& v) { return cross_entropy(v[0], v[1], {}, v[2]); }, {x, p, w}, 3);
}

TEST_CASE("weighted_cross_entropy: errors") {
    const Tensor<double> x = zeros<double>({2, 3});
    CHECK(message<ShapeError>([&] { static_cast<void>(cross_entropy(x, zeros<double>({3}))); }) ==
          "cross_entropy: logits (2, 3) and distributions (3,) differ");
    CHECK(message<ShapeError>([&] { static_cast<void>(cross_entropy(x, x, {}, zeros<double>({2}))); }) ==
          "cross_entropy: weight (2,) must be (3,), one for each class");
    CHECK(message<ValueError>([&] { static_cast<void>(cross_entropy(x, x, {.label_smoothing = 2})); }) ==
          "cross_entropy: label_smoothing is 2; it must be in [0, 1]");
}
