#include <tapegrad/loss/margin.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("margin: what is satisfied costs nothing") {
    const Tensor<double> y{1, -1, -1};
    CHECK(to_vector(hinge_embedding_loss(Tensor<double>{0.25, 0.25, 3}, y, {.reduction = Reduction::none})) ==
          std::vector<double>{0.25, 0.75, 0});
    CHECK(to_vector(margin_ranking_loss(Tensor<double>{2, 2, 1}, Tensor<double>{1, 1, 2}, y,
                                        {.margin = 0.5, .reduction = Reduction::none})) ==
          std::vector<double>{0, 1.5, 0});
    CHECK(to_vector(soft_margin_loss(Tensor<double>{1000, 1000, -1000}, y, Reduction::none)) ==
          std::vector<double>{0, 1000, 0});
    CHECK(multi_margin_loss(Tensor<double>{{0, 2, 1.5}}, Tensor<int64_t>{1}).item() ==
          doctest::Approx(0.5 / 3));
}

TEST_CASE("margin: gradients") {
    const Tensor<double> x = support::normal<double>({2, 3}), z = support::normal<double>({2, 3}, 2);
    const Tensor<double> y{{1, -1, 1}, {-1, -1, 1}};
    CHECK_GRAD([=](const auto& v) { return hinge_embedding_loss(v[0] * v[0], y); }, {x}, 3);
    CHECK_GRAD([=](const auto& v) { return soft_margin_loss(v[0], v[1]); }, {x, y}, 3);
    CHECK_GRAD([=](const auto& v) { return margin_ranking_loss(v[0] * v[0], v[1], y); }, {x, z}, 3);
    CHECK_GRAD(
        [=](const auto& v) {
            return multi_margin_loss(v[0], Tensor<int64_t>{2, 0}, {.p = 2, .reduction = Reduction::none},
                                     v[1]);
        },
        {x, Tensor<double>{1, 2, 3}}, 3);
}

TEST_CASE("margin: errors") {
    const Tensor<double> x = zeros<double>({2, 3});
    const Tensor<int64_t> t{0, 1};
    CHECK(message<ValueError>([&] { static_cast<void>(multi_margin_loss(x, t, {.p = 3})); }) ==
          "multi_margin_loss: p is 3; it must be 1 or 2");
    CHECK(message<IndexError>([&] {
              static_cast<void>(multi_margin_loss(x, Tensor<int64_t>{0, 5}));
          }) == "multi_margin_loss: target 5 at place 1 is outside [0, 3)");
    CHECK(message<ShapeError>([&] { static_cast<void>(multi_margin_loss(x, Tensor<int64_t>{0})); }) ==
          "multi_margin_loss: x (2, 3) and targets (1,) do not fit: targets have the axes of x without the "
          "last");
}
