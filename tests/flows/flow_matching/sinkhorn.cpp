#include <tapegrad/flows/flow_matching/sinkhorn.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../../support/matching.hpp"

using namespace tapegrad;

TEST_CASE("sinkhorn: POT's plan") {
    const auto plan = sinkhorn(support::matching_golden("costs"),
                               {.regularization = 0.5, .iterations = 100000, .tolerance = 1e-13});
    CHECK(support::close(plan, support::matching_golden("sinkhorn"), 1e-6));
}

TEST_CASE_TEMPLATE("sinkhorn: sums, also for costs that underflow", T, float, double) {
    const auto costs = square(support::normal<T>({4, 7})) * T(1e4);
    const auto plan = sinkhorn(costs, {.regularization = 500, .iterations = 5000});
    CHECK(support::close(sum(plan, {1}), full<T>({4}, T(0.25)), 1e-4));
    CHECK(support::close(sum(plan, {0}), full<T>({7}, T(1) / 7), 1e-4));
    CHECK(std::isfinite(sum(sinkhorn(costs)).item()));
}

TEST_CASE("sinkhorn: errors") {
    CHECK_THROWS_WITH_AS(sinkhorn(zeros<float>({3})), "sinkhorn: costs (3,) are not (n, m)", ShapeError);
    CHECK_THROWS_WITH_AS(sinkhorn(zeros<float>({2, 2}), {.regularization = 0}),
                         "sinkhorn: the regularization is 0", ValueError);
}
