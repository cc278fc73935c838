#include <tapegrad/flows/householder.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("Householder, LinearQR: inverses and volumes", T, float, double) {
    Generator generator(5);
    const Tensor<T> x = support::normal<T>({5, 4}) * T(100);
    const Householder<T> rotation(4, 3, generator);
    support::check_bijector(rotation, x);
    const Tensor<T> lengths = sum(square(rotation.forward(x).value), {1});
    CHECK(support::close(lengths, sum(square(x), {1}), std::is_same_v<T, float> ? 1e-5 : 1e-13));
    LinearQR<T> linear(4, 3, generator);
    init::normal_(linear.bias, generator);
    support::check_bijector(linear, x);
}

TEST_CASE("Householder, LinearQR: gradients, keys, errors") {
    Generator generator(6);
    const LinearQR<double> linear(3, 2, generator);
    support::check_bijector_gradients(linear, support::normal<double>({2, 3}));
    CHECK(named_parameters(linear).contains("orthogonal.q_vectors"));
    CHECK(message<ShapeError>([&] {
              linear.forward(zeros<double>({2, 4}));
          }) == "LinearQR: x (2, 4) is not (n, 3)");
    CHECK(message<ShapeError>([&] {
              linear.orthogonal.forward(zeros<double>({2, 3, 1}));
          }) == "Householder: x (2, 3, 1) is not (n, 3)");
}
