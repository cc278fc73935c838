#include <tapegrad/ops/activation.hpp>

#include <doctest/doctest.h>

#include "../support/elementwise.hpp"
#include "../support/golden.hpp"

using namespace tapegrad;
using support::unary;
using support::unary64;
using X = Tensor<double>;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

double sigmoid_of(double x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }
double softplus_of(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
double held(double x, double low, double high) { return x < low ? low : x > high ? high : x; }
double elu_of(double x, double alpha) { return x > 0 ? x : alpha * std::expm1(x); }

#define FUNCTION(expression) [](const auto& x) { return expression; }
const support::UnaryRow rows[] = {
    unary("sigmoid", -40, 40, FUNCTION(sigmoid(x)), [](double x) { return x == -inf ? 0 : sigmoid_of(x); }),
    unary("relu", -9, 9, FUNCTION(relu(x)), [](double x) { return x > 0 || x != x ? x : 0; }, {.kink = 0}),
    unary64("hardtanh", -9, 9, FUNCTION(hardtanh(x)), [](double x) { return held(x, -1, 1); },
            {.kink = -1, .period = 2}),
    unary64("hardtanh(-2, 0.5)", -9, 9, FUNCTION(hardtanh(x, -2, 0.5)),
            [](double x) { return held(x, -2, 0.5); }, {.kink = -2, .period = 2.5}),
    unary64("relu6", -9, 9, FUNCTION(relu6(x)), [](double x) { return held(x, 0, 6); },
            {.kink = 0, .period = 6}),
    unary64("leaky_relu", -9, 9, FUNCTION(leaky_relu(x)), [](double x) { return x > 0 ? x : 0.01 * x; },
            {.kink = 0}),
    unary64("leaky_relu(0.2)", -9, 9, FUNCTION(leaky_relu(x, 0.2)),
            [](double x) { return x > 0 ? x : 0.2 * x; }, {.kink = 0}),
    unary64("elu", -9, 9, FUNCTION(elu(x)), [](double x) { return elu_of(x, 1); }, {.kink = 0}),
    unary64("elu(0.7)", -9, 9, FUNCTION(elu(x, 0.7)), [](double x) { return elu_of(x, 0.7); }, {.kink = 0}),
    unary64("selu", -9, 9, FUNCTION(selu(x)),
            [](double x) { return 1.0507009873554804934 * elu_of(x, 1.6732632423543772848); }, {.kink = 0}),
    unary64("celu(2)", -9, 9, FUNCTION(celu(x, 2)),
            [](double x) { return x > 0 ? x : 2 * std::expm1(x / 2); }, {.kink = 0}),
    // As in PyTorch the -inf times 0 of gelu and silu is NaN.
    unary("gelu", -9, 9, FUNCTION(gelu(x)), [](double x) { return 0.5 * x * std::erfc(-x * std::sqrt(0.5)); },
          {.ulp = 9}),
    unary64("gelu(tanh)", -9, 9, FUNCTION(gelu(x, {.approximate = GeluForm::tanh})),
            [](double x) {
                return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * x * (1 + 0.044715 * x * x)));
            },
            {.ulp = 9}),
    unary("silu", -40, 40, FUNCTION(silu(x)),
          [](double x) { return x == -inf ? -inf * 0 : x * sigmoid_of(x); }),
    unary("softplus", -40, 40, FUNCTION(softplus(x)), softplus_of),
    unary64("softplus(3)", -20, 20, FUNCTION(softplus(x, 3)),
            [](double x) { return softplus_of(3 * x) / 3; }),
    unary("logsigmoid", -40, 40, FUNCTION(logsigmoid(x)), [](double x) { return -softplus_of(-x); }),
    unary64("mish", -40, 40, FUNCTION(mish(x)), [](double x) { return x * std::tanh(softplus_of(x)); }),
    unary64("hardsigmoid", -9, 9, FUNCTION(hardsigmoid(x)), [](double x) { return held(x + 3, 0, 6) / 6; },
            {.kink = -3, .period = 6}),
    unary64("hardswish", -9, 9, FUNCTION(hardswish(x)),
            [](double x) { return x == -inf ? 0 : x * held(x + 3, 0, 6) / 6; }, {.kink = -3, .period = 6}),
    unary64("softsign", -9, 9, FUNCTION(softsign(x)), [](double x) { return x / (1 + std::fabs(x)); },
            {.kink = 0}),
    unary64("softshrink", -9, 9, FUNCTION(softshrink(x)),
            [](double x) { return x > 0.5    ? x - 0.5
                                  : x < -0.5 ? x + 0.5
                                             : x * 0; },
            {.kink = -0.5, .period = 1}),
    unary64("hardshrink(2)", -9, 9, FUNCTION(hardshrink(x, 2)),
            [](double x) { return x >= -2 && x <= 2 ? 0 : x; }, {.kink = -2, .period = 4}),
    unary64("threshold", -9, 9, FUNCTION(threshold(x, 0.5, -2)), [](double x) { return x <= 0.5 ? -2 : x; },
            {.kink = 0.5}),
};
#undef FUNCTION

