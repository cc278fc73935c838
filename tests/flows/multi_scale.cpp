#include <tapegrad/flows/multi_scale.hpp>

#include <doctest/doctest.h>

#include <tapegrad/flows/act_norm.hpp>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("MultiScale: inverses and volumes", T, float, double) {
    std::vector<ActNorm<T>> norms{ActNorm<T>(4), ActNorm<T>(8)};
    const MultiScale flow({1, 4, 4}, std::move(norms));
    const Tensor<T> x = support::normal<T>({3, 1, 4, 4}) * T(4);
    CHECK(flow.forward(x).value.shape() == Shape{3, 16});
    support::check_bijector(flow, x);
    CHECK(flow.forward(zeros<T>({0, 1, 4, 4})).value.shape() == Shape{0, 16});
    CHECK(named_parameters(flow).contains("stages.1.log_scale"));
}

TEST_CASE("MultiScale: what leaves where, errors") {
    std::vector<ActNorm<double>> norms{ActNorm<double>(4), ActNorm<double>(8)};
    for (auto& norm : norms) norm.training = false;
    const MultiScale flow({1, 4, 4}, std::move(norms));
    Tensor<double> x = reshape(arange<double>(16), {1, 1, 4, 4});
    // The odd rows leave first, their even columns before the others.
    const Tensor<double> y = flow.forward(x).value.detach();
    CHECK(support::same_bits(detail::contiguous(narrow(y, 1, 0, 4)), {{4.0, 6.0, 12.0, 14.0}}));
    CHECK(support::same_bits(detail::contiguous(narrow(y, 1, 8, 4)), {{0.0, 2.0, 8.0, 10.0}}));
    CHECK(message<ShapeError>([&] {
              flow.forward(zeros<double>({2, 1, 4, 6}));
          }) == "MultiScale: x (2, 1, 4, 6) is not (n, 1, 4, 4)");
    CHECK(message<ShapeError>([&] {
              flow.inverse(zeros<double>({2, 15}));
          }) == "MultiScale: y (2, 15) is not (n, 16)");
    CHECK(message<ValueError>([] {
              MultiScale({1, 4, 6}, std::vector<ActNorm<double>>(2));
          }) == "MultiScale: stage 1 cannot halve 2 x 3 places");
    CHECK(message<ValueError>([] {
              MultiScale({1, 4, 6}, std::vector<ActNorm<double>>());
          }) == "MultiScale: there are no stages");
}
