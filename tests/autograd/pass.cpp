#include <tapegrad/autograd/pass.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <stdexcept>
#include <tapegrad/ops/elementwise.hpp>

#include "../support/message.hpp"
#include "../support/scarcity.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {

X leaf(double value) { return X{value}.requires_grad_(); }

/// The identity, which notes that its backward ran.
X traced(const X& x, const char* name, std::string& log) {
    return record(name, x.detach(), {x}, [name, &log](const X& dy) {
        log += name;
        return dy;
    });
}
X failing(const X& x) {
    return record("failing", x.detach(), {x}, [](const X&) -> X { throw std::runtime_error("no"); });
}

}

TEST_CASE("pass: every operation runs once, after all that read it") {
    std::string log;
    const X x = leaf(1);
    const X a = traced(x, "a", log), b = traced(a, "b", log), c = traced(a, "c", log),
            unused = traced(b, "u", log);
    const X d = traced(b + c + b, "d", log);
    d.backward();
    CHECK(log == "dcba");
    CHECK(x.grad().item() == 3);
    CHECK(unused.requires_grad());
}

TEST_CASE("pass: only the paths to what is asked for are walked") {
    std::string log;
    const X x = leaf(1), w = leaf(2);
    const X a = traced(x, "a", log), b = traced(w, "b", log), y = traced(a * b, "y", log);
    static_cast<void>(grad(y, {x}, {.retain_graph = true}));
    CHECK(log == "ya");
    log.clear();
    static_cast<void>(grad(y, {b}, {.retain_graph = true}));
    CHECK(log == "y");
    CHECK_FALSE(x.grad().defined());
    CHECK_FALSE(w.grad().defined());
}

TEST_CASE("pass: several losses share a trunk") {
    const X x = leaf(3);
    const X trunk = x * x, first = trunk * 2, second = exp(trunk * 0.0) * trunk;
    backward(first, {}, {.retain_graph = true});
    second.backward();
    CHECK(x.grad().item() == doctest::Approx(12 + 6));
    CHECK(
        message<AutogradError>([&] { first.backward(); }) ==
        "backward: what mul saved was freed by an earlier backward; pass {.retain_graph = true} to that one");
    // The trunk is gone for newer branches too.
    const X third = trunk + 1, fourth = trunk + 1;
    CHECK_THROWS_AS(third.backward(), AutogradError);
    CHECK_THROWS_AS(static_cast<void>(grad(fourth, {x}, {.retain_graph = true})), AutogradError);
    CHECK_THROWS_AS(static_cast<void>(grad(fourth, {trunk, x}, {.retain_graph = true})), AutogradError);
    CHECK(grad(fourth, {trunk})[0].item() == 1);
    CHECK(x.grad().item() == doctest::Approx(18));
}

TEST_CASE("pass: what was saved is freed behind it") {
    const X x = leaf(3);
    const X saved = X{2};
    const X y = record("op", x.detach(), {x}, [saved](const X& dy) { return dy * saved; });
    backward(y, {}, {.retain_graph = true});
    CHECK_FALSE(saved.is_unique());
    y.backward();
    CHECK(saved.is_unique());
    CHECK(x.grad().item() == 4);
}

TEST_CASE("pass: an exception in a backward leaves the tape usable") {
    const detail::Tape& tape = detail::Tape::current();
    const int64_t end = tape.end();
    const auto live = pool::statistics().live_bytes;
    {
        const X x = leaf(2);
        const X a = x * x, b = failing(a), c = a * 3;
        // c waits with a gradient when b fails.
        const X y = c + b;
        CHECK_THROWS_AS(backward(y, {}, {.retain_graph = true}), std::runtime_error);
        CHECK(grad_enabled());
        CHECK(detail::running_backward == nullptr);
        for (int64_t i = end; i < tape.end(); ++i) CHECK_FALSE(tape.at(i)->gradient.defined());
        CHECK_FALSE(x.grad().defined());
        backward(c, {}, {.retain_graph = true});
        CHECK(x.grad().item() == 12);
        CHECK_THROWS_AS(static_cast<void>(grad(y, {x})), std::runtime_error);
        (x * 5).backward();
        CHECK(x.grad().item() == 17);
    }
    CHECK(tape.end() == end);
    CHECK(pool::statistics().live_bytes <= live + 64 * 1024);
}

TEST_CASE("pass: a training loop keeps no memory and asks the system for none") {
    X w = support::normal<double>({50}).requires_grad_();
    const X data = support::normal<double>({20, 50});
    const auto train = [&] {
        const X y = map(
            "fit", [](const auto& a, const auto& b) { return tanh(a * b) * b; }, data, w);
        backward(y * y + exp(y), ones<double>({20, 50}));
        w.zero_grad();
    };
    for (int i = 0; i < 3; ++i) train();
    const auto before = pool::statistics();
    const int64_t end = detail::Tape::current().end();
    for (int i = 0; i < 200; ++i) train();
    const auto after = pool::statistics();
    CHECK(after.live_bytes == before.live_bytes);
    CHECK(after.peak_bytes == before.peak_bytes);
    CHECK(after.system_calls == before.system_calls);
    CHECK(detail::Tape::current().end() == end);
}

TEST_CASE("pass: a backward may run another backward") {
    const X x = leaf(3);
    const X y = record("outer", x.detach(), {x}, [](const X& dy) {
        const enable_grad on;
        const X z = X{2}.requires_grad_();
        return dy * grad(z * z * z, {z})[0].item();
    });
    (y + x).backward();
    CHECK(x.grad().item() == 13);
}

