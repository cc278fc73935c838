#include <tapegrad/autograd/gradcheck.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {

/// x^2 with a first derivative of 2 x plus an error, and a second one of 2 plus another.
X square_with_errors(const X& x, double first, double second) {
    return record("square", (x * x).detach(), {x}, [x, first, second](const X& dy) {
        const X slope =
            record("slope", (x * 2 + first).detach(), {x}, [second](const X& d) { return d * (2 + second); });
        return dy * slope;
    });
}

}

TEST_CASE("gradcheck: right gradients pass") {
    const X a = support::uniform<double>({2, 3}, 0.5, 2), b = support::uniform<double>({3}, 0.5, 2, 2);
    CHECK_NOTHROW(
        gradcheck([](const auto& v) { return v[0] * log(v[1]) / v[0] + exp(v[0]); }, {a, b}, {.order = 3}));
    CHECK_NOTHROW(
        gradcheck([](const auto& v) { return sum(v[0] * v[0]); }, {support::spread(a)}, {.order = 3}));
    // A function that is constant, or linear, has gradients of zero.
    CHECK_NOTHROW(gradcheck([](const auto& v) { return floor(v[0]) + v[0]; }, {a}, {.order = 3}));
    CHECK_NOTHROW(gradcheck([&](const auto&) { return a; }, {a}));
}

TEST_CASE("gradcheck: leaves its inputs as they were") {
    const X a = support::normal<double>({5});
    const X before = detail::copy(a);
    gradcheck([](const auto& v) { return v[0] * v[0]; }, {a});
    CHECK(support::same_bits(a, before));
    CHECK_FALSE(a.requires_grad());
}

TEST_CASE("gradcheck: a wrong gradient is found, with its place") {
    const X a{1.0, 2.0};
    const auto f = [](double first, double second) {
        return [=](const auto& v) { return square_with_errors(v[0], first, second); };
    };
    CHECK_NOTHROW(gradcheck(f(0, 0), {a}, {.order = 3}));
    const std::string text = message<AutogradError>([&] { gradcheck(f(1e-3, 0), {a}); });
    CHECK(text.starts_with("gradcheck: order 1, input 0, element 0: recorded "));
    CHECK_NOTHROW(gradcheck(f(0, 1e-3), {a}));
    CHECK(message<AutogradError>([&] {
              gradcheck(f(0, 1e-3), {a}, {.order = 2});
          }).starts_with("gradcheck: order 2, input 0, element 0: recorded "));
    // NaN on one side alone is wrong too.
    CHECK_THROWS_AS(gradcheck(f(std::numeric_limits<double>::quiet_NaN(), 0), {a}), AutogradError);
}

TEST_CASE("gradcheck: works where recording is off") {
    const no_grad off;
    CHECK_NOTHROW(gradcheck([](const auto& v) { return sin(v[0]); }, {X{1, 2, 3}}, {.order = 3}));
    CHECK_FALSE(grad_enabled());
}
