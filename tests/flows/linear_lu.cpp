#include <tapegrad/flows/linear_lu.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("LinearLU, Conv1x1LU: inverses and volumes", T, float, double) {
    Generator generator(5);
    LinearLU<T> linear(4, generator);
    init::normal_(linear.bias, generator);
    support::check_bijector(linear, support::normal<T>({3, 4}) * T(100));
    support::check_bijector(linear, support::normal<T>({2, 4, 2, 1}));
    const Conv1x1LU<T> conv(4, generator);
    support::check_bijector(conv, support::normal<T>({2, 4, 1, 3}));
}

TEST_CASE("LinearLU: begins as the identity, is its weight, has gradients") {
    Generator generator(6);
    const Tensor<double> x = support::normal<double>({3, 3});
    const LinearLU<double> identity(3);
    CHECK(support::close(identity.forward(x).value, x, 1e-15));
    CHECK(std::fabs(identity.forward(x).log_det.data()[0]) < 1e-15);
    const LinearLU<double> linear(3, generator);
    CHECK(support::close(linear.forward(x).value, matmul(x, transpose(linear.weight())), 1e-14));
    support::check_bijector_gradients(linear, x);
}

TEST_CASE("LinearLU: errors, no events") {
    const LinearLU linear(3);
    CHECK(message<ShapeError>([&] {
              linear.forward(zeros<float>({2, 4}));
          }) == "LinearLU: x (2, 4) is not (n, 3, ...)");
    CHECK(linear.forward(zeros<float>({0, 3})).log_det.shape() == Shape{0});
    CHECK(linear.inverse(zeros<float>({0, 3, 2, 2})).value.shape() == Shape{0, 3, 2, 2});
}
