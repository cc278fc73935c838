#include <tapegrad/flows/act_norm.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("ActNorm: the first batch comes out with mean 0 and deviation 1", T, float, double) {
    const ActNorm<T> norm(3);
    const Tensor<T> x = support::normal<T>({8, 3, 2, 2}) * T(5) + T(2);
    const Tensor<T> y = norm.forward(x).value.detach();
    const double tolerance = std::is_same_v<T, float> ? 1e-5 : 1e-13;
    CHECK(support::close(mean(y, {0, 2, 3}), zeros<T>({3}), tolerance));
    CHECK(support::close(stddev(y, {0, 2, 3}), ones<T>({3}), tolerance));
    CHECK(norm.initialized.item());
    const Tensor<T> shift = detail::copy(norm.shift);
    norm.forward(x * T(3));
    CHECK(support::same_bits(norm.shift.detach(), shift.detach()));
    support::check_bijector(norm, x);
    support::check_bijector(norm, support::normal<T>({4, 3}) * T(100));
}

TEST_CASE("ActNorm: evaluation, constant channels, gradients, errors") {
    ActNorm<double> norm(2);
    norm.training = false;
    const Tensor<double> x = support::normal<double>({3, 2});
    CHECK(support::same_bits(norm.forward(x).value.detach(), x));
    CHECK_FALSE(norm.initialized.item());
    norm.training = true;
    norm.forward(Tensor<double>{{1.0, 3.0}, {2.0, 3.0}});
    CHECK(norm.log_scale.data()[1] == 0);
    CHECK(norm.shift.data()[1] == -3);
    support::check_bijector_gradients(norm, x);
    CHECK(message<ShapeError>([&] {
              norm.forward(zeros<double>({2, 3}));
          }) == "ActNorm: x (2, 3) is not (n, 2, ...)");
    const ActNorm<double> one(2);  // of a batch of one event no deviation is known
    one.forward(Tensor<double>{{1.0, 3.0}});
    CHECK(one.log_scale.data()[0] == 0);
    CHECK(one.shift.data()[0] == -1);
}
