#include <tapegrad/flows/sylvester.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

namespace {

template <class S>
S strong(S flow) {
    for (auto* x : {&flow.entries1, &flow.diagonal1, &flow.entries2, &flow.diagonal2})
        *x = parameter(detail::copy(*x * 4).detach());
    return flow;
}

}

TEST_CASE_TEMPLATE("Sylvester: inverses and volumes in both bases", T, float, double) {
    Generator generator(5);
    const Tensor<T> x = support::normal<T>({10, 4}) * T(2);
    const auto few = strong(Sylvester(QrBasis<T>(4, 2, generator), generator));
    support::check_bijector(few, x);
    support::check_bijector(few, x * T(1000));
    const auto full = strong(Sylvester(HouseholderBasis<T>(4, 3, generator), generator));
    support::check_bijector(full, x);
}

TEST_CASE("Sylvester: gradients, errors") {
    Generator generator(6);
    const Tensor<double> x = support::normal<double>({2, 3});
    support::check_bijector_gradients(Sylvester(QrBasis<double>(3, 2, generator), generator), x);
    support::check_bijector_gradients(Sylvester(HouseholderBasis<double>(3, 2, generator), generator), x);
    CHECK(message<ValueError>([&] { QrBasis<double>(3, 4, generator); }) ==
          "QrBasis: 4 orthogonal columns of 3 numbers: they must be 1 to 3");
    const Sylvester flow(QrBasis<double>(3, 2, generator), generator);
    CHECK(message<ShapeError>([&] {
              flow.forward(zeros<double>({2, 2}));
          }) == "Sylvester: x (2, 2) is not (n, 3)");
    CHECK(flow.inverse(zeros<double>({0, 3})).value.shape() == Shape{0, 3});
}
