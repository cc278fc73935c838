#include <tapegrad/flows/planar.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("Planar: inverses and volumes", T, float, double) {
    Generator generator(5);
    const Tensor<T> x = support::normal<T>({20, 3}) * T(2);
    support::check_bijector(Planar<T>(3, generator), x);
    Planar<T> strong;
    strong.w = parameter(Tensor<T>{T(1), T(-2), T(0.5)});
    strong.bias = parameter(Tensor<T>(T(0.7)));
    for (const double push : {5.0, -1.0}) {  // apart, and together, to a slope of 0.005 at the plane
        strong.u = parameter(strong.w.detach() * T(push));
        constexpr bool single = std::is_same_v<T, float>;
        const support::BijectorCheck how{.tolerance = single && push < 0 ? 1e-3 : 0,
                                         .volume = single ? 2e-3 : 1e-10};
        support::check_bijector(strong, x, {}, how);
        support::check_bijector(strong, x * T(1000), {}, how);
    }
}

TEST_CASE_TEMPLATE("Radial: inverses and volumes", T, float, double) {
    Generator generator(5);
    const Tensor<T> x = support::normal<T>({20, 3}) * T(2);
    Radial<T> radial(3, generator);
    CHECK(support::close(radial.forward(x).value.detach(), x, 1e-6));
    for (const double beta : {-4.0, 6.0}) {
        radial.raw_beta = parameter(Tensor<T>(T(beta)));
        support::check_bijector(radial, x);
        support::check_bijector(radial, x * T(1000));
    }
    // The center stays where it is, and has a volume.
    const Tensor<T> middle = reshape(detail::copy(radial.center.detach()), {1, 3});
    CHECK(support::same_bits(radial.forward(middle).value.detach(), middle));
    support::check_bijector(radial, middle, {}, {.compare_jacobian = false});
}

TEST_CASE("Planar, Radial: gradients, errors") {
    Generator generator(6);
    const Tensor<double> x = support::normal<double>({2, 2});
    support::check_bijector_gradients(Planar<double>(2, generator), x, {}, 2);
    Radial<double> radial(2, generator);
    radial.raw_beta = parameter(Tensor<double>(2.0));
    support::check_bijector_gradients(radial, x);
    CHECK(message<ShapeError>([&] {
              radial.forward(zeros<double>({2, 3}));
          }) == "Radial: x (2, 3) is not (n, 2)");
    CHECK(message<ShapeError>([&] { Planar(2, generator).forward(zeros<float>({2})); }) ==
          "Planar: x (2,) is not (n, 2)");
}
