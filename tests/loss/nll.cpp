#include <tapegrad/loss/nll.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/slicing.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("nll: what counts") {
    const Tensor<double> x{{-1, -2, -3}, {-4, -5, -6}};
    CHECK(nll_loss(x, Tensor<int64_t>{2, 0}).item() == 3.5);
    CHECK(nll_loss(x, Tensor<int64_t>{2, -100}).item() == 3);
    CHECK(nll_loss(x, Tensor<int64_t>{2, 0}, {.ignore_index = 0}).item() == 3);
    CHECK(nll_loss(x, Tensor<int64_t>{2, 0}, {}, Tensor<double>{1, 0, 3}).item() == (9 + 4) / 4.0);
    CHECK(nll_loss(select(x, 0, 0), Tensor<int64_t>(1)).item() == 2);
    // The mean of nothing, and its gradient.
    Tensor<double> leaf = detail::copy(x).requires_grad_();
    const Tensor<double> nothing = nll_loss(leaf, Tensor<int64_t>{-100, -100});
    CHECK(std::isnan(nothing.item()));
    CHECK(to_vector(grad(nothing, {leaf})[0]) == std::vector<double>(6, 0));
}

TEST_CASE("nll: gradients") {
    const Tensor<double> x = support::normal<double>({2, 2, 3}), w = support::uniform<double>({3}, 1, 2);
    const Tensor<int64_t> t{{0, 2}, {-100, 2}};
    for (const Reduction r : {Reduction::none, Reduction::mean, Reduction::sum})
        CHECK_GRAD([=](const auto& v) { return nll_loss(v[0] * v[0], t, {.reduction = r}, v[1]); }, {x, w},
                   r == Reduction::mean ? 3 : 2);
}

TEST_CASE("nll: errors") {
    const Tensor<double> x = zeros<double>({2, 3});
    CHECK(message<ShapeError>([&] { static_cast<void>(nll_loss(x, Tensor<int64_t>{1})); }) ==
          "nll_loss: x (2, 3) and targets (1,) do not fit: targets have the axes of x without the last");
    CHECK(message<IndexError>([&] {
              static_cast<void>(nll_loss(x, Tensor<int64_t>{1, 3}));
          }) == "nll_loss: target 3 at place 1 is outside [0, 3)");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(nll_loss(x, Tensor<int64_t>{1, 2}, {}, zeros<double>({2})));
          }) == "nll_loss: weight (2,) must be (3,), one for each class");
}
