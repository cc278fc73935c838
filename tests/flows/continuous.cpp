#include <tapegrad/flows/continuous.hpp>

#include <doctest/doctest.h>

#include <tapegrad/flows/flow.hpp>

#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

/// dx/dt = A x, whose divergence is tr A: x(1) = exp(A) x(0).
struct LinearField {
    Tensor<double> a;
    TAPEGRAD_FIELDS(a);
    Tensor<double> operator()(double, const Tensor<double>& x) const { return matmul(x, transpose(a, 0, 1)); }
};
/// The same, moved by a context.
struct MovedField {
    Tensor<double> a;
    TAPEGRAD_FIELDS(a);
    Tensor<double> operator()(double, const Tensor<double>& x, const Tensor<double>& context) const {
        return matmul(x, transpose(a, 0, 1)) + context;
    }
};

const OdeOptions tight{.rtol = 1e-8, .atol = 1e-8};

}

static_assert(Bijector<ContinuousFlow<LinearField>, double>);
static_assert(Bijector<ContinuousFlow<TimeMlp<ELU>>, float>);

TEST_CASE("continuous: a linear field, by every kind of trace") {
    const Tensor<double> a{{0.3, -0.2}, {0.5, 0.1}};
    const auto x = support::normal<double>({6, 2});
    for (const Divergence how : {Divergence::exact, Divergence::gaussian, Divergence::rademacher}) {
        const ContinuousFlow flow(LinearField{a}, {.divergence = how, .ode = tight});
        const auto there = flow.inverse(x), back = flow.forward(there.value);
        CHECK(support::close(back.value, x, 1e-7));
        if (how != Divergence::exact) continue;
        CHECK(support::close(there.log_det, full<double>({6}, 0.4), 1e-7));
        CHECK(support::close(back.log_det, full<double>({6}, -0.4), 1e-7));
    }
}

TEST_CASE_TEMPLATE("continuous: an MLP, forwards and back, whose volume is that of the trace by backward", T,
                   float, double) {
    Generator generator(3);
    const TimeMlp<ELU, T> field(2, {16, 16}, generator);
    const bool single = std::is_same_v<T, float>;
    const ContinuousOptions options{.ode = {.rtol = single ? 1e-6 : 1e-9, .atol = single ? 1e-6 : 1e-9}};
    const ContinuousFlow flow(field, options);
    const auto x = support::normal<T>({7, 2});
    const auto z = flow.forward(x);
    const auto back = flow.inverse(z.value);
    CHECK(support::close(back.value, x, single ? 1e-4 : 1e-6));
    CHECK(support::close(back.log_det, -z.log_det, single ? 1e-4 : 1e-6));
}

namespace {
struct Plain {  // does not know its divergence
    TimeMlp<ELU, double> mlp;
    TAPEGRAD_FIELDS(mlp);
    Tensor<double> operator()(double t, const Tensor<double>& v) const { return mlp(t, v); }
};
}

TEST_CASE("continuous: a field that does not know its divergence") {
    Generator generator(3);
    const TimeMlp<ELU, double> field(2, {6}, generator);
    const auto x = support::normal<double>({3, 2});
    const auto z = ContinuousFlow(field, {.ode = tight}).forward(x);
    const auto same = ContinuousFlow(Plain{field}, {.ode = tight}).forward(x);
    CHECK(support::close(same.value, z.value, 1e-6));
    CHECK(support::close(same.log_det, z.log_det, 1e-6));
}

TEST_CASE("continuous: gradients through the steps and by the adjoint are the same") {
    Generator generator(4);
    TimeMlp<Tanh, double> field(2, {6}, generator);
    const auto x = support::normal<double>({5, 2});
    const auto loss = [&](bool adjoint) {
        const Flow density(StandardNormal<double>({2}),
                           ContinuousFlow(field, {.adjoint = adjoint, .ode = tight}));
        return -mean(density.log_prob(x));
    };
    const auto leaves = parameters<double>(field);
    const auto through = grad(loss(false), leaves), around = grad(loss(true), leaves);
    for (std::size_t i = 0; i < leaves.size(); ++i) CHECK(support::close(around[i], through[i], 1e-6));
}

TEST_CASE("continuous: a context, and a density that is one") {
    const Tensor<double> a{{0.2, 0}, {0, -0.1}};
    const ContinuousFlow flow(MovedField{a}, {.ode = tight});
    const auto context = support::normal<double>({4, 2});
    const auto x = support::normal<double>({4, 2}, 2);
    CHECK(support::close(flow.forward(flow.inverse(x, context).value, context).value, x, 1e-6));
    const Flow density(StandardNormal<double>({2}), ContinuousFlow(LinearField{a}, {.ode = tight}));
    // exp(A) makes a normal density of standard deviations e^0.2 and e^-0.1.
    const double want = -std::log(2 * 3.14159265358979324) - 0.1;
    CHECK(density.log_prob(zeros<double>({1, 2})).item() == doctest::Approx(want).epsilon(1e-7));
    Generator generator(1);
    CHECK(density.sample(9, generator).shape() == Shape{9, 2});
    CHECK_THROWS_AS(flow.forward(Tensor<double>(1.0)), ShapeError);
    const auto path = ContinuousFlow(LinearField{a}, {.ode = tight}).trajectory(x, {0, 0.5, 1});
    CHECK(path.y.size() == 3);
}
