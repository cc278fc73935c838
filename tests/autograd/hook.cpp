#include <tapegrad/autograd/hook.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {
X leaf(double value) { return X{value}.requires_grad_(); }
}

TEST_CASE("hook: sees the gradient of a result once, with all contributions") {
    const X x = leaf(3);
    const X y = x * 2;
    std::vector<double> seen;
    register_hook(y, [&](const X& dy) { seen.push_back(dy.item()); });
    (y * 5 + y * y).backward();  // 5 + 2 y
    CHECK(seen == std::vector<double>{17});
    CHECK(x.grad().item() == 34);
}

TEST_CASE("hook: replaces the gradient, in the order of registration") {
    const X x = leaf(3);
    const X y = x * 2;
    register_hook(y, [](const X& dy) { return dy * 10; });
    register_hook(y, [](const X& dy) { return dy + 1; });
    register_hook(y, [](const X&) { return X(); });  // an undefined tensor changes nothing
    y.backward();
    CHECK(x.grad().item() == 22);
    // What `grad` is asked for comes after the hooks, as in PyTorch.
    const X z = x * 2;
    register_hook(z, [](const X& dy) { return dy * 10; });
    const auto d = grad(z * 1, {z, x});
    CHECK(d[0].item() == 10);
    CHECK(d[1].item() == 20);
}

TEST_CASE("hook: a leaf's sees what one backward adds, all of it") {
    const X x = leaf(3);
    std::vector<double> seen;
    auto handle = register_hook(x, [&](const X& dy) {
        seen.push_back(dy.item());
        return dy * 2;
    });
    (x * 5 + x * x).backward();
    CHECK(seen == std::vector<double>{11});
    CHECK(x.grad().item() == 22);
    (x * 1).backward();
    CHECK(seen == std::vector<double>{11, 1});
    CHECK(x.grad().item() == 24);
    CHECK(grad(x * x, {x})[0].item() == 12);
    handle.remove();
    handle.remove();
    (x * 1).backward();
    CHECK(seen.size() == 3);
    CHECK(x.grad().item() == 25);
}

TEST_CASE("hook: may remove itself, and outlive its tensor as a handle") {
    HookHandle handle;
    int calls = 0;
    const X x = leaf(1);
    {
        const X y = x * 2;
        handle = register_hook(y, [&](const X&) {
            ++calls;
            handle.remove();
        });
        backward(y, {}, {.retain_graph = true});
        y.backward();
    }
    CHECK(calls == 1);
    handle.remove();
    HookHandle().remove();
}

TEST_CASE("hook: what it captures goes with the tensor") {
    const auto live = pool::statistics().live_bytes;
    const int64_t end = detail::Tape::current().end();
    {
        const X x = leaf(1), big = zeros<double>({1000});
        const X y = x * 2;
        register_hook(y, [big](const X&) {});
        register_hook(x, [big](const X&) {});
    }
    CHECK(pool::statistics().live_bytes == live);
    CHECK(detail::Tape::current().end() == end);
}

TEST_CASE("hook: is part of the graph when one is created") {
    const X x = leaf(3);
    const X y = x * x;
    register_hook(y, [](const X& dy) { return dy * dy; });
    const X d = grad(y * x, {x}, {.create_graph = true})[0];  // dy = x: x^2 2 x + y
    CHECK(d.item() == 2 * 27 + 9);
    CHECK(grad(d, {x})[0].item() == 6 * 9 + 2 * 3);
}

TEST_CASE("retain_grad: the gradient of an intermediate result, accumulated") {
    const X x = leaf(3);
    const X y = x * 2;
    retain_grad(y);
    CHECK_FALSE(y.grad().defined());
    backward(y * y, {}, {.retain_graph = true});
    CHECK(y.grad().item() == 12);
    (y * 5).backward();
    CHECK(y.grad().item() == 17);
    CHECK(x.grad().item() == 34);
    CHECK_FALSE(y.is_leaf());
    retain_grad(x);
    // Chosen ones without a hook.
    const X a = x * 2, b = a * a;
    const auto d = grad(b * b, {a, b}, {.retain_graph = true});
    CHECK(d[0].item() == 4 * 216);
    CHECK(d[1].item() == 72);
}

TEST_CASE("hook: errors") {
    CHECK(message<AutogradError>([] {
              register_hook(X{1, 2}, [](const X&) {});
          }) == "register_hook: the tensor (2,) requires no gradient");
    CHECK(message<AutogradError>([] {
              retain_grad(X{1, 2});
          }) == "register_hook: the tensor (2,) requires no gradient");
    const X x = leaf(1);
    const X y = x * 2;
    register_hook(y, [](const X&) { return zeros<double>({2, 3}); });
    CHECK(message<ShapeError>([&] { y.backward(); }) ==
          "register_hook: the hook made a gradient (2, 3) of one (1,); the shapes must be equal");
    CHECK_FALSE(x.grad().defined());
    (x * 3).backward();  // the tape is as before
    CHECK(x.grad().item() == 3);
}