TEST_CASE("pass: a gradient inside of a backward leaves the pass around it as it is") {
    const X x = leaf(3), w = leaf(5);
    // By a leaf of its own.
    const X a = x * w;
    const X b = record("own", a.detach(), {a}, [](const X& dy) {
        const enable_grad on;
        const X z = X{2}.requires_grad_();
        return dy * grad(z * z, {z})[0].item();
    });
    const auto d = grad(b + a, {x, w, a}, {.retain_graph = true});
    CHECK(d[0].item() == 25);
    CHECK(d[1].item() == 15);
    CHECK(d[2].item() == 5);
    // By a leaf that the outer pass asks for too.
    const X c = record("shared", a.detach(), {a}, [x](const X& dy) {
        const enable_grad on;
        return dy * grad(x * x, {x})[0].item();
    });
    const auto e = grad(c + a, {w, x}, {.retain_graph = true});
    CHECK(e[0].item() == 21);
    CHECK(e[1].item() == 35);
    (c + a).backward();
    CHECK(x.grad().item() == 35);
    CHECK(w.grad().item() == 21);
}

TEST_CASE("pass: a gradient inside of a backward by what waits for the pass around it") {
    X x = leaf(3);
    const X h = x * 2;
    // The square of h, by a graph that is made in backward: h has the gradient of its other readers then.
    const auto squared = [&](BackwardOptions options) {
        return record("square", square(h.detach()), {h}, [h, options](const X& dy) {
            const enable_grad on;
            return grad(h * h, {h}, options, dy)[0];
        });
    };
    for (const bool retain : {false, true}) {
        const X early = exp(h), middle = squared({.retain_graph = retain}), late = exp(h);
        const X y = early + middle + late;
        const auto d = grad(y, {h, x}, {.retain_graph = true});
        CHECK(d[0].item() == doctest::Approx(12 + 2 * std::exp(6)));
        CHECK(d[1].item() == doctest::Approx(2 * (12 + 2 * std::exp(6))));
        x.zero_grad();
        backward(y, {}, {.retain_graph = true});
        CHECK(x.grad().item() == doctest::Approx(2 * (12 + 2 * std::exp(6))));
    }
    // By what h is made of: the inner pass goes through a slot in which a gradient waits.
    const X through = record("through", x.detach(), {x, h}, [x, h](const X& dy) -> std::array<X, 2> {
        const enable_grad on;
        return {grad(h * h, {x}, {.retain_graph = true}, dy)[0], dy};
    });
    x.zero_grad();
    backward(through + exp(h), {}, {.retain_graph = true});
    CHECK(x.grad().item() == doctest::Approx(24 + 2 + 2 * std::exp(6)));
    // By something that it does not depend on, which the outer pass asks for.
    const X other = record("other", h.detach(), {h}, [x, h](const X& dy) {
        const enable_grad on;
        return dy + grad(x * x, {h})[0];
    });
    CHECK(grad(other, {h}, {.retain_graph = true})[0].item() == 1);
    // A whole backward, which adds to the leaves.
    const X whole = record("whole", h.detach(), {h}, [h](const X& dy) {
        const enable_grad on;
        backward(h * h, {}, {.retain_graph = true});
        return dy;
    });
    x.zero_grad();
    (whole + exp(h)).backward();
    CHECK(x.grad().item() == doctest::Approx(24 + 2 + 2 * std::exp(6)));
}

TEST_CASE("pass: an exception in a gradient inside of a backward") {
    const X x = leaf(3);
    const X h = x * 2;
    const X y = record("outer", h.detach(), {h}, [h](const X& dy) {
        const enable_grad on;
        CHECK_THROWS_AS(static_cast<void>(grad(failing(h) + h, {h})), std::runtime_error);
        return dy;
    });
    const auto d = grad(y + exp(h), {h, x});
    CHECK(d[0].item() == doctest::Approx(1 + std::exp(6)));
    CHECK(d[1].item() == doctest::Approx(2 + 2 * std::exp(6)));
}

TEST_CASE("pass: a gradient walks its own graph alone") {
    const detail::Tape& tape = detail::Tape::current();
    const X x = leaf(1);
    std::vector<X> chain{x};
    for (int i = 0; i < 200; ++i) chain.push_back(chain.back() * 1.0);
    const auto marks = [&] {
        int64_t n = 0;
        for (const X& link : chain)
            if (const auto* slot = static_cast<const detail::Slot*>(link.node())) n += slot->on_path;
        return n;
    };
    CHECK(grad(chain.back(), {x}, {.retain_graph = true})[0].item() == 1);
    CHECK(marks() == 200);
    const X z = leaf(3);
    CHECK(grad(square(z), {z})[0].item() == 6);
    CHECK(marks() == 200);
    CHECK(tape.end() >= 200);
}

TEST_CASE("pass: a sum of gradients that finds no memory leaves nothing behind") {
    const X x = support::normal<double>({4, 4}).requires_grad_();
    const int64_t end = detail::Tape::current().end();
    const auto once = [&] {
        const X y = x * 2;
        static_cast<void>(grad(y + exp(y), {x}, {}, ones<double>({4, 4})));
    };
    bool ended = false;
    for (int64_t blocks = 0; !ended; ++blocks) {
        try {
            const support::Scarcity scarcity(blocks);
            once();
            ended = true;
        } catch (const OutOfMemory&) {
        }
        CHECK(detail::Tape::current().end() == end);
    }
}
