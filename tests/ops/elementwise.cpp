#include <tapegrad/ops/elementwise.hpp>

#include <doctest/doctest.h>

#include "../support/elementwise.hpp"
#include "../support/golden.hpp"

using namespace tapegrad;
using support::unary;
using X = Tensor<double>;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

double sigmoid_of(double x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }
double softplus_of(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

#define FUNCTION(expression) [](const auto& x) { return expression; }
const support::UnaryRow rows[] = {
    unary("square", -9, 9, FUNCTION(square(x)), [](double x) { return x * x; }),
    unary("sigmoid", -40, 40, FUNCTION(sigmoid(x)), [](double x) { return x == -inf ? 0 : sigmoid_of(x); }),
    unary("relu", -9, 9, FUNCTION(relu(x)), [](double x) { return x > 0 || x != x ? x : 0; }, {.kink = 0}),
    // As in PyTorch the -inf times 0 of gelu and silu is NaN.
    unary("gelu", -9, 9, FUNCTION(gelu(x)),
          [](double x) { return 0.5 * x * (1 + std::erf(x * std::sqrt(0.5))); }, {.ulp = 9}),
    unary("silu", -40, 40, FUNCTION(silu(x)),
          [](double x) { return x == -inf ? -inf * 0 : x * sigmoid_of(x); }),
    unary("softplus", -40, 40, FUNCTION(softplus(x)), softplus_of),
    unary("logsigmoid", -40, 40, FUNCTION(logsigmoid(x)), [](double x) { return -softplus_of(-x); }),
    unary("clamp", -9, 9, FUNCTION(clamp(x, -1, 2)), [](double x) { return x < -1  ? -1
                                                                           : x > 2 ? 2
                                                                                   : x; },
          {.kink = -1, .period = 3}),
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

TEST_CASE("elementwise: every composition") {
    for (const auto& row : rows) support::check_row(row);
}

TEST_CASE("elementwise: what is smooth is smooth at 0 too") {
    const auto near = [](const std::vector<double>& got, const std::vector<double>& want) {
        for (std::size_t i = 0; i < want.size(); ++i)
            CHECK(got[i] == doctest::Approx(want[i]).epsilon(1e-12));
    };
    near(derivatives([](const X& x) { return sigmoid(x); }, 0), {0.25, 0, -0.125});
    near(derivatives([](const X& x) { return softplus(x); }, 0), {0.5, 0.25, 0});
    near(derivatives([](const X& x) { return logsigmoid(x); }, 0), {0.5, -0.25, 0});
    near(derivatives([](const X& x) { return silu(x); }, 0), {0.5, 0.5, 0});
    near(derivatives([](const X& x) { return gelu(x); }, 0), {0.5, 2 / std::sqrt(2 * std::acos(-1.0)), 0});
}

TEST_CASE("elementwise: gradients at kinks are PyTorch's") {
    CHECK(slope([](const X& x) { return relu(x); }, 0) == 0);
    CHECK(slope([](const X& x) { return clamp(x, -1, 2); }, -1) == 1);
    CHECK(slope([](const X& x) { return clamp(x, -1, 2); }, 2) == 1);
    CHECK(slope([](const X& x) { return clamp(x, -1, 2); }, 3) == 0);
    CHECK(slope([](const X& x) { return clamp(x, -1, 2); }, -3) == 0);
    // Ours: a NaN is handed on with its gradient.
    CHECK(slope([](const X& x) { return clamp(x, -1, 2); }, not_a_number) == 1);
    CHECK(slope([](const X& x) { return relu(x); }, not_a_number) == 1);
}

TEST_CASE("elementwise: no NaN in gradients of large inputs, of any order") {
    for (const support::Unary<double> f : {support::Unary<double>([](const X& x) { return sigmoid(x); }),
                                           support::Unary<double>([](const X& x) { return silu(x); }),
                                           support::Unary<double>([](const X& x) { return gelu(x); }),
                                           support::Unary<double>([](const X& x) { return softplus(x); }),
                                           support::Unary<double>([](const X& x) { return logsigmoid(x); })})
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

TEST_CASE("elementwise: clamp between tensors") {
    const X x = support::uniform<double>({2, 5}, -3, 3);
    CHECK_GRAD([](const auto& v) { return clamp(v[0] * v[0], v[1], v[2]); },
               {x, X{0.5}, support::uniform<double>({5}, 2, 4)}, 2);
    const X low = X{-1}.requires_grad_(), high = X{1}.requires_grad_(), in = X{-5, 0, 7, 8};
    backward(clamp(in, low, high), X{1, 10, 100, 1000});
    CHECK(low.grad().item() == 1);
    CHECK(high.grad().item() == 1100);
}

TEST_CASE("elementwise: compositions inside a map are one operation") {
    const X x = support::normal<double>({4, 5}), g = support::normal<double>({5}, 2);
    const auto fused = [](const auto& v) {
        return map(
            "gate", [](const auto& a, const auto& b) { return silu(a) * gelu(b) + softplus(a * b); }, v[0],
            v[1]);
    };
    CHECK_GRAD(fused, {x, g}, 3);
    CHECK(support::close(fused(std::vector{x, g}), silu(x) * gelu(g) + softplus(x * g), 1e-14));
}

TEST_CASE("elementwise: PyTorch's values and gradients") {
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
    const Named kinks[] = {{"abs", [](const X& x) { return abs(x); }},
                           {"sign", [](const X& x) { return sign(x); }},
                           {"relu", [](const X& x) { return relu(x); }}};
    for (const Named& row : kinks)
        for (const char* part : {".zero", ".special"})
            Golden::check(row.name + std::string(part), {"x"}, [&](const auto& v) { return row.f(v[0]); });
    Golden::check("maximum.ties", {"a", "b"}, [](const auto& v) { return maximum(v[0], v[1]); });
    Golden::check("minimum.ties", {"a", "b"}, [](const auto& v) { return minimum(v[0], v[1]); });
    Golden::check("maximum.nan", {"a", "b"}, [](const auto& v) { return maximum(v[0], v[1]); });
    Golden::check("minimum.nan", {"a", "b"}, [](const auto& v) { return minimum(v[0], v[1]); });
    // The gradient at a NaN apart, which is 0 there: clamp is compared where x is a number.
    const X x = Golden::get("clamp.both.x").requires_grad_(), y = clamp(x, -1, 1);
    CHECK(support::close(y, Golden::get("clamp.both.y"), 0));
    const X d = grad(y, {x}, {}, Golden::get("clamp.both.dy"))[0];
    CHECK(support::close(where(x.detach() == x.detach(), d, 0), Golden::get("clamp.both.dx"), 0));
}
