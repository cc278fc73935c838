#include <tapegrad/flows/ode/tableau.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace tapegrad;

namespace {

double sum_of(const ButcherTableau::Row& row) {
    double total = 0;
    for (const double v : row) total += v;
    return total;
}
double moment(const ButcherTableau& t, const ButcherTableau::Row& row, int power) {
    double total = 0;
    for (std::size_t i = 0; i < t.stages; ++i) total += row[i] * std::pow(t.node[i], power);
    return total;
}

}

TEST_CASE("tableau: the conditions of quadrature up to the order, and rows that add up to their node") {
    for (const OdeMethod method :
         {OdeMethod::euler, OdeMethod::midpoint, OdeMethod::heun, OdeMethod::rk4, OdeMethod::bosh3,
          OdeMethod::dopri5, OdeMethod::tsit5, OdeMethod::dopri8}) {
        const ButcherTableau& t = tableau_of(method);
        const std::string method_name = t.name;
        CAPTURE(method_name);
        for (std::size_t i = 0; i < t.stages; ++i) CHECK(std::abs(sum_of(t.coupling[i]) - t.node[i]) < 2e-12);
        // sum b_i c_i^(q - 1) = 1 / q
        for (int q = 1; q <= t.order; ++q) CHECK(std::abs(moment(t, t.weight, q - 1) - 1. / q) < 1e-12);
        if (t.last_is_next) {
            CHECK(t.node[t.stages - 1] == 1);
            CHECK(t.coupling[t.stages - 1] == t.weight);
        }
        if (!t.adaptive) continue;
        CHECK(std::abs(sum_of(t.error)) < 1e-12);
        // The solution in the middle is that of order 3 at least: sum m_i c_i^(q - 1) = (1/2)^q / q
        for (int q = 1; q <= 3; ++q) {
            CAPTURE(q);
            CHECK(std::abs(moment(t, t.middle, q - 1) - std::pow(0.5, q) / q) < 1e-9);
        }
    }
}

TEST_CASE("tableau: no method") {
    CHECK_THROWS_WITH_AS(tableau_of(static_cast<OdeMethod>(77)), "odeint: there is no method 77", ValueError);
}
