#include <tapegrad/autograd/checkpoint.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/dropout.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/matmul.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {

X leaf(const Shape& shape, std::uint64_t seed = 1) {
    return support::normal<double>(shape, seed).requires_grad_();
}
bool same(const std::vector<X>& a, const std::vector<X>& b) {
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!support::same_bits(a[i], b[i])) return false;
    return a.size() == b.size();
}
X layer(const X& x, const X& w) { return tanh(matmul(x, w)); }

}

TEST_CASE("checkpoint: same bits of result and gradients, captured parameters too") {
    const X x = leaf({4, 5}), w = leaf({5, 5}, 2), h = layer(x, w);
    const auto block = [&](const X& v) { return layer(layer(v, w), w) + v; };
    const X plain = block(h), saved = checkpoint(block, h);
    CHECK(support::same_bits(plain, saved));
    const X dy = support::normal<double>({4, 5}, 3);
    CHECK(same(grad(plain, {x, w, h}, {.retain_graph = true}, dy),
               grad(saved, {x, w, h}, {.retain_graph = true}, dy)));
    backward(saved, dy, {.retain_graph = true});
    const X into_w = w.grad(), into_x = x.grad();
    X(w).zero_grad();
    X(x).zero_grad();
    backward(plain, dy);
    CHECK(support::same_bits(into_w, w.grad()));
    CHECK(support::same_bits(into_x, x.grad()));
}

TEST_CASE("checkpoint: a captured result of an operation that the input depends on") {
    // h flows in directly and through g: its gradient is the sum, none of it twice.
    const X x = leaf({3}), h = x * 2, g = h * h;
    const auto f = [&](const X& v) { return v * h + exp(v * 0.1); };
    CHECK(same(grad(sum(checkpoint(f, g)), {x, h, g}, {.retain_graph = true}),
               grad(sum(f(g)), {x, h, g}, {.retain_graph = true})));
}

TEST_CASE("checkpoint: gradients to the third order, nested too") {
    CHECK_GRAD(
        [](const auto& v) {
            const X w = v[1];
            return checkpoint([w](const X& x, const X& z) { return layer(x, w) * z * z; }, v[0], v[2]);
        },
        {support::normal<double>({2, 2}), support::normal<double>({2, 2}, 2),
         support::normal<double>({2, 2}, 3)},
        3);
    CHECK_GRAD(
        [](const auto& v) {
            const X w = v[1];
            const auto inner = [w](const X& x) { return layer(x, w); };
            return checkpoint([inner](const X& x) { return checkpoint(inner, checkpoint(inner, x * x)) * x; },
                              v[0]);
        },
        {support::normal<double>({2, 2}), support::normal<double>({2, 2}, 2)}, 3);
}

TEST_CASE("checkpoint: the same random numbers, wherever they come from") {
    const X x = leaf({200});
    Generator own(7);
    const auto check = [&](const auto& run) {  // run(checkpointed or not) from the same states
        manual_seed(3);
        own = Generator(7);
        const X plain = run(false), d = grad(sum(plain * plain), {x})[0];
        const RandomState after = default_generator().state(), own_after = own.state();
        manual_seed(3);
        own = Generator(7);
        const X saved = run(true);
        default_generator().reserve(1000);  // others draw before backward does
        own.reserve(1000);
        const RandomState before = default_generator().state();
        CHECK(support::same_bits(plain, saved));
        CHECK(support::same_bits(grad(sum(saved * saved), {x})[0], d));
        CHECK(default_generator().offset() == before.offset);
        CHECK(after.offset + 16 == before.offset);
        CHECK(own_after.offset + 16 == own.offset());
    };
    check([&](bool saved) {
        const auto f = [](const X& v) { return dropout(v, 0.5, default_generator()); };
        return saved ? checkpoint(f, x) : f(x);
    });
    check([&](bool saved) {
        const auto f = [](const X& v, Generator& g) { return dropout(dropout(v, 0.3, g), 0.3, g); };
        return saved ? checkpoint(f, x, own) : f(x, own);
    });
    check([&](bool saved) {
        auto f = [g = Generator(5)](const X& v) mutable { return dropout(v, 0.5, g); };
        return saved ? checkpoint(f, x) : f(x);
    });
}

