#include <tapegrad/flows/conv1x1.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("Conv1x1: inverses and volumes", T, float, double) {
    Generator generator(5);
    const Conv1x1<T> rotation(3, generator);
    const Tensor<T> x = support::normal<T>({2, 3, 2, 2});
    support::check_bijector(rotation, x);
    CHECK(std::fabs(rotation.forward(x).log_det.data()[0]) < 1e-5);
    Conv1x1<T> other;
    other.weight = parameter(support::normal<T>({3, 3}, 4));
    support::check_bijector(other, x * T(100));
    support::check_bijector(other, support::normal<T>({4, 3}));
}

TEST_CASE("Conv1x1: gradients, errors") {
    Generator generator(6);
    const Conv1x1<double> rotation(2, generator);
    support::check_bijector_gradients(rotation, support::normal<double>({2, 2, 3}));
    CHECK(message<ShapeError>([&] {
              rotation.forward(zeros<double>({2, 4, 1, 1}));
          }) == "Conv1x1: x (2, 4, 1, 1) is not (n, 2, ...)");
    Conv1x1<double> singular;
    singular.weight = zeros<double>({2, 2});
    CHECK_THROWS_AS(singular.inverse(zeros<double>({1, 2})), ValueError);
}