/// Derivatives of orders 1, 2, 3 at x.
std::vector<double> derivatives(support::Unary<double> f, double at) {
    const X x = X{at}.requires_grad_();
    std::vector<double> values;
    X y = f(x);
    for (int order = 1; order <= 3; ++order) {
        y = grad(y, {x}, {.create_graph = true})[0];
        values.push_back(y.item());
        if (!y.requires_grad()) y = y + x * 0;
    }
    return values;
}
double slope(support::Unary<double> f, double at) {
    const X x = X{at}.requires_grad_();
    return grad(f(x), {x})[0].item();
}

}

TEST_CASE("activation: every function") {
    for (const auto& row : rows) support::check_row(row);
}

TEST_CASE("activation: what is smooth is smooth at 0 too") {
    const auto near = [](const std::vector<double>& got, const std::vector<double>& want) {
        for (std::size_t i = 0; i < want.size(); ++i)
            CHECK(got[i] == doctest::Approx(want[i]).epsilon(1e-12));
    };
    near(derivatives([](const X& x) { return sigmoid(x); }, 0), {0.25, 0, -0.125});
    near(derivatives([](const X& x) { return softplus(x); }, 0), {0.5, 0.25, 0});
    near(derivatives([](const X& x) { return logsigmoid(x); }, 0), {0.5, -0.25, 0});
    near(derivatives([](const X& x) { return silu(x); }, 0), {0.5, 0.5, 0});
    near(derivatives([](const X& x) { return mish(x); }, 0), {0.6, 0.64, -0.096});
    near(derivatives([](const X& x) { return gelu(x); }, 0), {0.5, 2 / std::sqrt(2 * std::acos(-1.0)), 0});
}

TEST_CASE_TEMPLATE("activation: gelu keeps its digits far below 0", T, float, double) {
    // Relative to the value; the exponent of phi(x) = exp(-x^2 / 2) / sqrt(2 pi) is rounded in the derivatives.
    const auto close = [](const Tensor<T>& got, long double want, long double in_eps) {
        CHECK(std::fabs(static_cast<long double>(got.item()) / want - 1) <=
              in_eps * static_cast<long double>(std::numeric_limits<T>::epsilon()));
    };
    for (const T at : {T(-0.5), T(-2.5), T(-5), T(-5.5), T(-6), T(-9), T(-12.5)}) {
        CAPTURE(at);
        const long double v = static_cast<long double>(at),
                          phi = std::exp(-v * v / 2) / std::sqrt(2 * std::acos(-1.0L)),
                          below = std::erfc(-v * std::sqrt(0.5L)) / 2;
        const Tensor<T> x = Tensor<T>{at}.requires_grad_();
        const Tensor<T> y = gelu(x), d = grad(y, {x}, {.create_graph = true})[0],
                        d2 = grad(d, {x}, {.create_graph = true})[0], d3 = grad(d2, {x})[0];
        close(y, v * below, 8);
        close(d, below + v * phi, 100);
        close(d2, phi * (2 - v * v), 100);
        close(d3, phi * v * (v * v - 4), 100);
        const long double u = std::sqrt(2 / std::acos(-1.0L)) * v * (1 + 0.044715L * v * v);
        if (u > -40) close(gelu(x, {.approximate = GeluForm::tanh}), v / (1 + std::exp(-2 * u)), 100);
    }
}

