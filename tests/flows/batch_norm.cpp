#include <tapegrad/flows/batch_norm.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("BatchNormBijector: moments of the batch, running ones, inverses", T, float, double) {
    BatchNormBijector<T> norm(3);
    const Tensor<T> x = support::normal<T>({6, 3, 2, 2}) * T(5) + T(2);
    const Mapped<T> y = norm.forward(x);
    const double tolerance = std::is_same_v<T, float> ? 1e-5 : 1e-12;
    CHECK(support::close(mean(y.value.detach(), {0, 2, 3}), zeros<T>({3}), tolerance));
    CHECK(support::close(stddev(y.value.detach(), {0, 2, 3}), ones<T>({3}), 1e-4));
    CHECK(support::close<T, T>(norm.running_mean, mean(x, {0, 2, 3}) * T(0.1), tolerance));
    CHECK(support::close<T, T>(norm.running_var, var(x, {0, 2, 3}) * T(0.1) + T(0.9), tolerance));
    norm.training = false;
    support::check_bijector(norm, x);
    support::check_bijector(norm, support::normal<T>({4, 3}) * T(100));
}

TEST_CASE("BatchNormBijector: gradients, errors") {
    BatchNormBijector<double> norm(2);
    const Tensor<double> x = support::normal<double>({3, 2});
    CHECK_GRAD([&](const auto& v) { return norm.forward(v[0]).value; }, {x}, 1);
    CHECK_GRAD([&](const auto& v) { return norm.forward(v[0]).log_det; }, {x}, 1);
    CHECK(message<ValueError>([&] { norm.inverse(x); }) ==
          "BatchNormBijector: there is no inverse in training, where the moments are those of x; evaluate "
          "with the running ones");
    CHECK(message<ValueError>([&] {
              norm.forward(zeros<double>({1, 2}));
          }) == "BatchNormBijector: x (1, 2) has 1 numbers a channel; training needs two or more");
    norm.training = false;
    support::check_bijector_gradients(norm, x);
    CHECK(message<ShapeError>([&] {
              norm.forward(zeros<double>({2, 3}));
          }) == "BatchNormBijector: x (2, 3) is not (n, 2, ...)");
}
