// Elementwise functions of one tensor: trigonometric, hyperbolic, error and gamma functions.
#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

const Operations elementwise(
    "elementwise",
    {
        operation("sin", [](const auto& x) { return sin(x); }),
        operation("cos", [](const auto& x) { return cos(x); }),
        operation("tan", [](const auto& x) { return tan(x); }),
        operation("asin", [](const auto& x) { return asin(x); }),
        operation("acos", [](const auto& x) { return acos(x); }),
        operation("atan", [](const auto& x) { return atan(x); }),
        operation("sinh", [](const auto& x) { return sinh(x); }),
        operation("cosh", [](const auto& x) { return cosh(x); }),
        operation("tanh", [](const auto& x) { return tanh(x); }),
        operation("asinh", [](const auto& x) { return asinh(x); }),
        operation("acosh", [](const auto& x) { return acosh(x); }),
        operation("atanh", [](const auto& x) { return atanh(x); }),
        operation("sigmoid", [](const auto& x) { return sigmoid(x); }),
        operation("logit", [](const auto& x) { return logit(x); }),
        operation("erf", [](const auto& x) { return erf(x); }),
        operation("erfc", [](const auto& x) { return erfc(x); }),
        operation("ndtr", [](const auto& x) { return ndtr(x); }),
        operation("erfinv", [](const auto& x) { return erfinv(x); }),
        operation("lgamma", [](const auto& x) { return lgamma(x); }),
        // The trigamma of PyTorch, its gradient, is off by 5e-10.
        operation("digamma", [](const auto& x) { return digamma(x); }, {.golden = 1e-9}),
        operation("lgamma:negative", [](const auto& x) { return lgamma(x); }),
        operation("digamma:negative", [](const auto& x) { return digamma(x); }),
        operation("polygamma", [](const auto& x) { return polygamma(2, x); }),
        operation("polygamma:trigamma", [](const auto& x) { return polygamma(1, x); }, {.golden = 1e-9}),
    });

}

TEST_CASE("operations: elementwise, transcendental") { elementwise.check(); }
