// Orders, ranks and quantiles.
#include <doctest/doctest.h>

#include <tapegrad/ops/order_statistics.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

const OperationOptions constant{.order = 0, .nan = false};
const OperationOptions no_nan{.nan = false};  // the largest is not among what is chosen

const auto quantile_by = [](Interpolation how) {
    return [how](const auto& x) { return quantile(x, 0.3, 1, {.interpolation = how}); };
};

const Operations orders(
    "sort",
    {operation("sort", [](const auto& x) { return sort(x).values; }),
     operation("sort:falling", [](const auto& x) { return sort(x, 0, {.descending = true}).values; }),
     operation(
         "sort:indices", [](const auto& x) { return sort(x).indices; }, constant),
     operation(
         "argsort", [](const auto& x) { return argsort(x); }, constant),
     operation(
         "argsort:falling", [](const auto& x) { return argsort(x, 0, {.descending = true}); }, constant),
     operation("topk", [](const auto& x) { return topk(x, 2).values; }),
     operation(
         "topk:smallest", [](const auto& x) { return topk(x, 2, 0, {.largest = false}).values; }, no_nan),
     operation(
         "topk:indices", [](const auto& x) { return topk(x, 2).indices; }, constant),
     operation(
         "kthvalue", [](const auto& x) { return kthvalue(x, 2).values; }, no_nan),
     operation(
         "kthvalue:first axis", [](const auto& x) { return kthvalue(x, 3, 0, true).values; }, no_nan),
     operation("median", [](const auto& x) { return median(x, 1).values; }),
     operation("median:all", [](const auto& x) { return median(x); }),
     operation(
         "mode", [](const auto& x) { return mode(x).values; }, constant),
     operation("quantile", quantile_by(Interpolation::linear)),
     operation("quantile:lower", quantile_by(Interpolation::lower)),
     operation("quantile:higher", quantile_by(Interpolation::higher)),
     operation("quantile:midpoint", quantile_by(Interpolation::midpoint)),
     operation("quantile:nearest", quantile_by(Interpolation::nearest)),
     operation("quantile:all", [](const auto& x) { return quantile(x, 0.6); }),
     operation("quantile:several", [](const auto& x) {
         return quantile(x, {0, 0.25, 0.9, 1}, 0, {.keepdims = true});
     })});

}

TEST_CASE("operations: sort") { orders.check(); }
