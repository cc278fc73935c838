#include <tapegrad/ops/instance_norm.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE("instance_norm: is group normalisation of as many groups as channels") {
    const X x = support::normal<double>({2, 4, 3});
    CHECK(support::same_bits(instance_norm(x), group_norm(x, 4)));
    CHECK(instance_norm(empty<double>({2, 0, 3})).shape() == Shape{2, 0, 3});
    CHECK(instance_norm(empty<double>({0, 2, 3})).shape() == Shape{0, 2, 3});
}

TEST_CASE("instance_norm: running moments") {
    const X x{{{1, 3}, {10, 30}}, {{5, 5}, {0, 2}}}, none;
    const X mean = zeros<double>({2}), variance = ones<double>({2});
    const X y = instance_norm(x, mean, variance, none, none, {.training = true, .eps = 0.5});
    CHECK(support::same_bits(y, instance_norm(x, none, none, 0.5)));
    // Means (2, 20) and (5, 1), unbiased variances (2, 200) and (0, 2).
    CHECK(support::close(mean, X{0.35, 1.05}, 1e-14));
    CHECK(support::close(variance, X{0.9 + 0.1, 0.9 + 10.1}, 1e-14));
    const X z = instance_norm(x, mean, variance, none, none, {.eps = 0});
    CHECK(z(1, 0, 1) == doctest::Approx(4.65));
    CHECK(z(0, 1, 0) == doctest::Approx(8.95 / std::sqrt(11.0)));
    CHECK(support::close(mean, X{0.35, 1.05}, 1e-14));  // evaluation moves nothing
    // One without the other moves, nothing moves by no items, and only evaluation takes single elements.
    static_cast<void>(instance_norm(x, none, variance, none, none, {.training = true, .momentum = 1}));
    CHECK(support::close(variance, X{1, 101}, 1e-14));
    static_cast<void>(
        instance_norm(empty<double>({0, 2, 3}), mean, variance, none, none, {.training = true}));
    CHECK(support::close(mean, X{0.35, 1.05}, 1e-14));
    CHECK(instance_norm(zeros<double>({1, 2, 1}), mean, variance, none, none, {}).shape() == Shape{1, 2, 1});
}

TEST_CASE("instance_norm: gradients") {
    const X x = support::normal<double>({2, 4, 2}), w = support::normal<double>({4}, 2),
            b = support::normal<double>({4}, 3);
    const GradcheckOptions options{.absolute = 1e-4};
    CHECK_GRAD([](const auto& v) { return instance_norm(v[0], v[1], {}, 0.1); }, {x, w}, 2, options);
    CHECK_GRAD(
        [&](const auto& v) {
            return instance_norm(v[0], zeros<double>({4}), ones<double>({4}), v[1], v[2],
                                 {.training = true, .eps = 0.1});
        },
        {x, w, b}, 2, options);
    CHECK_GRAD([&](const auto& v) { return instance_norm(v[0], b, square(w), v[1], v[2], {.eps = 0.1}); },
               {x, w, b}, 3, options);
}

TEST_CASE("instance_norm: errors") {
    const X x = zeros<double>({2, 4, 3}), none;
    CHECK(message<ShapeError>([] {
              static_cast<void>(instance_norm(zeros<double>({2, 4})));
          }) == "instance_norm: x (2, 4) must be (batch, channels, length, ...)");
    CHECK(message<ValueError>([] {
              static_cast<void>(instance_norm(zeros<double>({2, 4, 1})));
          }) == "instance_norm: x (2, 4, 1) has one element a channel, which would be 0 whatever it is");
    CHECK(message<ValueError>([&] { static_cast<void>(instance_norm(x, none, none, none, none, {})); }) ==
          "instance_norm: there are no running moments to normalise by");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(instance_norm(x, zeros<double>({3}), none, none, none, {.training = true}));
          }) == "instance_norm: running_mean (3,) for x (2, 4, 3); it must be (4,)");
}
