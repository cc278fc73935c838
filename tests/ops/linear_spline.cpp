#include <tapegrad/ops/linear_spline.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/spline_case.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

const support::SplineCase spline{
    [](const auto& x, const auto& p, const SplineOptions& o) { return linear_spline(x, p, o); },
    [](const auto& y, const auto& p, const SplineOptions& o) { return linear_spline_inverse(y, p, o); },
    [](SplineTails, int64_t bins) -> int64_t { return bins; }};

}

TEST_CASE_TEMPLATE("linear_spline: the inverse undoes it", T, float, double) { spline.check_inverse<T>(); }

TEST_CASE("linear_spline: log_slope is that of the value, and its gradients") { spline.check_slopes(); }

TEST_CASE("linear_spline: far outside") { spline.check_far_outside(); }

TEST_CASE("linear_spline: layouts and errors") {
    const Tensor<double> x = support::uniform<double>({4, 5}, -2, 2), p = support::normal<double>({4, 5, 3});
    CHECK(support::same_bits(linear_spline(x, p).value,
                             linear_spline(support::spread(x), support::spread(p)).value));
    CHECK(message<ShapeError>([&] {
              linear_spline_inverse(x, zeros<double>({4, 4, 3}));
          }) ==
          "linear_spline_inverse: parameters (4, 4, 3) of x (4, 5): they need its axes and one for the "
          "numbers of a "
          "spline");
    CHECK(message<ValueError>([&] { linear_spline(x * 9.0, p, {.low = -2, .high = -2}); }) ==
          "linear_spline: low -2 is not below high -2");
}
