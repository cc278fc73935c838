#include <tapegrad/ops/batch_norm.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("batch_norm: running moments") {
    const Tensor<double> x{{1, 10}, {3, 30}}, none;
    const Tensor<double> mean = zeros<double>({2}), variance = ones<double>({2});
    const Tensor<double> y = batch_norm(x, mean, variance, none, none, {.training = true, .eps = 0});
    CHECK(to_vector(y) == std::vector<double>{-1, -1, 1, 1});
    CHECK(support::close(mean, Tensor<double>{0.2, 2}, 1e-14));
    CHECK(support::close(variance, Tensor<double>{0.9 + 0.2, 0.9 + 20}, 1e-14));
    const Tensor<double> z = batch_norm(x, mean, variance, none, none, {.eps = 0});
    CHECK(z(0, 0) == doctest::Approx(0.8 / std::sqrt(1.1)));
    CHECK(support::close(mean, Tensor<double>{0.2, 2}, 1e-14));  // evaluation moves nothing
    CHECK(batch_norm(empty<double>({0, 2}), mean, variance, none, none, {.training = true}).shape() ==
          Shape{0, 2});
    CHECK(support::close(mean, Tensor<double>{0.2, 2}, 1e-14));
}

TEST_CASE("batch_norm: gradients") {
    const Tensor<double> w = support::normal<double>({3}, 2), b = support::normal<double>({3}, 3), none;
    const GradcheckOptions options{.absolute = 1e-4};
    for (const Shape& shape : {Shape{4, 3}, Shape{2, 3, 2}})
        CHECK_GRAD(
            [&](const auto& v) {
                return batch_norm(v[0], none, none, v[1], v[2], {.training = true, .eps = 0.1});
            },
            {support::normal<double>(shape), w, b}, shape.rank(), options);
    CHECK_GRAD([&](const auto& v) { return batch_norm(v[0], b, square(w), v[1], v[2], {.eps = 0.1}); },
               {support::normal<double>({2, 3}), w, b}, 3, options);
}

TEST_CASE("batch_norm: errors") {
    const Tensor<double> x = zeros<double>({1, 3}), none;
    CHECK(message<ValueError>([&] { static_cast<void>(batch_norm(x, none, none)); }) ==
          "batch_norm: there are no running moments to normalise by");
    CHECK(message<ValueError>([&] {
              static_cast<void>(batch_norm(x, none, none, none, none, {.training = true}));
          }) == "batch_norm: x (1, 3) has one element a channel: training needs more");
    CHECK(message<ShapeError>([&] { static_cast<void>(batch_norm(x, none, zeros<double>({2}))); }) ==
          "batch_norm: running_var (2,) for x (1, 3); it must be (3,)");
}