TEST_CASE("activation: gradients at kinks are PyTorch's") {
    const struct {
        double at;
        support::Unary<double> f;
        double slope;
    } kinks[] = {
        {0, [](const X& x) { return relu(x); }, 0},
        {-1, [](const X& x) { return hardtanh(x); }, 0},
        {1, [](const X& x) { return hardtanh(x); }, 0},
        {0, [](const X& x) { return relu6(x); }, 0},
        {6, [](const X& x) { return relu6(x); }, 0},
        {0, [](const X& x) { return leaky_relu(x); }, 0.01},
        {0, [](const X& x) { return elu(x); }, 1},
        {0, [](const X& x) { return selu(x); }, 1.7580993408473766},
        {0, [](const X& x) { return celu(x); }, 1},
        {-3, [](const X& x) { return hardsigmoid(x); }, 0},
        {3, [](const X& x) { return hardsigmoid(x); }, 0},
        {-3, [](const X& x) { return hardswish(x); }, 0},
        {3, [](const X& x) { return hardswish(x); }, 1},
        {0, [](const X& x) { return softsign(x); }, 1},
        {0.5, [](const X& x) { return softshrink(x); }, 0},
        {-0.5, [](const X& x) { return hardshrink(x); }, 0},
        {0.5, [](const X& x) { return threshold(x, 0.5, 2); }, 0},
    };
    for (const auto& [at, f, want] : kinks) {
        CAPTURE(at);
        CHECK(slope(f, at) == want);
    }
    // Ours: a NaN is handed on with its gradient.
    CHECK(slope([](const X& x) { return relu(x); }, not_a_number) == 1);
}

TEST_CASE("activation: no NaN in gradients of large inputs, of any order") {
    for (const support::Unary<double> f : {support::Unary<double>([](const X& x) { return sigmoid(x); }),
                                           support::Unary<double>([](const X& x) { return silu(x); }),
                                           support::Unary<double>([](const X& x) { return gelu(x); }),
                                           support::Unary<double>([](const X& x) { return softplus(x); }),
                                           support::Unary<double>([](const X& x) { return logsigmoid(x); }),
                                           support::Unary<double>([](const X& x) { return mish(x); }),
                                           support::Unary<double>([](const X& x) { return elu(x); }),
                                           support::Unary<double>([](const X& x) { return celu(x, 2); }),
                                           support::Unary<double>([](const X& x) { return selu(x); })})
        for (const double at : {1e3, -1e3, 30.0, -30.0, 1e5, -1e5}) {
            CAPTURE(at);
            for (const double d : derivatives(f, at)) CHECK(std::isfinite(d));
            CHECK(std::isfinite(slope(f, at)));
        }
    // What is small stays exact in relation to its size.
    CHECK(sigmoid(Tensor<float>{-80}).item() == doctest::Approx(std::exp(-80.0)).epsilon(1e-5));
    CHECK(silu(Tensor<float>{-50}).item() == doctest::Approx(-50 * std::exp(-50.0)).epsilon(1e-5));
    CHECK(softplus(Tensor<float>{-80}).item() == doctest::Approx(std::exp(-80.0)).epsilon(1e-5));
}

TEST_CASE("activation: compositions inside a map are one operation") {
    const X x = support::normal<double>({4, 5}), g = support::normal<double>({5}, 2);
    const auto fused = [](const auto& v) {
        return map(
            "gate", [](const auto& a, const auto& b) { return silu(a) * gelu(b) + softplus(a * b); }, v[0],
            v[1]);
    };
    CHECK_GRAD(fused, {x, g}, 3);
    CHECK(support::close(fused(std::vector{x, g}), silu(x) * gelu(g) + softplus(x * g), 1e-14));
}

TEST_CASE("activation: PyTorch's values and gradients") {
    using support::Golden;
    struct Named {
        const char* name;
        support::Unary<double> f;
    };
    const Named smooth[] = {{"gelu", [](const X& x) { return gelu(x); }},
                            {"silu", [](const X& x) { return silu(x); }},
                            {"sigmoid", [](const X& x) { return sigmoid(x); }},
                            {"tanh", [](const X& x) { return tanh(x); }},
                            {"softplus", [](const X& x) { return softplus(x); }},
                            {"logsigmoid", [](const X& x) { return logsigmoid(x); }}};
    for (const Named& row : smooth)
        for (const char* part : {".smooth", ".large", ".special"})
            // Above 20 PyTorch's softplus is x, 2e-9 below the value, and its slope 1.
            Golden::check(
                row.name + std::string(part), {"x"}, [&](const auto& v) { return row.f(v[0]); },
                row.name == std::string("softplus") ? 3e-9 : 1e-12);
    for (const char* part : {".zero", ".special"})
        Golden::check("relu" + std::string(part), {"x"}, [](const auto& v) { return relu(v[0]); });
}
