// Elementwise functions of one tensor.
#include <doctest/doctest.h>

#include <tapegrad/ops/bitwise.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/isclose.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

const OperationOptions constant{.order = 0, .nan = false};

const Operations elementwise(
    "elementwise",
    {
        operation("neg", [](const auto& x) { return -x; }),
        operation("abs", [](const auto& x) { return abs(x); }),
        operation("sign", [](const auto& x) { return sign(x); }, {.nan = false}),
        operation("floor", [](const auto& x) { return floor(x); }),
        operation("ceil", [](const auto& x) { return ceil(x); }),
        operation("round", [](const auto& x) { return round(x); }),
        operation("trunc", [](const auto& x) { return trunc(x); }),
        operation("frac", [](const auto& x) { return frac(x); }),
        operation("sqrt", [](const auto& x) { return sqrt(x); }),
        operation("rsqrt", [](const auto& x) { return rsqrt(x); }),
        operation("reciprocal", [](const auto& x) { return reciprocal(x); }),
        operation("square", [](const auto& x) { return square(x); }),
        operation("exp", [](const auto& x) { return exp(x); }),
        operation("exp2", [](const auto& x) { return exp2(x); }),
        operation("expm1", [](const auto& x) { return expm1(x); }),
        operation("log", [](const auto& x) { return log(x); }),
        operation("log2", [](const auto& x) { return log2(x); }),
        operation("log10", [](const auto& x) { return log10(x); }),
        operation("log1p", [](const auto& x) { return log1p(x); }),
        operation("log1mexp", [](const auto& x) { return log1mexp(x); }),
        operation("expm1:near", [](const auto& x) { return expm1(x); }),
        operation("nan_to_num", [](const auto& x) { return nan_to_num(x); }, {.nan = false}),
        operation(
            "nan_to_num:specials",
            [](const auto& x) { return nan_to_num(x, {.nan = 5, .posinf = 9, .neginf = -8}); }, constant),
        operation("pow:number", [](const auto& x) { return pow(x, 2.5); }),
        operation("pow:whole", [](const auto& x) { return pow(x, 3); }),
        operation("pow:exponent", [](const auto& x) { return pow(2, x); }),
        operation("clamp:numbers", [](const auto& x) { return clamp(x, -1, 1.5); }),
        operation(
            "isnan", [](const auto& x) { return isnan(x); }, constant),
        operation(
            "isinf", [](const auto& x) { return isinf(x); }, constant),
        operation(
            "isfinite", [](const auto& x) { return isfinite(x); }, constant),
        operation(
            "logical_not", [](const auto& x) { return logical_not(x); }, constant),
        operation(
            "bitwise_not", [](const auto& x) { return bitwise_not(tapegrad::detail::cast<int64_t>(x)); },
            constant),
    });

}

TEST_CASE("operations: elementwise") { elementwise.check(); }
