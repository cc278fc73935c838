#include <tapegrad/optim/schedules.hpp>

#include <doctest/doctest.h>

#include "schedule_golden.hpp"

using namespace tapegrad;

TEST_CASE("schedules: equal torch.optim.lr_scheduler's ChainedScheduler and SequentialLR") {
    equals_golden_rates("chained", ChainedLR(ConstantLR{.lr = 0.1, .factor = 0.5, .total_iters = 10},
                                             ExponentialLR{.gamma = 0.95}));
    equals_golden_rates("sequential",
                        SequentialLR({10, 40}, LinearLR{.lr = 0.1, .start_factor = 0.1, .total_iters = 10},
                                     ExponentialLR{.lr = 0.1, .gamma = 0.9},
                                     ConstantLR{.lr = 0.1, .factor = 0.2, .total_iters = 5}));
}

TEST_CASE("schedules: may be nested, of one, of lambdas") {
    const SequentialLR inner({2}, ConstantLR{.factor = 0.5, .total_iters = 9},
                             [](int64_t step) { return 10.0 * static_cast<double>(step); });
    const ChainedLR twice(inner, ConstantLR{.lr = 2, .total_iters = 0});
    CHECK(twice(1) == 1);
    CHECK(twice(2) == 0);
    CHECK(twice(5) == 60);
    CHECK(SequentialLR({}, StepLR{.gamma = 0.5})(3) == 0.125);
}

TEST_CASE("schedules: errors") {
    CHECK_THROWS_WITH_AS(SequentialLR({5, 5}, ConstantLR(), ConstantLR(), ConstantLR()),
                         "SequentialLR: milestone 5 does not lie behind 5", ValueError);
    CHECK_THROWS_WITH_AS(SequentialLR({0}, ConstantLR(), ConstantLR()),
                         "SequentialLR: milestone 0 does not lie behind 0", ValueError);
}
