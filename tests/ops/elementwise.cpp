#include <tapegrad/ops/elementwise.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/isclose.hpp>

#include "../support/elementwise.hpp"
#include "../support/golden.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;
using support::unary;
using support::unary64;
using X = Tensor<double>;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

#define FUNCTION(expression) [](const auto& x) { return expression; }
const support::UnaryRow rows[] = {
    unary("square", -9, 9, FUNCTION(square(x)), [](double x) { return x * x; }),
    unary64("frac", -9, 9, FUNCTION(frac(x)), [](double x) { return x - std::trunc(x); },
            {.kink = 0, .period = 1}),
    unary64("logit", 0.05, 0.95, FUNCTION(logit(x)), [](double x) { return std::log(x) - std::log1p(-x); },
            {.absolute = 1e-2}),
    unary64("clamp_min", -9, 9, FUNCTION(clamp_min(x, -1)), [](double x) { return x < -1 ? -1 : x; },
            {.kink = -1}),
    unary64("clamp_max", -9, 9, FUNCTION(clamp_max(x, 2)), [](double x) { return x > 2 ? 2 : x; },
            {.kink = 2}),
    unary("clamp", -9, 9, FUNCTION(clamp(x, -1, 2)), [](double x) { return x < -1  ? -1
                                                                           : x > 2 ? 2
                                                                                   : x; },
          {.kink = -1, .period = 3}),
};
#undef FUNCTION

double slope(support::Unary<double> f, double at) {
    const X x = X{at}.requires_grad_();
    return grad(f(x), {x})[0].item();
}

}

TEST_CASE("elementwise: every composition") {
    for (const auto& row : rows) support::check_row(row);
}

TEST_CASE("elementwise: gradients at kinks are PyTorch's") {
    CHECK(slope([](const X& x) { return clamp(x, -1, 2); }, -1) == 1);
    CHECK(slope([](const X& x) { return clamp(x, -1, 2); }, 2) == 1);
    CHECK(slope([](const X& x) { return clamp(x, -1, 2); }, 3) == 0);
    CHECK(slope([](const X& x) { return clamp(x, -1, 2); }, -3) == 0);
    // Ours: a NaN is handed on with its gradient.
    CHECK(slope([](const X& x) { return clamp(x, -1, 2); }, not_a_number) == 1);
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

TEST_CASE("elementwise: PyTorch's values and gradients") {
    using support::Golden;
    struct Named {
        const char* name;
        support::Unary<double> f;
    };
    const Named kinks[] = {{"abs", [](const X& x) { return abs(x); }},
                           {"sign", [](const X& x) { return sign(x); }}};
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

TEST_CASE("elementwise: fmax and fmin take the number beside a NaN, with its gradient") {
    const X a = X{1, not_a_number, 1, not_a_number, 2}.requires_grad_();
    const X b = X{1, 1, not_a_number, not_a_number, 3}.requires_grad_();
    for (const bool larger : {true, false}) {
        const X y = larger ? fmax(a, b) : fmin(a, b);
        CHECK(support::same_bits(y, X{1, 1, 1, not_a_number, larger ? 3.0 : 2.0}));
        const auto d = grad(y, {a, b}, {}, ones<double>({5}));
        CHECK(support::same_bits(d[0], X{0.5, 0, 1, 1, larger ? 0.0 : 1.0}));
        CHECK(support::same_bits(d[1], X{0.5, 1, 0, 0, larger ? 1.0 : 0.0}));
    }
    CHECK(support::same_bits(fmax(Tensor<int64_t>{1, 5}, Tensor<int64_t>{3, 2}), Tensor<int64_t>{3, 5}));
}

TEST_CASE("elementwise: lerp reaches both ends exactly") {
    const X a{1e10, 0.1, -3}, b{1, 0.7, 1e-30};
    CHECK(support::same_bits(lerp(a, b, 1), b));
    CHECK(support::same_bits(lerp(a, b, 0), a));
    CHECK(support::same_bits(lerp(a, b, X{0, 1, 0}), X{1e10, 0.7, -3}));
    CHECK_GRAD([](const auto& v) { return lerp(v[0], v[1], v[2]); },
               {support::normal<double>({2, 3}), support::normal<double>({3}, 2), X{{0.2}, {0.9}}}, 3);
}

TEST_CASE("elementwise: clamp_min and clamp_max between tensors") {
    const X low = X{-1, 0, 1}.requires_grad_(), x = X{-5, 0, 7}.requires_grad_();
    backward(clamp_min(x, low) + clamp_max(x, 3), X{1, 10, 100});
    CHECK(support::same_bits(low.grad(), X{1, 0, 0}));
    CHECK(support::same_bits(x.grad(), X{1, 20, 100}));
    CHECK(std::isnan(clamp_min(X{not_a_number}, 1).item()));
    CHECK(std::isnan(clamp(X{1}, X{not_a_number}, 2).item()));
    CHECK(std::isnan(clamp(X{1}, 0, X{not_a_number}).item()));
    CHECK(clamp(X{1}, 3, 2).item() == 2);  // PyTorch's choice
    CHECK(support::same_bits(clamp(Tensor<int32_t>{-5, 0, 5}, -1, 1), Tensor<int32_t>{-1, 0, 1}));
}

TEST_CASE("elementwise: errors") {
    const X a = zeros<double>({2, 3}), b = zeros<double>({2});
    CHECK(message<ShapeError>([&] { static_cast<void>(fmax(a, b)); }) ==
          "fmax: shapes (2, 3) and (2,) do not broadcast: sizes 3 and 2 differ at axis -1");
    CHECK(message<ShapeError>([&] { static_cast<void>(lerp(a, b, 0.5)); }) ==
          "lerp: shapes (2, 3) and (2,) do not broadcast: sizes 3 and 2 differ at axis -1");
    CHECK(message<ShapeError>([&] { static_cast<void>(addcmul(a, a, b)); }) ==
          "addcmul: shapes (2, 3) and (2,) do not broadcast: sizes 3 and 2 differ at axis -1");
    CHECK(message<ShapeError>([&] { static_cast<void>(clamp_min(a, b)); }) ==
          "clamp_min: shapes (2, 3) and (2,) do not broadcast: sizes 3 and 2 differ at axis -1");
}

TEST_CASE("elementwise: every kind of function inside a map") {
    const auto f = [](const auto& v) {
        return map(
            "mixture",
            [](const auto& a, const auto& b) {
                const auto smooth = lgamma(a) * xlogy(a, b) + erfinv(b / 4) * log1mexp(-a) + polygamma(1, a);
                const auto kinked =
                    fmax(a, b) + lerp(a, b, 0.3) + clamp_min(a, 0.1) + remainder(a, 9) + frac(b);
                return smooth * nan_to_num(hypot(a, b)) + where(isfinite(a) ^ isnan(b), kinked, 0) +
                       logaddexp(a, b);
            },
            v[0], v[1]);
    };
    CHECK_GRAD(f, {support::uniform<double>({2, 3}, 2.1, 2.9), support::uniform<double>({3}, 1.1, 1.9)}, 2,
               {.absolute = 1e-3});
}
