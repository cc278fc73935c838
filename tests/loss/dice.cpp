#include <tapegrad/loss/dice.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("dice: values") {
    const Tensor<double> t{{1, 0, 1}, {0, 0, 0}};
    CHECK(dice_loss(t, t).item() == 0);
    CHECK(to_vector(dice_loss(1 - t, t, {.smooth = 0.5, .reduction = Reduction::none})) ==
          std::vector<double>{1 - 0.5 / 3.5, 1 - 0.5 / 3.5});
    CHECK(dice_loss(Tensor<double>{1, 0}, Tensor<double>{1, 1}).item() == doctest::Approx(0.25));
}

TEST_CASE("dice: gradients") {
    CHECK_GRAD([](const auto& v) { return dice_loss(v[0], v[1]); },
               {support::uniform<double>({2, 2, 2}, 0, 1), support::uniform<double>({2, 2, 2}, 0, 1, 2)}, 3);
}

TEST_CASE("dice: errors") {
    CHECK(support::message<ShapeError>([] {
              static_cast<void>(dice_loss(zeros<double>({2, 3}), zeros<double>({2})));
          }) == "dice_loss: x (2, 3) and target (2,) must have one shape (batch, ...)");
}
