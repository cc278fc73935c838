#include <tapegrad/loss/robust.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("robust: both sides of the kink") {
    const Tensor<double> x{-3, -1, -0.5, 0, 0.5, 1, 3}, zero(0.0);
    CHECK(to_vector(l1_loss(x, zero, Reduction::none)) == std::vector<double>{3, 1, 0.5, 0, 0.5, 1, 3});
    CHECK(to_vector(smooth_l1_loss(x, zero, {.beta = 2, .reduction = Reduction::none})) ==
          std::vector<double>{2, 0.25, 0.0625, 0, 0.0625, 0.25, 2});
    CHECK(to_vector(huber_loss(x, zero, {.delta = 2, .reduction = Reduction::none})) ==
          std::vector<double>{4, 0.5, 0.125, 0, 0.125, 0.5, 4});
    CHECK(std::isnan(huber_loss(empty<double>({0}), zero).item()));
    CHECK(huber_loss(empty<double>({0}), zero, {.reduction = Reduction::sum}).item() == 0);
    CHECK(huber_loss(Tensor<double>{1e300}, zero).item() == 1e300);  // its square would be infinite
}

TEST_CASE("robust: gradients") {
    const Tensor<double> x = support::normal<double>({2, 3}), t = support::normal<double>({3}, 2);
    for (const Reduction r : {Reduction::none, Reduction::mean}) {
        CHECK_GRAD([=](const auto& v) { return l1_loss(v[0] * v[0], v[1], r); }, {x, t}, 3);
        CHECK_GRAD([=](const auto& v) { return huber_loss(v[0] * v[0], v[1], {.reduction = r}); }, {x, t}, 3);
        CHECK_GRAD(
            [=](const auto& v) { return smooth_l1_loss(v[0] * v[0], v[1], {.beta = 0.7, .reduction = r}); },
            {x, t}, 3);
    }
    Tensor<double> zero = zeros<double>({3}).requires_grad_();
    CHECK(to_vector(grad(l1_loss(zero, zeros<double>({3})), {zero})[0]) == std::vector<double>{0, 0, 0});
}

TEST_CASE("robust: errors") {
    const Tensor<double> x = zeros<double>({2});
    CHECK(support::message<ValueError>([&] { static_cast<void>(huber_loss(x, x, {.delta = 0})); }) ==
          "huber_loss: delta is 0; it must be positive");
    CHECK(support::message<ValueError>([&] { static_cast<void>(smooth_l1_loss(x, x, {.beta = -1})); }) ==
          "smooth_l1_loss: beta is -1; it must not be negative");
    CHECK(support::message<ShapeError>([&] { static_cast<void>(l1_loss(x, zeros<double>({3}))); }) ==
          "l1_loss: shapes (2,) and (3,) do not broadcast: sizes 2 and 3 differ at axis -1");
}
