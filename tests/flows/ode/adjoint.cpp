#include <tapegrad/flows/ode/adjoint.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/reduce.hpp>

#include "../../support/ode.hpp"

using namespace tapegrad;

TEST_CASE("adjoint: torchdiffeq's gradients, and those through the steps") {
    const auto f = support::golden_field();
    const auto dy = support::ode_golden("dy");
    for (const OdeMethod method : {OdeMethod::rk4, OdeMethod::dopri5, OdeMethod::dopri8})
        for (const bool seminorm : {false, true}) {
            const std::string method_name = tableau_of(method).name;
            CAPTURE(method_name);
            const Tensor<double> y0 = support::ode_golden("y0").requires_grad_();
            const auto solution = odeint_adjoint(f, y0, {0, 0.3, 1, 1.4}, {.method = method, .step = 0.05},
                                                 {.backward = {}, .seminorm = seminorm});
            const Tensor<double> y = stack(solution.y);
            CHECK(support::close(y, support::ode_golden(method_name + ".y"), 1e-6));
            const auto d = grad(y, {y0, f.u, f.v, f.w}, {}, dy);
            const char* const keys[] = {"dy0", "du", "dv", "dw"};
            for (std::size_t i = 0; i < 4; ++i) {
                if (method != OdeMethod::dopri8)
                    CHECK(
                        support::close(d[i], support::ode_golden(method_name + ".adjoint." + keys[i]), 1e-6));
                CHECK(support::close(d[i], support::ode_golden(method_name + '.' + keys[i]), 1e-5));
            }
        }
}

TEST_CASE("adjoint: several tensors, in float, of parameters that are named") {
    using Pair = std::array<Tensor<float>, 2>;
    const auto a = Tensor<float>(0.5F).requires_grad_(), unused = Tensor<float>(1.F).requires_grad_();
    const auto f = [&](double, const Pair& s) { return Pair{s[1] * a, s[0] * -a}; };
    const auto loss_of = [](const Pair& y) { return sum(y[0]) + 2 * sum(y[1] * y[1]); };
    const Pair y0{Tensor<float>{1, 2}.requires_grad_(), Tensor<float>{{0}, {1}}.requires_grad_()};
    const OdeOptions options{.rtol = 1e-5, .atol = 1e-6};
    const auto wrong = [&](double t, const Pair& s) {
        return Pair{f(t, {s[0], reshape(s[1], {2})})[0],
                    reshape(f(t, {s[0], reshape(s[1], {2})})[1], {2, 1})};
    };
    const auto through = grad(loss_of(odeint(wrong, y0, {0, 1}, options).last()), {y0[0], y0[1], a});
    const auto around = grad(loss_of(odeint_adjoint(wrong, y0, {0, 1}, {a, unused}, options).last()),
                             {y0[0], y0[1], a, unused});
    for (std::size_t i = 0; i < 3; ++i) CHECK(support::close(around[i], through[i], 1e-4));
    CHECK(around[3].item() == 0);
}

TEST_CASE("adjoint: a field that reads nothing, and no gradient at all") {
    const auto f = [](double t, const Tensor<double>& y) { return full_like(y, t); };
    const Tensor<double> y0 = ones<double>({2}).requires_grad_();
    const auto y = odeint_adjoint(f, y0, {0, 1}, std::vector<Tensor<double>>{}).last();
    CHECK(support::close(grad(sum(y), {y0})[0], ones<double>({2}), 1e-12));
    CHECK(!odeint_adjoint(f, y0.detach(), {0, 1}, std::vector<Tensor<double>>{}).last().requires_grad());
}

TEST_CASE("adjoint: memory does not grow with the steps") {
    const auto f = support::golden_field();
    const Tensor<double> y0 = support::ode_golden("y0").requires_grad_();
    const auto held = [&](double step) {
        const int64_t before = detail::Tape::current().end();
        const auto y = odeint_adjoint(f, y0, {0, 1}, {.method = OdeMethod::rk4, .step = step}).last();
        return detail::Tape::current().end() - before;
    };
    CHECK(held(0.5) == held(0.01));
}

TEST_CASE("adjoint: no gradient of the gradient") {
    const auto f = support::golden_field();
    const Tensor<double> y0 = support::ode_golden("y0").requires_grad_();
    const auto y = sum(odeint_adjoint(f, y0, {0, 1}).last());
    CHECK_THROWS_WITH_AS(grad(y, {y0}, {.create_graph = true}),
                         "odeint_adjoint: has first derivatives only; odeint has those of any order",
                         AutogradError);
}
