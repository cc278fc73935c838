// Spreads and norms over axes, and means that pass over NaN.
#include <doctest/doctest.h>

#include <tapegrad/ops/count.hpp>
#include <tapegrad/ops/norm.hpp>
#include <tapegrad/ops/variance.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

/// One lambda for every p.
auto norm_of(double p) {
    return [p](const auto& x) { return norm(x, p, 1); };
}

const Operations spreads("reduce",
                         {operation("var", [](const auto& x) { return var(x, 1); }),
                          operation("var:population",
                                    [](const auto& x) {
                                        return var(x, {0, 2}, {.correction = 0, .keepdims = true});
                                    }),
                          operation("var:all", [](const auto& x) { return var(x); }),
                          operation("stddev", [](const auto& x) { return stddev(x, 1); }),
                          operation("stddev:population",
                                    [](const auto& x) {
                                        return stddev(x, {0, 2}, {.correction = 0, .keepdims = true});
                                    }),
                          operation("stddev:all", [](const auto& x) { return stddev(x); }),
                          operation("var_mean", [](const auto& x) { return var_mean(x, 0).var; }),
                          operation("var_mean:mean", [](const auto& x) { return var_mean(x, 0).mean; }),
                          operation("std_mean", [](const auto& x) { return std_mean(x, 0).stddev; }),
                          operation("std_mean:mean", [](const auto& x) { return std_mean(x, 0).mean; }),
                          operation("norm", norm_of(2)),
                          operation("norm:0", norm_of(0), {.order = 0, .nan = false}),
                          operation("norm:1", norm_of(1)),
                          operation("norm:3", norm_of(3)),
                          operation("norm:half", norm_of(0.5)),
                          operation("norm:1.5", norm_of(1.5)),
                          operation("norm:-1", norm_of(-1)),
                          operation("norm:inf", norm_of(inf)),
                          operation("norm:-inf", norm_of(-inf)),
                          operation("norm:all", [](const auto& x) { return norm(x); }),
                          operation("nansum", [](const auto& x) { return nansum(x, 1); }, {.nan = false}),
                          operation("nanmean", [](const auto& x) { return nanmean(x, 1); }, {.nan = false})});

}

TEST_CASE("operations: reduce to spreads and norms") { spreads.check(); }
