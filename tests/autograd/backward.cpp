#include <tapegrad/autograd/backward.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>
#include <thread>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {
X leaf(double value) { return X{value}.requires_grad_(); }
}

TEST_CASE("backward: leaves accumulate until zero_grad") {
    X x = leaf(3);
    CHECK_FALSE(x.grad().defined());
    (x * x).backward();
    CHECK(x.grad().item() == 6);
    const X kept = x.grad();
    (x * x).backward();
    CHECK(x.grad().item() == 12);
    CHECK(kept.item() == 6);  // a gradient that somebody holds is not written to
    x.zero_grad();
    CHECK_FALSE(x.grad().defined());
    (x * 2).backward();
    CHECK(x.grad().item() == 2);
    // All handles of a leaf see one gradient, a detached one has none.
    const X other = x;
    CHECK(other.grad().item() == 2);
    CHECK_FALSE(x.detach().grad().defined());
}

TEST_CASE("backward: of a leaf") {
    X x = leaf(3);
    x.backward();
    x.backward();
    CHECK(x.grad().item() == 2);
    CHECK(grad(x, {x})[0].item() == 1);
}

TEST_CASE("backward: gradients of leaves are nobody else's memory") {
    X x = X{1, 2}.requires_grad_(), z = X{3, 4}.requires_grad_(), dy = X{1, 1};
    backward(x + z, dy);
    x.grad().mutable_data()[0] = 9;
    CHECK(z.grad().data()[0] == 1);
    CHECK(dy.data()[0] == 1);
    x.zero_grad();
    backward(expand(x, {3, 2}) + 0, ones<double>({3, 2}));
    CHECK(x.grad().is_contiguous());
    CHECK(support::same_bits(x.grad(), X{3, 3}));
}

TEST_CASE("backward: the upstream gradient weighs") {
    X x = X{1, 2, 3}.requires_grad_();
    backward(x * x, X{1, 10, 100});
    CHECK(support::same_bits(x.grad(), X{2, 40, 600}));
}

TEST_CASE("backward: errors") {
    X x = X{1, 2, 3}.requires_grad_();
    CHECK(message<ShapeError>([&] { (x * x).backward(); }) ==
          "backward: a result (3,) is not one number; sum it, or pass its gradient");
    CHECK(message<ShapeError>([&] { backward(x * x, X{1}); }) ==
          "backward: gradient (1,) of a result (3,); the shapes must be equal");
    CHECK(message<AutogradError>([&] { sum(x.detach()).backward(); }) ==
          "backward: the tensor () does not depend on anything that requires a gradient");
    CHECK(message<AutogradError>([&] {
              static_cast<void>(grad(sum(x), {x, X{1}}));
          }) == "grad: input 1 of shape (1,) requires no gradient");
    CHECK(message<AutogradError>([&] { static_cast<void>(grad(sum(x.detach()), {x})); }) ==
          "grad: the tensor () does not depend on anything that requires a gradient");
    const X y = sum(x);
    std::string text;
    std::thread([&] { text = message<AutogradError>([&] { y.backward(); }); }).join();
    CHECK(text == "backward: the tensor was recorded on another thread; differentiate it there");
    CHECK(message<AutogradError>([&] { X(y).requires_grad_(); }) ==
          "requires_grad_: the tensor is the result of an operation; detach() it first");
    CHECK(message<DtypeError>([] { Tensor<int64_t>{1}.requires_grad_(); }) ==
          "requires_grad_: a tensor of int64 has no gradient");
}

TEST_CASE("grad: gives tensors and leaves the leaves alone") {
    const X x = leaf(3), w = leaf(5);
    const auto d = grad(x * x * w, {x, w});
    CHECK(d[0].item() == 30);
    CHECK(d[1].item() == 9);
    CHECK_FALSE(d[0].requires_grad());
    CHECK_FALSE(x.grad().defined());
    CHECK_FALSE(w.grad().defined());
}

