#include <tapegrad/flows/ode/odeint.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/join.hpp>
#include <tapegrad/ops/matmul.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../../support/check_grad.hpp"
#include "../../support/ode.hpp"

using namespace tapegrad;

namespace {

constexpr OdeMethod methods[] = {OdeMethod::euler, OdeMethod::midpoint, OdeMethod::heun,  OdeMethod::rk4,
                                 OdeMethod::bosh3, OdeMethod::dopri5,   OdeMethod::tsit5, OdeMethod::dopri8};

/// Points that turn around the middle: (cos t, sin t).
template <class T>
Tensor<T> turn(double, const Tensor<T>& y) {
    return matmul(Tensor<T>{{0, -1}, {1, 0}}, y);
}

}

TEST_CASE_TEMPLATE("odeint: a turn, in both directions", T, float, double) {
    const bool single = std::is_same_v<T, float>;
    for (const OdeMethod method : methods) {
        const std::string method_name = tableau_of(method).name;
        CAPTURE(method_name);
        OdeOptions options{.method = method, .step = 0.01};
        if (single) options.rtol = 1e-5, options.atol = 1e-6;
        const double tolerance = method == OdeMethod::euler                                   ? 0.02
                                 : method == OdeMethod::midpoint || method == OdeMethod::heun ? 1e-4
                                 : single                                                     ? 1e-4
                                                                                              : 1e-6;
        for (const double sign : {1., -1.}) {
            const auto solution =
                odeint(turn<T>, Tensor<T>{1, 0}, {0, sign * 0.7, sign * 1.5, sign * 2}, options);
            CHECK(solution.y.size() == 4);
            CHECK(solution.stats.steps > 3);
            CHECK(solution.stats.evaluations >= solution.stats.steps);
            const double times[] = {0, 0.7, 1.5, 2};
            for (std::size_t i = 0; i < 4; ++i) {
                CAPTURE(i);
                CHECK(std::abs(static_cast<double>(solution.y[i].data()[0]) - std::cos(times[i])) <
                      tolerance);
                CHECK(std::abs(static_cast<double>(solution.y[i].data()[1]) - sign * std::sin(times[i])) <
                      tolerance);
            }
        }
    }
}

TEST_CASE("odeint: torchdiffeq's solutions and gradients") {
    const auto f = support::golden_field();
    const auto dy = support::ode_golden("dy");
    for (const OdeMethod method : methods) {
        if (method == OdeMethod::tsit5) continue;  // it has none
        const std::string method_name = tableau_of(method).name;
        CAPTURE(method_name);
        const Tensor<double> y0 = support::ode_golden("y0").requires_grad_();
        const auto solution = odeint(f, y0, {0, 0.3, 1, 1.4}, {.method = method, .step = 0.05});
        const Tensor<double> y = stack(solution.y);
        // The interpolant of bosh3 is another one there, and better.
        const double tolerance = method == OdeMethod::bosh3    ? 1e-5
                                 : method == OdeMethod::dopri8 ? 1e-6
                                                               : 1e-8;
        const bool given = !tableau_of(method).adaptive;
        CHECK(support::close(y, support::ode_golden(method_name + ".y"), given ? 1e-12 : 10 * tolerance));
        const auto d = grad(y, {y0, f.u, f.v, f.w}, {}, dy);
        const char* const keys[] = {"dy0", "du", "dv", "dw"};
        for (std::size_t i = 0; i < 4; ++i)
            CHECK(support::close(d[i], support::ode_golden(method_name + '.' + keys[i]),
                                 given ? 1e-12 : 100 * tolerance));
    }
}

TEST_CASE("odeint: gradients of any order go through the steps") {
    const auto f = [](const std::vector<Tensor<double>>& x) {
        const auto field = [&](double t, const Tensor<double>& y) { return tanh(y * x[1] + t); };
        return odeint(field, x[0], {0, 0.4}, {.method = OdeMethod::rk4, .step = 0.2}).last();
    };
    CHECK_GRAD(f, {support::normal<double>({2}, 1), support::normal<double>({2}, 2)});
}

TEST_CASE("odeint: several tensors at once") {
    using Pair = std::array<Tensor<double>, 2>;
    const auto f = [](double, const Pair& s) { return Pair{s[1], -s[0]}; };
    const auto pair = odeint(f, Pair{Tensor<double>{1, 2}, Tensor<double>{0, 0}}, {0, 1});
    CHECK(support::close(pair.last()[0], Tensor<double>{std::cos(1), 2 * std::cos(1)}, 1e-6));
    using List = std::vector<Tensor<double>>;
    const auto g = [](double, const List& s) { return List{s[1], -s[0]}; };
    const auto list = odeint(g, List{Tensor<double>{1, 2}, Tensor<double>{0, 0}}, {0, 1});
    CHECK(support::same_bits(list.last()[1], pair.last()[1]));
    CHECK(list.stats.evaluations == pair.stats.evaluations);
}

TEST_CASE("odeint: f is not called beyond the end") {
    double furthest = 0;
    const auto f = [&](double t, const Tensor<double>& y) {
        furthest = std::max(furthest, t);
        return y / (1.001 - t);  // which has no solution behind 1.001
    };
    static_cast<void>(odeint(f, ones<double>({1}), {0, 0.5, 1}));
    CHECK(furthest == 1);
}

TEST_CASE("odeint: times that make no sense") {
    const auto refused = [](const std::vector<double>& times, const char* message) {
        CHECK_THROWS_WITH_AS(odeint(turn<float>, Tensor<float>{1, 0}, times), message, ValueError);
    };
    refused({0}, "odeint: 1 times; a solution has a start and an end");
    refused({0, 0}, "odeint: time 1 is 0; times are finite and strictly increase or strictly decrease");
    refused({0, 1, 0.5},
            "odeint: time 2 is 0.5; times are finite and strictly increase or strictly decrease");
    refused({0, std::numeric_limits<double>::quiet_NaN()},
            "odeint: time 1 is nan; times are finite and strictly increase or strictly decrease");
}
