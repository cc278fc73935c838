#include <tapegrad/optim/line_search.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;
using detail::LinePoint;

TEST_CASE("line_search: the minimum of a cubic, held in the range") {
    // t^3 - 3 t: a minimum of -2 at 1.
    const auto at = [](double t) { return LinePoint{t, t * t * t - 3 * t, 3 * t * t - 3}; };
    CHECK(detail::cubic_minimum(at(0), at(2), 0, 2) == doctest::Approx(1));
    CHECK(detail::cubic_minimum(at(2), at(0), 0, 2) == doctest::Approx(1));
    CHECK(detail::cubic_minimum(at(0), at(2), 1.5, 2) == 1.5);
    CHECK(detail::cubic_minimum({0, 0, 1}, {1, 1, 1}, 0, 1) == 0);  // a line up
    CHECK(detail::cubic_minimum({0, 0, -1}, {1, 2, -1}, 0, 3) < 3);
    CHECK(detail::cubic_minimum({0, 0, 1}, {1, 0.5, 1}, 0, 3) == 1.5);  // no minimum
}

TEST_CASE("line_search: satisfies the strong Wolfe conditions, from steps that are too short and too long") {
    // (t - 3)^4 - t, and a valley with a wave on it.
    const auto quartic = [](double t) { return std::pow(t - 3, 4) - t; };
    const auto quartic_slope = [](double t) { return 4 * std::pow(t - 3, 3) - 1; };
    const auto wave = [](double t) { return 0.1 * (t - 5) * (t - 5) + 0.3 * std::sin(4 * t); };
    const auto wave_slope = [](double t) { return 0.2 * (t - 5) + 1.2 * std::cos(4 * t); };
    const auto check = [](const auto& f, const auto& df, double t) {
        CAPTURE(t);
        int64_t calls = 0, counted = 0;
        const auto sample = [&](double at) {
            ++counted;
            return detail::LineSample<double>{{at, f(at), df(at)}, {}};
        };
        const auto start = sample(0);
        counted = 0;
        const auto found = detail::strong_wolfe(start, t, 1, {}, sample, calls);
        CHECK(found.loss <= start.loss + 1e-4 * found.t * start.slope);
        CHECK(std::fabs(found.slope) <= 0.9 * std::fabs(start.slope));
        CHECK(calls == counted);
        CHECK(calls < 20);
    };
    for (const double t : {1e-4, 0.1, 1.0, 3.0, 10.0, 1e3}) {
        check(quartic, quartic_slope, t);
        check([&](double x) { return wave(x - 1); }, [&](double x) { return wave_slope(x - 1); }, t);
    }
}

TEST_CASE("line_search: ends after max_trials with the best of what it saw") {
    int64_t calls = 0;
    const auto sample = [](double t) { return detail::LineSample<double>{{t, -t, -1}, {}}; };  // no bottom
    const auto found = detail::strong_wolfe(sample(0), 1, 1, {.max_trials = 3}, sample, calls);
    CHECK(calls == 4);
    CHECK(found.loss == -found.t);
    CHECK(found.t > 1);
    CHECK(detail::strong_wolfe(sample(0), 1, 1, {.max_trials = 0}, sample, calls).t == 1);
}
