#include <tapegrad/loss/binary_cross_entropy.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("binary_cross_entropy: extremes") {
    const Tensor<double> x{-1000, -40, 0, 40, 1000};
    const std::vector<double> no =
        to_vector(binary_cross_entropy_with_logits(x, zeros<double>({5}), Reduction::none));
    CHECK(no[0] == 0);
    CHECK(no[1] == doctest::Approx(std::exp(-40.0)));
    CHECK(no[2] == doctest::Approx(std::log(2.0)));
    CHECK(no[3] == 40);
    CHECK(no[4] == 1000);
    // Certainty: the logarithm is held at -100, and gives no gradient there.
    Tensor<double> p = Tensor<double>{0, 1}.requires_grad_();
    const Tensor<double> wrong = binary_cross_entropy(p, Tensor<double>{1, 0}, Reduction::sum);
    CHECK(wrong.item() == 200);
    CHECK(to_vector(grad(wrong, {p})[0]) == std::vector<double>{0, 0});
    CHECK(binary_cross_entropy(p, Tensor<double>{0, 1}).item() == 0);
    CHECK(std::isnan(binary_cross_entropy(Tensor<double>{1.5}, Tensor<double>{1.0 / 2}).item()));
    CHECK(focal_loss(Tensor<double>{1000, -1000}, Tensor<double>{1, 0}).item() == 0);
    CHECK(focal_loss(Tensor<double>{1000}, Tensor<double>{0}).item() == 750);
}

TEST_CASE("binary_cross_entropy: gradients") {
    const Tensor<double> x = support::normal<double>({2, 3}), p = support::uniform<double>({2, 3}, 0.1, 0.9),
                         t = support::uniform<double>({3}, 0, 1, 2),
                         w = support::uniform<double>({3}, 1, 2, 3);
    CHECK_GRAD([](const auto& v) { return binary_cross_entropy_with_logits(v[0], v[1]); }, {x, t}, 3);
    CHECK_GRAD(
        [](const auto& v) {
            return binary_cross_entropy_with_logits(v[0], v[1], Reduction::mean, v[2], v[3]);
        },
        {x, t, w, w}, 2);
    CHECK_GRAD([](const auto& v) { return binary_cross_entropy(v[0], v[1], Reduction::none, v[2]); },
               {p, t, w}, 3, {.absolute = 1e-4});
    CHECK_GRAD([](const auto& v) { return focal_loss(v[0], v[1], {.gamma = 2.5}); }, {x, t}, 3,
               {.absolute = 1e-4});
}

TEST_CASE("binary_cross_entropy: errors") {
    const Tensor<double> x = zeros<double>({2});
    CHECK(support::message<ValueError>([&] { static_cast<void>(focal_loss(x, x, {.gamma = -1})); }) ==
          "focal_loss: gamma is -1; it must not be negative");
    CHECK(support::message<ShapeError>(
              [&] { static_cast<void>(binary_cross_entropy_with_logits(x, zeros<double>({3}))); }) ==
          "binary_cross_entropy_with_logits: shapes (2,) and (3,) do not broadcast: sizes 2 and 3 "
          "differ at axis -1");
}
