#include <tapegrad/optim/running_moments.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("running_moments: numbers", T, float, double) {
    RunningMean<T> mean;
    RunningVariance<T> both, part;
    for (const T x : {T(1), T(2), T(6)}) {
        mean.add(x);
        both.add(x);
    }
    CHECK(mean.mean() == doctest::Approx(3));
    CHECK(both.mean() == doctest::Approx(3));
    CHECK(both.variance() == doctest::Approx(7));
    for (const T x : {T(-1), T(4)}) part.add(x);
    both.add(part);
    both.add(RunningVariance<T>());
    CHECK(both.count() == 5);
    CHECK(both.mean() == doctest::Approx(2.4));
    CHECK(both.variance() == doctest::Approx(7.3));
    RunningVariance<T> fresh;
    fresh.add(part);
    CHECK(fresh.variance() == doctest::Approx(12.5));
}

TEST_CASE("running_moments: a mean far above the deviation") {
    RunningVariance<double> v;
    for (int i = 0; i < 1000; ++i) v.add(1e9 + i % 2);
    CHECK(v.variance() == doctest::Approx(0.25 * 1000 / 999).epsilon(1e-9));
}

TEST_CASE("running_moments: tensors, element by element") {
    RunningMean<Tensor<double>> mean;
    RunningVariance<Tensor<double>> both;
    for (const double x : {1.0, 2.0, 6.0}) {
        const Tensor<double> value{x, -2 * x};
        mean.add(value);
        both.add(value);
    }
    CHECK(support::close(mean.mean(), Tensor<double>{3, -6}, 1e-12));
    CHECK(support::close(both.variance(), Tensor<double>{7, 28}, 1e-12));
    CHECK_THROWS_AS(both.add(zeros<double>({3})), ShapeError);
}

TEST_CASE("running_moments: errors") {
    CHECK(support::message<ValueError>([] { static_cast<void>(RunningMean<double>().mean()); }) ==
          "RunningMean: no value yet");
    CHECK(support::message<ValueError>([] { static_cast<void>(RunningVariance<double>().variance()); }) ==
          "RunningVariance: 0 values; there must be 2 or more");
}
