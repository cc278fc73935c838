#include <tapegrad/optim/schedule.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/tensor/creation.hpp>

#include "schedule_golden.hpp"

using namespace tapegrad;

std::vector<double> golden_rates(const std::string& name) {
    return to_vector(SafetensorsFile("tests/golden/schedule.safetensors").load<double>(name));
}
void equals_golden_rates(const std::string& name, const std::function<double(int64_t)>& schedule) {
    CAPTURE(name);
    const std::vector<double> wanted = golden_rates(name);
    const double largest = *std::max_element(wanted.begin(), wanted.end());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        CAPTURE(i);
        // PyTorch multiplies its last rate by a factor in some schedules: some 60 roundings.
        CHECK(std::fabs(schedule(static_cast<int64_t>(i)) - wanted[i]) <= 1e-14 * largest);
    }
}

TEST_CASE("schedule: equal torch.optim.lr_scheduler") {
    equals_golden_rates("constant", ConstantLR{.lr = 0.1, .factor = 0.25, .total_iters = 7});
    equals_golden_rates("linear",
                        LinearLR{.lr = 0.1, .start_factor = 0.1, .end_factor = 0.8, .total_iters = 20});
    equals_golden_rates("polynomial", PolynomialLR{.lr = 0.1, .total_iters = 40, .power = 1.7});
    equals_golden_rates("step", StepLR{.lr = 0.1, .step_size = 9, .gamma = 0.3});
    equals_golden_rates("multi_step", MultiStepLR{.lr = 0.1, .milestones = {5, 20, 20, 33}, .gamma = 0.5});
    equals_golden_rates("exponential", ExponentialLR{.lr = 0.1, .gamma = 0.93});
    equals_golden_rates("cosine", CosineAnnealingLR{.lr = 0.1, .T_max = 25, .eta_min = 0.01});
    equals_golden_rates("restarts", CosineAnnealingWarmRestarts{.lr = 0.1, .T_0 = 8, .eta_min = 0.01});
    equals_golden_rates("restarts_longer", CosineAnnealingWarmRestarts{.lr = 0.1, .T_0 = 4, .T_mult = 2});
}

TEST_CASE("schedule: warm-up, stable, decay") {
    WarmupStableDecayLR schedule{.lr = 2, .warmup = 4, .stable = 10, .decay = 8, .min_lr = 1};
    CHECK(schedule(0) == doctest::Approx(0.4));
    CHECK(schedule(3) == doctest::Approx(1.6));
    CHECK(schedule(4) == 2);
    CHECK(schedule(13) == 2);
    CHECK(schedule(14) == 2);
    CHECK(schedule(16) == doctest::Approx(1.5));  // a quarter of the way: its root is a half
    CHECK(schedule(22) == 1);
    CHECK(schedule(1000) == 1);
    schedule.fall = Fall::linear;
    CHECK(schedule(16) == doctest::Approx(1.75));
    schedule.fall = Fall::cosine;
    CHECK(schedule(18) == doctest::Approx(1.5));
    CHECK(schedule(16) == doctest::Approx(1 + (1 + std::sqrt(0.5)) / 2));
}

TEST_CASE("schedule: rise, cosine, floor") {
    constexpr WarmupOptions o{.warmup = 100, .total = 2000, .max_lr = 1e-3, .min_lr = 1e-4};
    CHECK(cosine_with_warmup(0, o) == doctest::Approx(1e-3 / 101));
    CHECK(cosine_with_warmup(99, o) == doctest::Approx(1e-3 * 100 / 101));
    CHECK(cosine_with_warmup(100, o) == doctest::Approx(1e-3));
    CHECK(cosine_with_warmup(1050, o) == doctest::Approx(5.5e-4));
    CHECK(cosine_with_warmup(575, o) == doctest::Approx(1e-4 + 9e-4 * 0.5 * (1 + std::sqrt(0.5))));
    CHECK(cosine_with_warmup(2000, o) == 1e-4);
    CHECK(cosine_with_warmup(1'000'000, o) == 1e-4);
}

TEST_CASE("schedule: without a rise, without a way") {
    CHECK(cosine_with_warmup(0, {.total = 10, .max_lr = 1}) == 1);
    CHECK(cosine_with_warmup(0, {.max_lr = 1, .min_lr = 0.5}) == 0.5);
    CHECK(cosine_with_warmup(5, {.warmup = 5, .total = 5, .max_lr = 1, .min_lr = 0.5}) == 0.5);
}
