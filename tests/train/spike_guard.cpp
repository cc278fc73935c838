#include <tapegrad/train/spike_guard.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace tapegrad;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity(),
                 not_a_number = std::numeric_limits<double>::quiet_NaN();
}

TEST_CASE("spike_guard: values far above the last ones are refused") {
    SpikeGuard guard({.z = 4, .window = 20, .warmup = 10, .patience = 3});
    CHECK(guard.accepts(1e6));  // nothing to compare with yet
    for (int i = 0; i < 20; ++i) CHECK(guard.accepts(2 + 0.1 * (i % 2)));
    CHECK(guard.score(2.05) == doctest::Approx(0).epsilon(1e-9));
    CHECK(guard.score(2.1) == doctest::Approx(1));
    CHECK(guard.accepts(2.2));
    CHECK(!guard.accepts(2.5));
    CHECK(!guard.accepts(not_a_number));
    CHECK(!guard.accepts(inf));
    CHECK(guard.accepts(-5));  // a loss that falls is no spike
    CHECK(guard.refused() == 3);
}

TEST_CASE("spike_guard: a level that has moved is taken, a NaN never") {
    SpikeGuard guard({.window = 8, .warmup = 4, .patience = 3});
    for (int i = 0; i < 8; ++i) CHECK(guard.accepts(1));
    for (int i = 0; i < 3; ++i) CHECK(!guard.accepts(50));
    CHECK(guard.accepts(50));
    for (int i = 0; i < 10; ++i) CHECK(!guard.accepts(not_a_number));
    CHECK(guard.refused() == 13);
}

TEST_CASE("spike_guard: its state goes on") {
    SpikeGuard a({.window = 10, .warmup = 5}), b({.window = 10, .warmup = 5});
    for (int i = 0; i < 17; ++i) a.accepts(i % 3 + (i == 9 ? 1e3 : 0));
    b.restore(a.state());
    for (int i = 0; i < 30; ++i) {
        const double value = i % 4 + (i % 7 == 3 ? 1e4 : 0);
        CHECK(a.score(value) == b.score(value));
        CHECK(a.accepts(value) == b.accepts(value));
    }
    CHECK(a.refused() == b.refused());
}

TEST_CASE("spike_guard: errors") {
    CHECK_THROWS_WITH_AS(SpikeGuard({.z = 0}), "spike_guard: z 0, window 128, warmup 32, patience 10",
                         ValueError);
    CHECK_THROWS_AS(SpikeGuard({.window = 5}), ValueError);
    SpikeGuard guard({.window = 4, .warmup = 4});
    CHECK_THROWS_WITH_AS(guard.restore(zeros<double>({7})),
                         "spike_guard: a state of shape (7,) for a window of 4", ValueError);
}
