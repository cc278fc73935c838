#include <tapegrad/autograd/functional.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/matmul.hpp>
#include <tapegrad/ops/reduce.hpp>
#include <tapegrad/ops/softmax.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {

X f(const X& x, const X& w) { return softmax(tanh(matmul(x, w)) * 3, -1); }
X loss(const X& x, const X& w) { return sum(f(x, w) * matmul(x, w)); }
X inner(const X& a, const X& b) { return sum(a * b); }
const X x = support::normal<double>({2, 3}), w = support::normal<double>({3, 4}, 2),
        dy = support::normal<double>({2, 4}, 3), vx = support::normal<double>({2, 3}, 4),
        vw = support::normal<double>({3, 4}, 5);
constexpr double h = 1e-5;

}

TEST_CASE("vjp: the gradients of grad, and a result without a graph") {
    const auto [y, d] = vjp(f, {x, w}, dy);
    CHECK(support::same_bits(y, f(x, w)));
    CHECK_FALSE(y.requires_grad());
    const X a = detail::copy(x).requires_grad_(), b = detail::copy(w).requires_grad_();
    const auto want = grad(f(a, b), {a, b}, {}, dy);
    CHECK(support::same_bits(d[0], want[0]));
    CHECK(support::same_bits(d[1], want[1]));
    CHECK_FALSE(d[0].requires_grad());
    CHECK_FALSE(x.requires_grad());
    const auto number = vjp(loss, {x, w});  // one number needs no weight
    CHECK(number.y.rank() == 0);
}

TEST_CASE("jvp: central differences along a direction") {
    const auto [y, d] = jvp(f, {x, w}, {vx, vw});
    CHECK(support::same_bits(y, f(x, w)));
    CHECK(support::close(d, (f(x + vx * h, w + vw * h) - f(x - vx * h, w - vw * h)) / (2 * h), 1e-9));
    CHECK_FALSE(d.requires_grad());
    // <dy, J v> = <J^T dy, v>
    const auto back = vjp(f, {x, w}, dy).gradients;
    CHECK(inner(dy, d).item() ==
          doctest::Approx(inner(back[0], vx).item() + inner(back[1], vw).item()).epsilon(1e-13));
}

TEST_CASE("hvp: central differences of the gradient") {
    const auto [y, d] = hvp(loss, {x, w}, {vx, vw});
    const auto above = vjp(loss, {x + vx * h, w + vw * h}).gradients,
               below = vjp(loss, {x - vx * h, w - vw * h}).gradients;
    for (std::size_t i = 0; i < 2; ++i) CHECK(support::close(d[i], (above[i] - below[i]) / (2 * h), 1e-8));
    CHECK(y.item() == loss(x, w).item());
}

TEST_CASE("vjp, jvp, hvp: with a graph they are functions of the inputs and of what is captured") {
    CHECK_GRAD(
        [](const auto& v) {
            return vjp(f, {v[0], v[1]}, v[2], {.create_graph = true}).gradients[1];
        },
        {x, w, dy}, 1);
    CHECK_GRAD(
        [](const auto& v) {
            const X captured = v[1];
            const auto g = [captured](const X& u) { return f(u, captured); };
            return jvp(g, {v[0]}, {v[2]}, {.create_graph = true}).dy;
        },
        {x, w, vx}, 1);
    CHECK_GRAD(
        [](const auto& v) {
            return hvp(loss, {v[0], v[1]}, {v[2], v[3]}, {.create_graph = true}).gradients[0];
        },
        {x, w, vx, vw}, 1);
}

TEST_CASE("vjp, jvp, hvp: constants, inputs that come back, derivatives that vanish") {
    const auto constant = [](const X& a) { return zeros<double>({2}) + a.numel(); };
    const auto same = [](const X& a) { return a; };
    const auto linear = [](const X& a) { return sum(a * 2); };
    CHECK(support::same_bits(vjp(constant, {x}, X{1, 1}).gradients[0], zeros<double>({2, 3})));
    CHECK(support::same_bits(jvp(constant, {x}, {vx}).dy, zeros<double>({2})));
    CHECK(support::same_bits(vjp(same, {x}, vx).gradients[0], vx));
    CHECK(support::same_bits(jvp(same, {x}, {vx}).dy, vx));
    CHECK(support::same_bits(hvp(linear, {x}, {vx}).gradients[0], zeros<double>({2, 3})));
    // The second input does not take part.
    const auto first = [](const X& a, const X&) { return a * a; };
    CHECK(support::same_bits(vjp(first, {x, w}, vx).gradients[1], zeros<double>({3, 4})));
}

TEST_CASE("vjp, jvp, hvp: leave the graph around them, and no_grad, as they are") {
    const int64_t end = detail::Tape::current().end();
    const X a = detail::copy(x).requires_grad_(), captured = a * 2;
    const auto g = [&captured](const X& u) { return sum(u * captured * u); };
    {
        const no_grad off;
        static_cast<void>(hvp(g, {a}, {vx}));
        CHECK_FALSE(grad_enabled());
    }
    static_cast<void>(vjp(g, {a}));
    static_cast<void>(jvp(g, {a}, {vx}));
    CHECK_FALSE(a.grad().defined());
    CHECK(detail::Tape::current().end() == end + 1);
    sum(captured).backward();  // what it saved is still there
    CHECK(support::same_bits(a.grad(), full<double>({2, 3}, 2)));
    // Inside a backward too.
    const X y =
        record("nested", a.detach() * 1, {a}, [&](const X& d) { return d * vjp(g, {x}).gradients[0]; });
    sum(y * captured.detach() * 0 + y).backward();
    CHECK(support::close(a.grad(), vjp(g, {x}).gradients[0] + 2, 1e-14));
}

TEST_CASE("vjp, jvp, hvp: errors") {
    CHECK(message<ShapeError>([] {
              static_cast<void>(vjp(f, {x, w}, vx));
          }) == "vjp: gradient (2, 3) of a result (2, 4); the shapes must be equal");
    CHECK(message<ShapeError>([] {
              static_cast<void>(vjp(f, {x, w}));
          }) == "vjp: a result (2, 4) is not one number; sum it, or pass its gradient");
    CHECK(message<ShapeError>([] {
              static_cast<void>(jvp(f, {x, w}, {vx, vx}));
          }) == "jvp: vector 1 (2, 3) of an input (3, 4); the shapes must be equal");
    CHECK(message<ShapeError>([] {
              static_cast<void>(hvp(f, {x, w}, {vx, vw}));
          }) == "hvp: the function gave (2, 4), not one number");
    const auto step = [](const X& a) { return record_constant("step", a.detach(), {a}); };
    CHECK(message<AutogradError>([&] { static_cast<void>(jvp(step, {x}, {vx})); }) ==
          "step: has no derivative, but a gradient was asked through it; detach() its result");
}
