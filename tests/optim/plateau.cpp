#include <tapegrad/optim/plateau.hpp>

#include <doctest/doctest.h>

#include "schedule_golden.hpp"

using namespace tapegrad;

namespace {
constexpr PlateauOptions all_options{.lr = 0.1,
                                     .maximize = true,
                                     .factor = 0.5,
                                     .patience = 1,
                                     .threshold = 0.05,
                                     .relative = false,
                                     .cooldown = 3,
                                     .min_lr = 0.004};
}

TEST_CASE("plateau: equals torch.optim.lr_scheduler.ReduceLROnPlateau") {
    const std::vector<double> metric = golden_rates("plateau.metric");
    ReduceLROnPlateau falls({.lr = 0.1, .patience = 2}), other(all_options);
    equals_golden_rates("plateau",
                        [&](int64_t i) { return falls.step(metric[static_cast<std::size_t>(i)]); });
    equals_golden_rates("plateau_options",
                        [&](int64_t i) { return other.step(metric[static_cast<std::size_t>(i)]); });
    CHECK(other.lr() == 0.004);
}

TEST_CASE("plateau: a saved state continues as if it had not stopped") {
    const std::vector<double> metric = golden_rates("plateau.metric");
    ReduceLROnPlateau whole(all_options), saved(all_options);
    for (std::size_t i = 0; i < metric.size(); ++i) {
        ReduceLROnPlateau next(all_options);
        next.load_state_dict(saved.state_dict());
        saved = next;
        CHECK(saved.step(metric[i]) == whole.step(metric[i]));
    }
}

TEST_CASE("plateau: NaN is not better") {
    ReduceLROnPlateau schedule({.patience = 0});
    CHECK(schedule.step(1) == 1);
    CHECK(schedule.step(std::nan("")) == doctest::Approx(0.1));
    CHECK(schedule.step(0.5) == doctest::Approx(0.1));
}

TEST_CASE("plateau: errors") {
    CHECK_THROWS_WITH_AS(ReduceLROnPlateau({.factor = 1}),
                         "ReduceLROnPlateau: factor is 1; it must be in [0, 1)", ValueError);
    CHECK_THROWS_WITH_AS(ReduceLROnPlateau({.cooldown = -1}),
                         "ReduceLROnPlateau: cooldown is -1; it must not be negative", ValueError);
    ReduceLROnPlateau schedule({});
    StateDict dict;
    CHECK_THROWS_WITH_AS(schedule.load_state_dict(dict), "ReduceLROnPlateau: the state has no number lr",
                         ValueError);
}
