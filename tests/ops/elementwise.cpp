#include <tapegrad/ops/elementwise.hpp>

#include <doctest/doctest.h>

#include "../support/elementwise.hpp"
#include "../support/golden.hpp"

using namespace tapegrad;
using support::unary;
using X = Tensor<double>;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

#define FUNCTION(expression) [](const auto& x) { return expression; }
const support::UnaryRow rows[] = {
    unary("square", -9, 9, FUNCTION(square(x)), [](double x) { return x * x; }),
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
