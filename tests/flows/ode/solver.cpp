#include <tapegrad/flows/ode/solver.hpp>

#include <doctest/doctest.h>

#include "../../support/tensors.hpp"

using namespace tapegrad;

namespace {
const auto decay = [](double, const Tensor<double>& y) { return -y; };
using Solver = detail::OdeSolver<Tensor<double>, decltype(decay)>;
}

TEST_CASE("solver: stops at the limit, and goes on") {
    Solver solver(decay, ones<double>({1}), 0, {});
    solver.advance_to(1);
    CHECK(solver.t() == 1);
    CHECK(solver.y().item() == doctest::Approx(std::exp(-1.0)).epsilon(1e-7));
    const int64_t steps = solver.stats().steps;
    solver.advance_to(1.5);
    CHECK(solver.t() == 1.5);
    // A short last step does not make those after it short.
    CHECK(solver.stats().steps - steps < steps);
    CHECK(solver.at(1.49).item() == doctest::Approx(std::exp(-1.49)).epsilon(1e-7));
}

TEST_CASE("solver: steps of a given length divide the way evenly") {
    Solver solver(decay, ones<double>({1}), 0, {.method = OdeMethod::rk4, .step = 0.3});
    solver.advance_to(1);
    CHECK(solver.stats().steps == 4);
    CHECK(solver.stats().evaluations == 16);
    CHECK(solver.at(0.9).item() == doctest::Approx(std::exp(-0.9)).epsilon(1e-4));
    CHECK(solver.stats().evaluations == 17);  // of the slope at the end, which the next step has then
    solver.advance_to(1.6);
    CHECK(solver.stats().evaluations == 16 + 8);
}

TEST_CASE("solver: bounds of the steps") {
    Solver bounded(decay, ones<double>({1}), 0, {.first_step = 0.01, .max_step = 0.1});
    bounded.advance(10);
    CHECK(bounded.t() == doctest::Approx(0.01));
    bounded.advance(10);
    CHECK(bounded.t() <= 0.11 + 1e-12);
    Solver few(decay, ones<double>({1}), 0, {.max_step = 0.01, .max_steps = 10});
    CHECK_THROWS_WITH_AS(few.advance_to(1), doctest::Contains("odeint: 10 are not enough steps: at t = 0.0"),
                         OdeError);
}

TEST_CASE("solver: an end of the solution is an error that says where") {
    // y' = y^2 from 1 ends at t = 1.
    const auto f = [](double, const Tensor<double>& y) { return y * y; };
    detail::OdeSolver<Tensor<double>, decltype(f)> solver(f, ones<double>({2}), 0, {});
    try {
        solver.advance_to(2);
        CHECK(false);
    } catch (const OdeError& e) {
        CHECK(e.t == doctest::Approx(1).epsilon(1e-6));
        CHECK(e.step < 1e-10);
        const std::string message = e.what();
        CAPTURE(message);
        CHECK(message.starts_with("odeint: at t = "));
        CHECK(message.find(", which does not move t; the state (2,) has |y| up to ") != message.npos);
        CHECK(message.ends_with(
            "; the solution may end here, or rtol and atol ask for more than the numbers have"));
    }
    detail::OdeSolver<Tensor<double>, decltype(f)> bounded(f, ones<double>({2}), 0, {.min_step = 1e-3});
    CHECK_THROWS_WITH_AS(bounded.advance_to(2), doctest::Contains(", below min_step; the state (2,) has"),
                         OdeError);
}

TEST_CASE("solver: what is not finite is an error, not a loop") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    Solver start(decay, full<double>({1}, nan), 0, {});
    CHECK_THROWS_WITH_AS(
        start.advance(1),
        doctest::Contains(
            "at t = 0 the step became 0, since the state is not finite; the state (1,) has |y| up to nan"),
        OdeError);
    const auto f = [nan](double t, const Tensor<double>& y) { return t > 0.5 ? full_like(y, nan) : -y; };
    detail::OdeSolver<Tensor<double>, decltype(f)> solver(f, ones<double>({1}), 0, {});
    try {
        solver.advance_to(1);
        CHECK(false);
    } catch (const OdeError& e) {
        CHECK(e.t == doctest::Approx(0.5));
    }
}

TEST_CASE("solver: options that make no sense") {
    const auto refused = [](const OdeOptions& options, const char* message) {
        CHECK_THROWS_WITH_AS(Solver(decay, ones<double>({1}), 0, options), message, ValueError);
    };
    refused({.rtol = -1}, "odeint: rtol is -1");
    refused({.rtol = 0, .atol = 0}, "odeint: atol is 0");
    refused({.step = -1}, "odeint: step is -1");
    refused({.first_step = -2}, "odeint: first_step is -2");
    refused({.min_step = -1}, "odeint: min_step is -1");
    refused({.min_step = 2, .max_step = 1}, "odeint: max_step is 1");
    refused({.safety = 1}, "odeint: safety is 1");
    refused({.ifactor = 1}, "odeint: ifactor is 1");
    refused({.dfactor = 0}, "odeint: dfactor is 0");
}
