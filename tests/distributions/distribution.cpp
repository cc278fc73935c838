#include <tapegrad/distributions/distribution.hpp>

#include <doctest/doctest.h>

#include <tapegrad/distributions/categorical.hpp>
#include <tapegrad/distributions/independent.hpp>
#include <tapegrad/distributions/normal.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

static_assert(Distribution<Normal<float>> && ReparameterizedDistribution<Normal<double>>);
static_assert(Distribution<Categorical<float>> && !ReparameterizedDistribution<Categorical<float>>);
static_assert(Distribution<Independent<Bernoulli<float>>> &&
              !ReparameterizedDistribution<Independent<Bernoulli<float>>>);
static_assert(!Distribution<Tensor<float>>);

TEST_CASE("distribution: shapes") {
    CHECK(detail::appended({2, 3}, {4}) == Shape{2, 3, 4});
    CHECK(detail::without_last({2, 3, 4}, 2) == Shape{2});
    CHECK(detail::last_of({2, 3, 4}, 2) == Shape{3, 4});
    CHECK(detail::last_of({2, 3, 4}, 0) == Shape{});
    const Tensor<double> x = support::normal<double>({2, 3, 4});
    CHECK(detail::sum_last(x, 0).is_same(x));
    CHECK(detail::sum_last(x, 2).shape() == Shape{2});
    CHECK(detail::in_batch(x, {2, 3, 4}).is_same(x));
    CHECK(detail::in_batch(x, {5, 2, 3, 4}).shape() == Shape{5, 2, 3, 4});
}

TEST_CASE_TEMPLATE("distribution: domains of parameters", T, float, double) {
    using detail::Domain;
    const T nan = std::numeric_limits<T>::quiet_NaN();
    const auto check = [](T v, Domain domain) {
        return message<ValueError>([&] { detail::check_parameter("D", "p", Tensor<T>{T(0.5), v}, domain); });
    };
    CHECK(check(T(-2), Domain::real) == "nothing thrown");
    CHECK(check(nan, Domain::real) == "D: p holds nan; it must be not NaN");
    CHECK(check(T(0), Domain::positive) == "D: p holds 0; it must be above 0");
    CHECK(check(nan, Domain::positive) == "D: p holds nan; it must be above 0");
    CHECK(check(T(0), Domain::nonnegative) == "nothing thrown");
    CHECK(check(T(-1), Domain::nonnegative) == "D: p holds -1; it must be not below 0");
    CHECK(check(T(1), Domain::probability) == "nothing thrown");
    CHECK(check(T(2), Domain::probability) == "D: p holds 2; it must be in [0, 1]");
    detail::check_parameter("D", "p", zeros<T>({0}), Domain::positive);
}

TEST_CASE_TEMPLATE("distribution: neither end of an open interval is drawn", T, float, double) {
    Generator generator(1);
    const Tensor<T> u = detail::open_uniform<T>({1 << 18}, generator);
    for (int64_t i = 0; i < u.numel(); ++i)
        if (!(u.data()[i] > T(0) && u.data()[i] < T(1))) FAIL_CHECK("at an end");
}
