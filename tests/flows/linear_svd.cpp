#include <tapegrad/flows/linear_svd.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("LinearSVD: inverses and volumes", T, float, double) {
    Generator generator(5);
    LinearSVD<T> linear(4, 3, generator);
    const Tensor<T> x = support::normal<T>({5, 4}) * T(100);
    CHECK(support::close(linear.forward(x).log_det.detach(), zeros<T>({5}), 1e-6));
    init::normal_(linear.bias, generator);
    init::normal_(linear.unconstrained_diagonal, generator);
    support::check_bijector(linear, x);
}

TEST_CASE("LinearSVD: gradients, errors") {
    Generator generator(6);
    const LinearSVD<double> linear(3, 2, generator);
    support::check_bijector_gradients(linear, support::normal<double>({2, 3}));
    CHECK(message<ShapeError>([&] {
              linear.forward(zeros<double>({2, 4}));
          }) == "Householder: x (2, 4) is not (n, 3)");
}
