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
    for (const Shape& shape : {Shape{2, 3}, Shape{2, 3, 2}}) {
        const Tensor<double> x = support::normal<double>(shape, 5);
        CHECK_GRAD([&](const auto& v) { return batch_norm(v[0], b, square(w), v[1], v[2], {.eps = 0.1}); },
                   {x, w, b}, 3, options);
        CHECK_GRAD([&](const auto& v) { return batch_norm(v[0], b, square(w), none, none, {.eps = 0.1}); },
                   {x}, 3, options);
        CHECK_GRAD([&](const auto& v) { return batch_norm(v[0], v[1], square(v[2]), w, b, {.eps = 0.1}); },
                   {x, b, w}, 3, options);
    }
}

TEST_CASE("batch_norm: running moments that move between evaluation and its backward") {
    const Tensor<double> x = support::normal<double>({6, 3, 2}).requires_grad_(),
                         w = support::normal<double>({3}, 2).requires_grad_(), none;
    const Tensor<double> mean = zeros<double>({3}), variance = full<double>({3}, 3);
    const Tensor<double> y = batch_norm(x, mean, variance, w, none, {.eps = 1});
    static_cast<void>(batch_norm(x, mean, variance, w, none, {.training = true}));
    const auto d = grad(y, {x, w}, {}, ones<double>(x.shape()));
    CHECK(support::close(d[0], expand(reshape(w, {3, 1}) / 2, x.shape()).detach(), 1e-14));
    CHECK(support::close(d[1], (sum(x, {0, 2}) / 2).detach(), 1e-13));
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
