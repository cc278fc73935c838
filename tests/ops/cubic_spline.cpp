#include <tapegrad/ops/cubic_spline.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/spline_case.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

const support::SplineCase spline{
    [](const auto& x, const auto& p, const SplineOptions& o) { return cubic_spline(x, p, o); },
    [](const auto& y, const auto& p, const SplineOptions& o) { return cubic_spline_inverse(y, p, o); },
    [](SplineTails, int64_t bins) -> int64_t { return 2 * bins + 2; }};

}

TEST_CASE_TEMPLATE("cubic_spline: the inverse undoes it", T, float, double) { spline.check_inverse<T>(); }

TEST_CASE("cubic_spline: log_slope is that of the value, and its gradients") { spline.check_slopes(); }

TEST_CASE("cubic_spline: far outside") { spline.check_far_outside(); }

TEST_CASE("cubic_spline: layouts and errors") {
    const Tensor<double> x = support::uniform<double>({4, 5}, -2, 2), p = support::normal<double>({4, 5, 8});
    CHECK(support::same_bits(cubic_spline(x, p).value,
                             cubic_spline(support::spread(x), support::spread(p)).value));
    CHECK(message<ShapeError>([&] {
              cubic_spline(x, zeros<double>({4, 5, 9}));
          }) == "cubic_spline: the last axis of parameters (4, 5, 9) is not 2 K + 2 of K pieces");
    CHECK(message<ShapeError>([&] {
              cubic_spline_inverse(x, zeros<double>({4, 4, 8}));
          }) ==
          "cubic_spline_inverse: parameters (4, 4, 8) of x (4, 5): they need its axes and one for the "
          "numbers of a "
          "spline");
    CHECK(message<ValueError>([&] { cubic_spline(x * 9.0, p, {.low = -2, .high = -2}); }) ==
          "cubic_spline: low -2 is not below high -2");
}
