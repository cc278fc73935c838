#include <tapegrad/optim/one_cycle.hpp>

#include <doctest/doctest.h>

#include "schedule_golden.hpp"

using namespace tapegrad;

TEST_CASE("one_cycle: equals torch.optim.lr_scheduler.OneCycleLR, and ends where it ends") {
    const OneCycleLR cycle{.lr = 0.1, .total_steps = 60};
    equals_golden_rates("one_cycle", cycle);
    equals_golden_rates("one_cycle.momentum", [&](int64_t step) { return cycle.momentum(step); });
    equals_golden_rates("one_cycle_linear", OneCycleLR{.lr = 0.1,
                                                       .total_steps = 60,
                                                       .pct_start = 0.4,
                                                       .linear = true,
                                                       .div_factor = 10,
                                                       .final_div_factor = 100,
                                                       .three_phase = true});
    CHECK(cycle(59) == doctest::Approx(0.1 / 25 / 1e4));
    CHECK(cycle(1000) == cycle(59));
    CHECK(cycle.momentum(1000) == 0.95);
}
