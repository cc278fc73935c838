// Sums, products, extremes and counts over axes.
#include <doctest/doctest.h>

#include <tapegrad/ops/argmax.hpp>
#include <tapegrad/ops/count.hpp>
#include <tapegrad/ops/prod.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

const OperationOptions constant{.order = 0, .nan = false};

const Operations reduce("reduce",
                        {operation("sum", [](const auto& x) { return sum(x, 1); }),
                         operation("sum:all", [](const auto& x) { return sum(x); }),
                         operation("sum:two axes",
                                   [](const auto& x) {
                                       return sum(x, {0, 2}, true);
                                   }),
                         operation("mean", [](const auto& x) { return mean(x, 1); }),
                         operation("mean:all", [](const auto& x) { return mean(x); }),
                         operation("mean:two axes",
                                   [](const auto& x) {
                                       return mean(x, {0, 2}, true);
                                   }),
                         operation("amax", [](const auto& x) { return amax(x, 1); }),
                         operation("amax:all", [](const auto& x) { return amax(x); }),
                         operation("amax:two axes",
                                   [](const auto& x) {
                                       return amax(x, {0, 2}, true);
                                   }),
                         operation("amin", [](const auto& x) { return amin(x, 1); }),
                         operation("amin:all", [](const auto& x) { return amin(x); }),
                         operation("amin:two axes",
                                   [](const auto& x) {
                                       return amin(x, {0, 2}, true);
                                   }),
                         operation("logsumexp", [](const auto& x) { return logsumexp(x, 1); }),
                         operation("logsumexp:two axes",
                                   [](const auto& x) {
                                       return logsumexp(x, {0, 2}, true);
                                   }),
                         operation("prod", [](const auto& x) { return prod(x, 1); }),
                         operation("prod:all", [](const auto& x) { return prod(x); }),
                         operation(
                             "argmax", [](const auto& x) { return argmax(x, 1); }, constant),
                         operation(
                             "argmax:all", [](const auto& x) { return argmax(x); }, constant),
                         operation(
                             "argmin", [](const auto& x) { return argmin(x, 1); }, constant),
                         operation(
                             "argmin:all", [](const auto& x) { return argmin(x); }, constant),
                         operation("max", [](const auto& x) { return max(x, 1).values; }),
                         operation(
                             "max:indices", [](const auto& x) { return max(x, 0, true).indices; }, constant),
                         operation("min", [](const auto& x) { return min(x, 1).values; }),
                         operation(
                             "min:indices", [](const auto& x) { return min(x, 0, true).indices; }, constant),
                         operation(
                             "any", [](const auto& x) { return any(x, 1); }, constant),
                         operation(
                             "all", [](const auto& x) { return all(x, 1); }, constant),
                         operation(
                             "count_nonzero", [](const auto& x) { return count_nonzero(x, 1); }, constant)});

}

TEST_CASE("operations: reduce") { reduce.check(); }
