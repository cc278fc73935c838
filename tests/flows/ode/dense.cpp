#include <tapegrad/flows/ode/dense.hpp>

#include <doctest/doctest.h>

#include "../../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("dense: a solution at any time", T, float, double) {
    const auto f = [](double t, const Tensor<T>& y) { return y * static_cast<T>(std::cos(t)); };
    const double rtol = std::is_same_v<T, float> ? 1e-5 : 1e-8;
    for (const OdeMethod method : {OdeMethod::dopri5, OdeMethod::tsit5, OdeMethod::bosh3, OdeMethod::rk4})
        for (const double end : {3., -3.}) {
            const auto y = odeint_dense(f, ones<T>({1}), 0, end,
                                        {.method = method, .rtol = rtol, .atol = 1e-9, .step = 0.02});
            CHECK(y.start() == 0);
            CHECK(y.end() == end);
            CHECK(y.stats().steps > 5);
            for (int i = 0; i <= 40; ++i) {
                const double t = end * i / 40;
                CHECK(static_cast<double>(y(t).item()) ==
                      doctest::Approx(std::exp(std::sin(t))).epsilon(std::is_same_v<T, float> ? 1e-4 : 1e-6));
            }
        }
}

TEST_CASE("dense: outside of the ends, and one step alone") {
    const auto f = [](double, const Tensor<double>& y) { return -y; };
    const auto y = odeint_dense(f, ones<double>({1}), 0, 1);
    CHECK_THROWS_WITH_AS(y(1.5), "DenseSolution: t = 1.5 is outside [0, 1]", ValueError);
    CHECK_THROWS_AS(y(std::numeric_limits<double>::quiet_NaN()), ValueError);
    const auto one = odeint_dense(f, ones<double>({1}), 0, 0.1, {.method = OdeMethod::rk4});
    CHECK(one.stats().steps == 1);
    CHECK(one(0.05).item() == doctest::Approx(std::exp(-0.05)).epsilon(1e-6));
}
