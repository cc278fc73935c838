#include <tapegrad/ops/conv.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/slicing.hpp>

#include <cmath>
#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;
using support::normal;
using X = Tensor<double>;

TEST_CASE("conv: gradients of every order, each input alone") {
    const X x = normal<double>({2, 2, 5, 4}), w = normal<double>({4, 1, 3, 2}), b = normal<double>({4});
    const ConvOptions options{.stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}, .groups = 2};
    CHECK_GRAD([&](const auto& v) { return conv2d(v[0], v[1], v[2], options); }, {x, w, b}, 3);
    CHECK_GRAD([&](const auto& v) { return conv2d(v[0], w, options); }, {x}, 2);
    CHECK_GRAD([&](const auto& v) { return conv2d(x, v[0], options); }, {w}, 2);
    CHECK_GRAD([&](const auto& v) { return conv1d(v[0], v[0] * v[0]); }, {normal<double>({2, 2, 2})}, 3);
    CHECK_GRAD(
        [](const auto& v) {
            return conv_transpose2d(v[0], v[1], v[2], {.stride = 2, .padding = 1, .output_padding = 1});
        },
        {normal<double>({1, 2, 2, 3}), normal<double>({2, 1, 3, 3}), normal<double>({1})}, 3);
}

TEST_CASE("conv: the transposes are transposes: <A x, y> = <x, A' y>") {
    const X x = normal<double>({2, 3, 7, 6}), w = normal<double>({5, 3, 3, 3});
    for (const int64_t stride : {1, 2, 3})
        for (const int64_t padding : {0, 1, 2}) {
            const X y = conv2d(x, w, {.stride = stride, .padding = padding});
            const X dy = normal<double>(y.shape());
            const auto rest = [&](int axis) {  // places behind the last window
                return (x.size(axis) + 2 * padding - 3) % stride;
            };
            const X back = conv_transpose2d(
                dy, w, {.stride = stride, .padding = padding, .output_padding = {rest(2), rest(3)}});
            REQUIRE(back.shape() == x.shape());
            CHECK(sum(y * dy).item() == doctest::Approx(sum(x * back).item()).epsilon(1e-12));
        }
}

TEST_CASE_TEMPLATE("conv: layouts, empty batches, single images", T, float, double) {
    const Tensor<T> x = normal<T>({2, 3, 6, 5}), w = normal<T>({4, 3, 3, 3});
    const Tensor<T> y = conv2d(x, w, {.padding = 1});
    CHECK(support::same_bits(conv2d(support::spread(x), support::spread(w), {.padding = 1}), y));
    CHECK(
        support::same_bits(conv2d(tapegrad::select(x, 0, 1), w, {.padding = 1}), tapegrad::select(y, 0, 1)));
    CHECK(conv2d(zeros<T>({0, 3, 6, 5}), w).shape() == Shape{0, 4, 4, 3});
    CHECK(conv2d(x, zeros<T>({0, 3, 3, 3})).shape() == Shape{2, 0, 4, 3});
    const Tensor<T> none = zeros<T>({0, 3, 6, 5}).requires_grad_(), by = w.detach().requires_grad_();
    backward(conv2d(none, by), zeros<T>({0, 4, 4, 3}));
    CHECK(sum(abs(by.grad())).item() == 0);
    CHECK(conv_transpose2d(zeros<T>({0, 4, 2, 2}), w).shape() == Shape{0, 3, 4, 4});
    CHECK(conv_transpose1d(normal<T>({4, 3}), normal<T>({4, 2, 2}), normal<T>({2})).shape() == Shape{2, 4});
    CHECK(conv3d(normal<T>({1, 2, 2, 2}), normal<T>({3, 1, 2, 1, 1})).shape() == Shape{3, 1, 2, 2});
    CHECK(conv_transpose3d(normal<T>({1, 2, 2, 2}), normal<T>({1, 3, 2, 1, 1}), normal<T>({3})).shape() ==
          Shape{3, 3, 2, 2});
}

TEST_CASE("conv: the same bits for any number of threads") {
    const auto x = normal<float>({3, 24, 17, 19}).requires_grad_(),
               w = normal<float>({40, 24, 3, 3}).requires_grad_(),
               deep = normal<float>({24, 1, 3, 3}).requires_grad_();
    const auto dy = normal<float>({3, 40, 9, 10});
    std::vector<Tensor<float>> one;
    for (const int threads : {1, 2, 3, 4}) {
        const support::Threads scope(threads);
        const auto y = conv2d(x, w, {.stride = 2, .padding = 1});
        std::vector<Tensor<float>> results = grad(y, {x, w}, {}, dy);
        results.push_back(y);
        const auto z = conv2d(x, deep, {.padding = 1, .groups = 24});
        results.push_back(z);
        for (const auto& d : grad(sum(z * z), {x, deep})) results.push_back(d);
        if (threads == 1) one = results;
        for (std::size_t i = 0; i < results.size(); ++i) CHECK(support::same_bits(results[i], one[i]));
    }
}

TEST_CASE("conv: NaN and infinity reach the windows that hold them, and no others") {
    for (int64_t place = 0; place < 40; ++place) {
        auto x = ones<float>({1, 1, 1, 40});
        x.mutable_data()[place] = std::numeric_limits<float>::quiet_NaN();
        const auto y = conv2d(x, ones<float>({1, 1, 1, 3}), {.padding = {0, 1}});
        for (int64_t i = 0; i < 40; ++i)
            REQUIRE(std::isnan(y(0, 0, 0, i)) == (i >= place - 1 && i <= place + 1));
    }
}

TEST_CASE("conv: errors") {
    CHECK(message<ShapeError>([] {
              conv2d(zeros<float>({3, 3}), zeros<float>({1, 3, 2, 2}));
          }) == "conv2d: x (3, 3) must be (batch, channels) and 2 spatial axes, or that without the batch");
    CHECK(message<ShapeError>([] {
              conv1d(zeros<float>({1, 3, 4}), zeros<float>({2, 3, 2}), zeros<float>({3}));
          }) == "conv1d: bias (3,) must be (2,), one for each channel of the result");
    CHECK(
        message<ShapeError>([] {
            conv_transpose3d(zeros<float>({1, 3, 4, 4, 4}), zeros<float>({3, 2, 2, 2, 2}), zeros<float>({3}));
        }) == "conv_transpose3d: bias (3,) must be (2,), one for each channel of the result");
}
