#include <tapegrad/flows/ode/event.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/slicing.hpp>

#include "../../support/ode.hpp"

using namespace tapegrad;

namespace {
/// Height and speed under a gravity of 10.
template <class T>
Tensor<T> fall(double, const Tensor<T>& y) {
    return matmul(Tensor<T>{{0, 1}, {0, 0}}, y) + Tensor<T>{0, -10};
}
template <class T>
Tensor<T> height(double, const Tensor<T>& y) {
    return narrow(y, 0, 0, 1);
}
}

TEST_CASE_TEMPLATE("event: a ball reaches the ground", T, float, double) {
    const double tolerance = std::is_same_v<T, float> ? 1e-5 : 1e-9;
    for (const OdeMethod method : {OdeMethod::dopri5, OdeMethod::dopri8, OdeMethod::rk4}) {
        const auto hit = odeint_event(fall<T>, Tensor<T>{5, 0}, 0, 10, height<T>,
                                      {.method = method, .rtol = 1e-6, .atol = 1e-9, .step = 0.3});
        CHECK(hit.happened);
        CHECK(hit.t == doctest::Approx(1).epsilon(tolerance));
        CHECK(hit.y.data()[1] == doctest::Approx(-10).epsilon(tolerance));
        CHECK(hit.stats.steps > 0);
    }
    // From the ground up: the first sign counts, and time may run backwards.
    const auto thrown = odeint_event(fall<T>, Tensor<T>{0, 10}, 0, 10, height<T>);
    CHECK(thrown.t == doctest::Approx(2).epsilon(tolerance));
    const auto back = odeint_event(fall<T>, Tensor<T>{5, 0}, 0, -10, height<T>);
    CHECK(back.t == doctest::Approx(-1).epsilon(tolerance));
    const auto never = odeint_event(fall<T>, Tensor<T>{5, 0}, 0, 0.5, height<T>);
    CHECK(!never.happened);
    CHECK(never.t == 0.5);
}

TEST_CASE("event: torchdiffeq's time, state and gradients") {
    const auto f = support::golden_field();
    const Tensor<double> y0 = support::ode_golden("y0").requires_grad_();
    const auto event = [](double, const Tensor<double>& y) {
        return narrow(narrow(y, 0, 0, 1), 1, 0, 1) - 0.1;
    };
    const auto found = odeint_event(f, y0, 0, 20, event);
    REQUIRE(found.happened);
    CHECK(found.t == doctest::Approx(support::ode_golden("event.t").item()).epsilon(1e-7));
    CHECK(support::close(found.y, support::ode_golden("event.y"), 1e-7));
    const auto d = grad(found.time, {y0, f.u, f.w});
    CHECK(support::close(d[0], support::ode_golden("event.dy0"), 1e-6));
    CHECK(support::close(d[1], support::ode_golden("event.du"), 1e-6));
    CHECK(support::close(d[2], support::ode_golden("event.dw"), 1e-6));
}

TEST_CASE("event: the state moves with the time") {
    // A ball that falls from h hits at t = sqrt(h / 5) with speed -sqrt(20 h).
    Tensor<double> h{5, 0};
    h.requires_grad_();
    const auto hit = odeint_event(fall<double>, h, 0, 10, height<double>);
    CHECK(grad(hit.time, {h}, {.retain_graph = true})[0].data()[0] == doctest::Approx(0.1).epsilon(1e-6));
    const auto speed = select(hit.y, 0, 1), at = select(hit.y, 0, 0);
    CHECK(grad(speed, {h}, {.retain_graph = true})[0].data()[0] == doctest::Approx(-1).epsilon(1e-6));
    CHECK(std::abs(grad(at, {h})[0].data()[0]) < 1e-6);
}

TEST_CASE("event: errors") {
    const auto both = [](double, const Tensor<float>& y) { return y; };
    CHECK_THROWS_WITH_AS(odeint_event(fall<float>, Tensor<float>{5, 0}, 0, 10, both),
                         "odeint_event: the event gave (2,), not one number", ShapeError);
    CHECK_THROWS_WITH_AS(
        odeint_event(fall<float>, Tensor<float>{5, 0}, 0, 10, height<float>, {.method = OdeMethod::rk4}),
        "odeint_event: rk4 needs a step", ValueError);
    CHECK_THROWS_AS(odeint_event(fall<float>, Tensor<float>{5, 0}, 1, 1, height<float>), ValueError);
}