TEST_CASE("checkpoint: the peak of memory is that of one segment") {
    const int64_t n = 1 << 14;
    const int segments = 8, steps = 8;
    const X x = leaf({n});
    const auto segment = [](const X& v) {
        X y = v;
        for (int i = 0; i < steps; ++i) y = sin(y);  // each saves its input
        return y;
    };
    const auto peak = [&](bool saved) {
        x.leaf_state()->grad = {};
        pool::reset_peak();
        const int64_t before = pool::statistics().live_bytes;
        {
            X y = x;
            for (int i = 0; i < segments; ++i) y = saved ? checkpoint(segment, y) : segment(y);
            sum(y).backward();
        }
        return pool::statistics().peak_bytes - before;
    };
    const int64_t plain = peak(false), saved = peak(true), bytes = n * 8;
    CHECK(plain > 64 * bytes);
    CHECK(saved < (segments + steps + 8) * bytes);
}

TEST_CASE("checkpoint: leaves nothing behind") {
    const auto live = pool::statistics().live_bytes;
    const int64_t end = detail::Tape::current().end();
    {
        const X x = leaf({10}), w = leaf({10}, 2);
        const X forward_only = checkpoint([w](const X& v) { return v * w; }, x);
        const X y = checkpoint([w](const X& v) { return sin(v * w); }, x * 2);
        CHECK(detail::Tape::current().end() == end + 3);
        sum(y).backward();
    }
    CHECK(detail::Tape::current().end() == end);
    CHECK(pool::statistics().live_bytes == live);
}

TEST_CASE("checkpoint: inputs without gradients, functions that do nothing, no recording") {
    const X x = leaf({3}), constant = ones<double>({3});
    CHECK_FALSE(checkpoint([](const X& v) { return v * 2; }, constant).requires_grad());
    const X same = checkpoint([](const X& v) { return v; }, x);
    CHECK_FALSE(same.is_leaf());
    CHECK(support::same_bits(grad(sum(same), {x})[0], constant));
    const X z = x * 3, through = checkpoint([](const X&v) { return v; }, z);
    CHECK(support::same_bits(grad(sum(through), {z})[0], constant));
    const X picked =
        checkpoint([](const X& v, const Tensor<bool>& m, double s) { return where(m, v * s, v); }, x,
                   Tensor<bool>{true, false, true}, 4.0);
    CHECK(support::same_bits(grad(sum(picked), {x})[0], X{4, 1, 4}));
    const no_grad off;
    CHECK_FALSE(checkpoint([](const X& v) { return v * 2; }, x).requires_grad());
}

TEST_CASE("checkpoint: errors") {
    const X x = leaf({3});
    X data = ones<double>({3});
    const X y = checkpoint([](const X& v, const X& s) { return v * s; }, x, data);
    data.mutable_data()[0] = 5;
    CHECK(message<AutogradError>([&] { sum(y).backward(); }) ==
          "backward: checkpoint saved a tensor (3,) at version 0, which was written to since (now version "
          "1); clone() "
          "it before writing, or write after backward");
    int calls = 0;
    const X other = checkpoint([&calls](const X& v) { return calls++ == 0 ? v * 2 : sum(v); }, x);
    CHECK(message<AutogradError>([&] { backward(other, ones<double>({3})); }) ==
          "checkpoint: the function gave (3,) at first and () when it was called again; it must compute the "
          "same each "
          "time");
    CHECK(message<AutogradError>([&] {
              static_cast<void>(
                  checkpoint([](const X& v) { return grad(sum(v * v), {v}, {.create_graph = true})[0]; }, x));
          }) ==
          "checkpoint: a gradient was asked through sum inside the function, where nothing is saved the "
          "first time");
    // After all these the tape works.
    sum(x * x).backward();
    CHECK(support::same_bits(x.grad(), x.detach() * 2));
}
