#include <tapegrad/ops/convert.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {
using Inputs = std::vector<Tensor<double>>;
}

TEST_CASE("to: value") {
    const Tensor<float> x{{1.5f, -2.7f}, {0, 300}};
    CHECK(to_vector(to<double>(x)) == std::vector<double>{1.5, static_cast<double>(-2.7f), 0, 300});
    CHECK(to_vector(to<int64_t>(x)) == std::vector<int64_t>{1, -2, 0, 300});
    CHECK(to_vector(to<uint8_t>(x)) == std::vector<uint8_t>{1, 0, 0, 255});
    CHECK(to_vector(to<bool>(x)) == std::vector<bool>{true, true, false, true});
    CHECK(to_vector(to<float>(to<bfloat16>(x))) == std::vector<float>{1.5f, -2.703125f, 0, 300});
    CHECK(to<float16>(x).shape() == Shape{2, 2});
    CHECK(to<float>(x).is_same(x));
    CHECK(to_vector(to<int32_t>(support::spread(x))) == std::vector<int32_t>{1, -2, 0, 300});
    CHECK(to<double>(zeros<float>({0, 2})).shape() == Shape{0, 2});
    CHECK(to_vector(to<float>(x > 0)) == std::vector<float>{1, 0, 0, 1});
}

TEST_CASE("to: gradient") {
    // By way of float: its rounding, not the derivative, is what differs, so the step is large and the bound
    // wide.
    CHECK_GRAD([](const Inputs& in) { return square(to<double>(to<float>(in[0] * in[0]))); },
               {Tensor<double>{0.5, -1.25}}, 2, {.step = 1.0 / 64, .absolute = 1e-3, .relative = 1e-3});
}

TEST_CASE_TEMPLATE("to: the gradient has the type of x", T, float, double, bfloat16, float16) {
    auto x = to<T>(Tensor<float>{1, 2, 3});
    x.requires_grad_();
    const auto y = to<float>(x);
    backward(y * y, Tensor<float>{1, 10, 100});
    CHECK(x.grad().dtype() == dtype_of<T>);
    CHECK(to_vector(to<float>(x.grad())) == std::vector<float>{2, 40, 600});
}

TEST_CASE("to: by way of an integer there is no derivative") {
    auto x = Tensor<double>{1.5};
    x.requires_grad_();
    const auto y = to<double>(to<int64_t>(x));
    CHECK(support::message<AutogradError>([&] { backward(y); }) ==
          "to: has no derivative, but a gradient was asked through it; detach() its result");
}
