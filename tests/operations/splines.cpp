// Monotone splines, value and logarithm of the slope side by side. tests/golden/flows.py has nflows' numbers for them.
#include <doctest/doctest.h>

#include <tapegrad/ops/cubic_spline.hpp>
#include <tapegrad/ops/linear_spline.hpp>
#include <tapegrad/ops/quadratic_spline.hpp>
#include <tapegrad/ops/rational_quadratic_spline.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

template <class T>
Tensor<T> both(const Splined<T>& y) {
    return stack({y.value, y.log_slope}, 0);
}
// The slopes at knots of other pieces, and all parameters of what is outside, are not read.
OperationOptions shaped(int64_t numbers) {
    return {.single = 1e4,
            .sizes = false,
            .nan = false,
            .inputs = {{{7}, {7, numbers}}, {{2, 3}, {2, 3, numbers}}}};
}

const Operations splines(
    "splines",
    {
        operation(
            "rational_quadratic_spline",
            [](const auto& x, const auto& p) { return both(rational_quadratic_spline(x, p)); }, shaped(8)),
        operation(
            "rational_quadratic_spline:circular",
            [](const auto& x, const auto& p) {
                return both(rational_quadratic_spline(x, p, {.tails = SplineTails::circular}));
            },
            shaped(9)),
        operation(
            "rational_quadratic_spline_inverse",
            [](const auto& x, const auto& p) { return both(rational_quadratic_spline_inverse(x, p)); },
            shaped(8)),
        operation(
            "linear_spline", [](const auto& x, const auto& p) { return both(linear_spline(x, p)); },
            shaped(4)),
        operation(
            "linear_spline_inverse",
            [](const auto& x, const auto& p) { return both(linear_spline_inverse(x, p)); }, shaped(4)),
        operation(
            "quadratic_spline", [](const auto& x, const auto& p) { return both(quadratic_spline(x, p)); },
            shaped(5)),
        operation(
            "quadratic_spline_inverse",
            [](const auto& x, const auto& p) { return both(quadratic_spline_inverse(x, p)); }, shaped(5)),
        operation(
            "cubic_spline", [](const auto& x, const auto& p) { return both(cubic_spline(x, p)); }, shaped(8)),
        operation(
            "cubic_spline_inverse",
            [](const auto& x, const auto& p) { return both(cubic_spline_inverse(x, p)); }, shaped(8)),
    });

}

TEST_CASE("operations: splines") { splines.check(); }
