#include <tapegrad/simd/copy_plan.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;
using simd::detail::CopyPlan;
using simd::detail::CopyWalk;

TEST_CASE("copy_plan: contiguous axes join to one row") {
    const CopyPlan plan({2, 1, 3, 4}, {12, 7, 4, 1}, {12, 12, 4, 1});
    CHECK((plan.rank == 0 && plan.outer_count == 1 && plan.read.size == 1));
    CHECK((plan.write.size == 24 && plan.write.from == 1 && plan.write.to == 1));
}

TEST_CASE("copy_plan: the same permutation on both sides is a row") {
    const CopyPlan plan({3, 4}, {1, 3}, {1, 3});
    CHECK((plan.rank == 0 && plan.write.size == 12 && plan.read.size == 1));
}

TEST_CASE("copy_plan: a transpose reads along one axis and writes along the other") {
    const CopyPlan plan({5, 3, 4}, {12, 1, 3}, {12, 4, 1});
    CHECK((plan.read.size == 3 && plan.read.from == 1 && plan.read.to == 4));
    CHECK((plan.write.size == 4 && plan.write.from == 3 && plan.write.to == 1));
    CHECK((plan.rank == 1 && plan.outer_count == 5));
}

TEST_CASE("copy_plan: heads are split into rows, and a walk visits each") {
    // (2, 3, 4, 8) in memory as (2, 4, 3, 8).
    const CopyPlan plan({2, 3, 4, 8}, {96, 8, 24, 1}, {96, 32, 8, 1});
    CHECK((plan.write.size == 8 && plan.read.size == 1 && plan.outer_count == 24));
    CopyWalk walk(plan, 0);
    for (int64_t i = 0; i < 24; ++i, walk.next()) {
        const int64_t a = i / 12, b = i / 4 % 3, c = i % 4;
        CHECK((walk.from == 96 * a + 8 * b + 24 * c && walk.to == 8 * i));
        const CopyWalk jumped(plan, i);
        CHECK((jumped.from == walk.from && jumped.to == walk.to));
    }
}

TEST_CASE("copy_plan: a broadcast is not what the source is dense along") {
    const CopyPlan rows({3, 4}, {0, 1}, {4, 1}), fills({3, 4}, {1, 0}, {4, 1});
    CHECK((rows.read.size == 1 && rows.write.from == 1));
    CHECK((fills.read.size == 1 && fills.write.from == 0));
}
