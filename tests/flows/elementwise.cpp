#include <tapegrad/flows/elementwise.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::check_bijector;
using support::message;

TEST_CASE_TEMPLATE("elementwise bijectors: inverses and volumes", T, float, double) {
    const Tensor<T> x = support::uniform<T>({5, 3}, -3, 3);
    const support::BijectorCheck near_bounds{.tolerance = std::is_same_v<T, float> ? 2e-5 : 1e-10};
    check_bijector(SigmoidBijector(), x, {}, near_bounds);
    check_bijector(TanhBijector(), x, {}, near_bounds);
    check_bijector(ExpBijector(), x);
    check_bijector(LogitBijector(), support::uniform<T>({4, 2, 2}, 0.001, 0.999));
    check_bijector(LeakyReluBijector(LeakyReluTransform(0.2)), x);
    check_bijector(LeakyReluBijector(), x * T(1000));
    check_bijector(AffineBijector<T>(Tensor<T>{T(1), T(-2), T(0)}, Tensor<T>{T(0.5), T(-3), T(1)}), x);
    check_bijector(AffineBijector<T>(Tensor<T>(T(-0.5)), Tensor<T>(T(2))), x);
}

TEST_CASE("elementwise bijectors: values, gradients") {
    const Tensor<double> x{{-1.0, 2.0}};
    CHECK(LeakyReluBijector().forward(x).value.data()[0] == -0.01);
    CHECK(LeakyReluBijector().forward(x).log_det.item() == doctest::Approx(std::log(0.01)));
    CHECK(AffineBijector<double>(Tensor<double>(1.0), Tensor<double>(-2.0)).forward(x).log_det.item() ==
          doctest::Approx(2 * std::log(2.0)));
    support::check_bijector_gradients(TanhBijector(), x);
    support::check_bijector_gradients(LogitBijector(), Tensor<double>{{0.2, 0.7}});
    support::check_bijector_gradients(AffineBijector<double>(Tensor<double>(1.0), Tensor<double>{-2.0, 3.0}),
                                      x);
}

TEST_CASE("elementwise bijectors: errors") {
    CHECK(message<ValueError>([] { LeakyReluTransform(0); }) ==
          "LeakyReluTransform: the slope is 0; it must be positive and finite");
    CHECK(message<ShapeError>([] { ExpBijector().forward(Tensor<float>(1.0F)); }) ==
          "Elementwise: x () has no axis that counts the events");
    CHECK(message<ValueError>([] { AffineBijector<float>(zeros<float>({2}), zeros<float>({2})); }) ==
          "AffineTransform: scale holds 0; it must not be 0");
    const AffineBijector<float> two(zeros<float>({2, 2}), ones<float>({}));
    CHECK(message<ShapeError>([&] {
              two.forward(zeros<float>({3, 2}));
          }) == "AffineBijector: loc (2, 2) and scale () do not broadcast to an event (2,)");
}
