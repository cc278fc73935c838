#include <tapegrad/ops/group_norm.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("group_norm: one group is layer normalisation") {
    const Tensor<double> x = support::normal<double>({2, 4, 3});
    const Tensor<double> centred = x - mean(x, {1, 2}, true);
    CHECK(support::close(group_norm(x, 1), centred / sqrt(mean(centred * centred, {1, 2}, true) + 1e-5),
                         1e-13));
    CHECK(group_norm(empty<double>({0, 4, 3}), 2).shape() == Shape{0, 4, 3});
    CHECK(group_norm(empty<double>({2, 4, 0}), 2).shape() == Shape{2, 4, 0});
    // No cancellation far from zero.
    const Tensor<float> far = support::uniform<float>({1, 2, 64}, 1e4, 1e4 + 1);
    CHECK(static_cast<double>(amax(abs(mean(square(group_norm(far, 1, {}, {}, 0)), {1, 2}) - 1.0F)).item()) <
          1e-3);
}

TEST_CASE("group_norm: gradients") {
    const Tensor<double> x = support::normal<double>({2, 4, 2}), w = support::normal<double>({4}, 2),
                         b = support::normal<double>({4}, 3);
    const GradcheckOptions options{.absolute = 1e-4};
    CHECK_GRAD([](const auto& v) { return group_norm(v[0], 2, v[1], v[2], 0.1); }, {x, w, b}, 3, options);
    CHECK_GRAD([](const auto& v) { return group_norm(v[0], 2, {}, v[1], 0.1); }, {x, b}, 2, options);
    CHECK_GRAD([&](const auto& v) { return group_norm(x, 2, v[0]); }, {w}, 2, options);
}

TEST_CASE("group_norm: the bits do not depend on the number of threads") {
    const Tensor<float> x = support::normal<float>({9, 8, 700}), w = support::normal<float>({8}, 2);
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        Tensor<float> a = detail::copy(x).requires_grad_(), b = detail::copy(w).requires_grad_();
        const Tensor<float> y = group_norm(a, 4, b, b);
        backward(y, x);
        return std::array{y.detach(), a.grad(), b.grad()};
    };
    const auto one = run(1), four = run(4);
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(support::same_bits(one[i], four[i]));
}

TEST_CASE("group_norm: errors") {
    const Tensor<double> x = zeros<double>({2, 4, 3});
    CHECK(message<ValueError>([&] { static_cast<void>(group_norm(x, 3)); }) ==
          "group_norm: 4 channels of x (2, 4, 3) are no 3 equal groups");
    CHECK(message<ShapeError>([&] { static_cast<void>(group_norm(zeros<double>({4}), 2)); }) ==
          "group_norm: x (4,) must be (batch, channels, ...)");
    CHECK(message<ShapeError>([&] { static_cast<void>(group_norm(x, 2, zeros<double>({3}))); }) ==
          "group_norm: weight (3,) for x (2, 4, 3); it must be (4,)");
}
