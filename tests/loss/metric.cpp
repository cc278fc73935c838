#include <tapegrad/loss/metric.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("metric: values") {
    const Tensor<double> a{{0, 0}, {0, 0}}, p{{3, 4}, {3, 4}}, n{{6, 8}, {30, 40}};
    CHECK(support::close(triplet_margin_loss(a, p, n, {.margin = 7, .eps = 0, .reduction = Reduction::none}),
                         Tensor<double>{2, 0}, 1e-14));
    const Tensor<double> u{{1, 0}, {1, 0}, {0, 0}}, v{{2, 0}, {1, 1}, {1, 1}}, y{1, -1, 1};
    CHECK(support::close(cosine_embedding_loss(u, v, y, {.margin = 0.5, .reduction = Reduction::none}),
                         Tensor<double>{0, std::sqrt(0.5) - 0.5, 1}, 1e-11));
    // Pairs that are alike and nothing else.
    CHECK(info_nce_loss(eye<double>(3), eye<double>(3)).item() ==
          doctest::Approx(std::log(1 + 2 * std::exp(-1 / 0.07))));
    CHECK(info_nce_loss(eye<double>(3) * 5, eye<double>(3), {.symmetric = true}).item() ==
          doctest::Approx(info_nce_loss(eye<double>(3), eye<double>(3)).item()));
}

TEST_CASE("metric: gradients") {
    const Tensor<double> a = support::normal<double>({2, 3}), b = support::normal<double>({2, 3}, 2),
                         c = support::normal<double>({2, 3}, 3);
    CHECK_GRAD([](const auto& v) { return triplet_margin_loss(v[0], v[1], v[2], {.margin = 5}); }, {a, b, c},
               3, {.absolute = 1e-4});
    CHECK_GRAD(
        [](const auto& v) {
            return cosine_embedding_loss(v[0], v[1], Tensor<double>{1, -1}, {.margin = -1});
        },
        {a, b}, 3);
    CHECK_GRAD(
        [](const auto& v) { return info_nce_loss(v[0], v[1], {.temperature = 0.5, .symmetric = true}); },
        {a, b}, 3, {.absolute = 1e-4});
}

TEST_CASE("metric: errors") {
    const Tensor<double> a = zeros<double>({2, 3}), b = zeros<double>({2, 4});
    CHECK(message<ShapeError>([&] { static_cast<void>(triplet_margin_loss(a, b, a)); }) ==
          "triplet_margin_loss: anchor and positive must be vectors of one shape, but are (2, 3) and (2, 4)");
    CHECK(message<ValueError>([&] { static_cast<void>(triplet_margin_loss(a, a, a, {.p = 0})); }) ==
          "triplet_margin_loss: p is 0; it must be positive");
    CHECK(message<ShapeError>([&] { static_cast<void>(cosine_embedding_loss(a, a, zeros<double>({3}))); }) ==
          "cosine_embedding_loss: target (3,) for a (2, 3); it has the axes of a without the last");
    CHECK(message<ShapeError>([&] { static_cast<void>(info_nce_loss(a, b)); }) ==
          "info_nce_loss: queries (2, 3) and keys (2, 4) must be (n, d), both the same");
    CHECK(message<ValueError>([&] { static_cast<void>(info_nce_loss(a, a, {.temperature = 0})); }) ==
          "info_nce_loss: temperature is 0; it must be positive");
}
