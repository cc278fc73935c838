#include <tapegrad/loss/likelihood.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("likelihood: extremes") {
    // A target of zero has no divergence, and an infinite logarithm no gradient.
    Tensor<double> t = Tensor<double>{0, 1}.requires_grad_();
    const Tensor<double> x{-3, -2};
    const Tensor<double> d = kl_div(x, t, {.reduction = Reduction::sum});
    CHECK(d.item() == 2);
    CHECK(to_vector(grad(d, {t})[0]) == std::vector<double>{3, 3});
    CHECK(kl_div(x, Tensor<double>{-800, 0}, {.log_target = true, .reduction = Reduction::sum}).item() == 2);
    // The least variance.
    Tensor<double> v = Tensor<double>{0.0}.requires_grad_();
    const Tensor<double> g = gaussian_nll_loss(Tensor<double>{2}, Tensor<double>{1}, v, {.eps = 0.25});
    CHECK(g.item() == doctest::Approx(0.5 * (std::log(0.25) + 4)));
    CHECK(grad(g, {v})[0].item() == 0);
    // Stirling's formula begins above 1.
    const Tensor<double> zero = zeros<double>({2});
    CHECK(to_vector(
              poisson_nll_loss(zero, Tensor<double>{1, 0}, {.full = true, .reduction = Reduction::none})) ==
          std::vector<double>{1, 1});
    CHECK(poisson_nll_loss(Tensor<double>{0}, Tensor<double>{0}, {.log_input = false}).item() == 0);
}

TEST_CASE("likelihood: gradients") {
    const Tensor<double> x = support::normal<double>({2, 3}), p = support::uniform<double>({3}, 0.2, 0.9),
                         n = support::uniform<double>({3}, 2, 5, 3);
    CHECK_GRAD([](const auto& v) { return kl_div(v[0], v[1], {.batchmean = true}); }, {x, p}, 3,
               {.absolute = 1e-4});
    CHECK_GRAD([](const auto& v) { return kl_div(v[0], v[1], {.log_target = true}); }, {x, p}, 3);
    CHECK_GRAD([](const auto& v) { return gaussian_nll_loss(v[0], v[1], v[2], {.full = true}); }, {x, p, p},
               2, {.absolute = 1e-4});
    CHECK_GRAD([](const auto& v) { return poisson_nll_loss(v[0], v[1], {.full = true}); }, {x, n}, 3);
    CHECK_GRAD([](const auto& v) { return poisson_nll_loss(v[0], v[1], {.log_input = false}); }, {p, n}, 3,
               {.absolute = 1e-4});
}

TEST_CASE("likelihood: errors") {
    const Tensor<double> x = zeros<double>({2});
    CHECK(message<ValueError>([&] { static_cast<void>(gaussian_nll_loss(x, x, x, {.eps = 0})); }) ==
          "gaussian_nll_loss: eps is 0; it must be positive");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(kl_div(Tensor<double>(0.0), Tensor<double>(1.0), {.batchmean = true}));
          }) == "kl_div: x of rank 0 has no batch");
}