TEST_CASE("grad: by results of operations, one behind the other") {
    const X x = leaf(2), a = x * x, b = a * 3, y = a * b;
    const auto d = grad(y, {y, b, a, x});
    CHECK(d[0].item() == 1);
    CHECK(d[1].item() == 4);
    CHECK(d[2].item() == 12 + 3 * 4);
    CHECK(d[3].item() == 24 * 4);
}

TEST_CASE("grad: the same input twice") {
    const X x = leaf(3), y = x * x, z = y * y;
    const auto d = grad(z, {x, y, x, y});
    CHECK(d[0].item() == 108);
    CHECK(d[2].item() == 108);
    CHECK(d[1].item() == 18);
    CHECK(d[3].item() == 18);
}

TEST_CASE("grad: zeros for what y does not depend on") {
    const X x = leaf(2), other = X{1, 2, 3}.requires_grad_(), branch = other * 2;
    const auto d = grad(x * x, {other, branch, x});
    CHECK(support::same_bits(d[0], zeros<double>({3})));
    CHECK(support::same_bits(d[1], zeros<double>({3})));
    CHECK(d[2].item() == 4);
}

TEST_CASE("grad: create_graph to the fourth order of a sine") {
    const X x = leaf(0.7);
    X d = sin(x);
    const double expected[] = {std::cos(0.7), -std::sin(0.7), -std::cos(0.7), std::sin(0.7)};
    for (const double want : expected) {
        d = grad(d, {x}, {.create_graph = true})[0];
        CHECK(d.item() == doctest::Approx(want).epsilon(1e-14));
        CHECK(d.requires_grad());
    }
    // The last one into the leaf.
    d.backward();
    CHECK(x.grad().item() == doctest::Approx(std::cos(0.7)).epsilon(1e-14));
}

TEST_CASE("grad: a gradient takes part in a loss") {
    const X x = leaf(1.5), w = leaf(0.5);
    const X slope = grad(tanh(w * x), {x}, {.create_graph = true})[0];
    (slope * slope).backward();
    const double t = std::tanh(0.75), s = 1 - t * t;  // slope = w s
    CHECK(w.grad().item() == doctest::Approx(2 * 0.5 * s * (s - 2 * 0.5 * t * s * 1.5)).epsilon(1e-13));
    // A factor of zero still has a gradient.
    const X zero = leaf(0);
    const X second =
        grad(grad(zero * zero * zero, {zero}, {.create_graph = true})[0], {zero}, {.create_graph = true})[0];
    CHECK(second.item() == 0);
    CHECK(grad(second, {zero})[0].item() == 6);
}

TEST_CASE("backward: a chain of a million operations") {
    const auto live = pool::statistics().live_bytes;
    const int64_t end = detail::Tape::current().end();
    {
        const X x = leaf(0.5);
        X y = x;
        for (int i = 0; i < 1'000'000; ++i) y = y + 1e-6;
        y.backward();
        CHECK(x.grad().item() == 1);
        CHECK(y.item() == doctest::Approx(1.5));
        x.grad().mutable_data()[0] = 0;
        y = x;
        for (int i = 0; i < 100'000; ++i) y = sin(y);  // each saves its input
        y.backward();
        CHECK(x.grad().item() > 0);
    }
    CHECK(detail::Tape::current().end() == end);
    CHECK(pool::statistics().live_bytes <= live + 64 * 1024);
}

TEST_CASE("backward: threads train leaves of their own") {
    std::vector<double> got(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < got.size(); ++t)
        threads.emplace_back([&, t] {
            X x = leaf(static_cast<double>(t));
            for (int i = 0; i < 500; ++i) (x * x).backward();
            got[t] = x.grad().item();
        });
    for (std::thread& t : threads) t.join();
    for (std::size_t t = 0; t < got.size(); ++t) CHECK(got[t] == 1000.0 * static_cast<double>(t));
}
