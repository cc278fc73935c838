#include <tapegrad/optim/schedule_free.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("schedule_free: equals its paper over 100 steps") {
    const auto check = [](const char* name, const ScheduleFreeAdamWOptions& o) {
        reference::equals_golden<ScheduleFreeAdamW<float>, ScheduleFreeAdamW<double>>(name, o);
    };
    check("schedule_free", {});
}

TEST_CASE("schedule_free: a saved state continues bit for bit") {
    reference::resumes<ScheduleFreeAdamW<float>>(ScheduleFreeAdamWOptions{.weight_decay = 0.1, .warmup = 4});
}

namespace {
/// Shows the averages after each step.
template <Floating T>
struct Evaluated : ScheduleFreeAdamW<T> {
    using ScheduleFreeAdamW<T>::ScheduleFreeAdamW;
    void step() {
        this->train();
        ScheduleFreeAdamW<T>::step();
        this->eval();
    }
};
}

TEST_CASE("schedule_free: evaluates at the paper's average, and trains on from the bits before") {
    const ScheduleFreeAdamWOptions options{.weight_decay = 0.1, .warmup = 20};
    reference::equals_golden<Evaluated<float>, Evaluated<double>>("schedule_free_evaluated", options);
    reference::resumes<Evaluated<float>>(options);
}

TEST_CASE("schedule_free: train and eval in any order") {
    Tensor<float> p = linspace<float>(-1, 1, 5);
    ScheduleFreeAdamW optimizer(std::vector{p}, {.lr = 0.1});
    optimizer.eval();  // nothing was trained yet
    CHECK(p(0) == -1);
    for (int i = 0; i < 3; ++i) {
        p.set_grad(full<float>({5}, static_cast<float>(i) - 0.3F));
        optimizer.step();
    }
    const std::vector<float> trained = to_vector(p);
    optimizer.eval();
    const std::vector<float> shown = to_vector(p);
    CHECK(shown != trained);
    optimizer.eval();
    CHECK(to_vector(p) == shown);
    CHECK_THROWS_WITH_AS(optimizer.step(),
                         "ScheduleFreeAdamW: the parameters show their averages; call train() before step()",
                         Error);
    optimizer.train();
    CHECK(to_vector(p) == trained);
    optimizer.train();
    CHECK(to_vector(p) == trained);
}

TEST_CASE("schedule_free: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(ScheduleFreeAdamW(params, {.beta1 = 0}),
                         "ScheduleFreeAdamW: beta1 is 0; the average cannot be had from the parameters",
                         ValueError);
    CHECK_THROWS_WITH_AS(ScheduleFreeAdamW(params, {.warmup = -1}),
                         "ScheduleFreeAdamW: warmup is -1; it must not be negative", ValueError);
}
