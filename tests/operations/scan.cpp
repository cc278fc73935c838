// Running values along an axis, differences and integrals.
#include <doctest/doctest.h>

#include <tapegrad/ops/differences.hpp>
#include <tapegrad/ops/scan.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

const OperationOptions constant{.order = 0, .nan = false};
// The last axis has as many places as the other input.
const OperationOptions fixed{.sizes = false};

const Operations scan(
    "scan",
    {operation("cumsum", [](const auto& x) { return cumsum(x, -1); }),
     operation("cumsum:first axis", [](const auto& x) { return cumsum(x, 0); }),
     operation("cumprod", [](const auto& x) { return cumprod(x, -1); }),
     operation("cumprod:first axis", [](const auto& x) { return cumprod(x, 0); }),
     operation("logcumsumexp", [](const auto& x) { return logcumsumexp(x, -1); }),
     operation("logcumsumexp:first axis", [](const auto& x) { return logcumsumexp(x, 0); }),
     operation("cummax", [](const auto& x) { return cummax(x, -1).values; }),
     operation(
         "cummax:indices", [](const auto& x) { return cummax(x, -1).indices; }, constant),
     operation("cummax:first axis", [](const auto& x) { return cummax(x, 0).values; }),
     operation(
         "cummax:first axis indices", [](const auto& x) { return cummax(x, 0).indices; }, constant),
     operation("cummin", [](const auto& x) { return cummin(x, -1).values; }),
     operation(
         "cummin:indices", [](const auto& x) { return cummin(x, -1).indices; }, constant),
     operation("cummin:first axis", [](const auto& x) { return cummin(x, 0).values; }),
     operation(
         "cummin:first axis indices", [](const auto& x) { return cummin(x, 0).indices; }, constant),
     operation("diff", [](const auto& x) { return diff(x); }),
     operation("diff:twice", [](const auto& x) { return diff(x, 2, 0); }),
     operation(
         "diff:ends", [](const auto& x, const auto& a, const auto& b) { return diff(x, 1, -1, a, b); },
         fixed),
     operation("trapezoid", [](const auto& y, const auto& x) { return trapezoid(y, x); }),
     operation("trapezoid:dx", [](const auto& y) { return trapezoid(y, 0.3, 0); }),
     operation("cumulative_trapezoid",
               [](const auto& y, const auto& x) { return cumulative_trapezoid(y, x); }),
     operation("cumulative_trapezoid:dx", [](const auto& y) { return cumulative_trapezoid(y, 0.3, 0); })});

}

TEST_CASE("operations: scan") { scan.check(); }
