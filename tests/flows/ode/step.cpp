#include <tapegrad/flows/ode/step.hpp>

#include <doctest/doctest.h>

#include "../../support/tensors.hpp"

using namespace tapegrad;

namespace {

/// The error at the end and the largest one within a step of length h of y' = y cos t, y(0) = 1.
std::array<double, 2> errors(const ButcherTableau& tableau, double h) {
    const auto f = [](double t, const Tensor<double>& y) { return y * std::cos(t); };
    const detail::CountedField<Tensor<double>, decltype(f)> field(f);
    const Tensor<double> y0 = ones<double>({1});
    const auto step = detail::take_step(field, tableau, y0, field(0, y0), 0, h);
    const auto off = [](double t, const Tensor<double>& y) {
        return std::abs(y.item() - std::exp(std::sin(t)));
    };
    double within = 0;
    for (const double x : {0.1, 0.25, 0.5, 0.7, 0.9}) {
        const Tensor<double> y = tableau.adaptive ? detail::interpolated(step, x * h)
                                                  : detail::interpolated_cubic(step, f(h, step.y1), x * h);
        within = std::max(within, off(x * h, y));
    }
    return {off(h, step.y1), within};
}

}

TEST_CASE("step: half the step, an error of the method's order less; also within it") {
    for (const OdeMethod method :
         {OdeMethod::euler, OdeMethod::midpoint, OdeMethod::heun, OdeMethod::rk4, OdeMethod::bosh3,
          OdeMethod::dopri5, OdeMethod::tsit5, OdeMethod::dopri8}) {
        const ButcherTableau& t = tableau_of(method);
        const std::string method_name = t.name;
        CAPTURE(method_name);
        const double h = method == OdeMethod::dopri8 ? 1.0 : 0.2;
        const auto whole = errors(t, h), half = errors(t, h / 2);
        // A step of order p is off by h^(p + 1).
        CHECK(std::log2(whole[0] / half[0]) > t.order + 0.5);
        // Within it the polynomial has an order of its own.
        CHECK(std::log2(whole[1] / half[1]) > (t.order == 5 ? 5 : std::min(t.order + 1, 4)) - 0.6);
    }
}

TEST_CASE("step: the ends are the ends, and a wrong shape is an error") {
    const auto f = [](double, const Tensor<float>& y) { return y; };
    const detail::CountedField<Tensor<float>, decltype(f)> field(f);
    const Tensor<float> y0{1, 2};
    const auto step = detail::take_step(field, tableau_of(OdeMethod::dopri5), y0, field(1, y0), 1, 1.5);
    CHECK(support::same_bits(detail::interpolated(step, 1.0), y0));
    CHECK(support::same_bits(detail::interpolated(step, 1.5), step.y1));
    CHECK(field.count() == 7);
    const auto wrong = [](double, const Tensor<float>&) { return zeros<float>({3}); };
    const detail::CountedField<Tensor<float>, decltype(wrong)> bad(wrong);
    CHECK_THROWS_WITH_AS(bad(0, y0), "odeint: f gave (3,) for a state (2,); the rate of change has its shape",
                         ShapeError);
}
