#include <tapegrad/autograd/tape.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <tapegrad/autograd/backward.hpp>
#include <thread>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using detail::Tape;
using support::message;

namespace {

/// x as the result of an operation that saves nothing and shares its elements.
Tensor<float> step(const Tensor<float>& x) {
    return record("step", detail::with_node(x, nullptr), {x}, [](const Tensor<float>& dy) { return dy; });
}
/// The same, with a tensor saved.
Tensor<float> keep(const Tensor<float>& x, const Tensor<float>& saved) {
    return record("keep", detail::copy(x), {x}, [saved](const Tensor<float>& dy) {
        saved.check_saved();
        return dy;
    });
}
Tensor<float> leaf(const Shape& shape = {4}) { return zeros<float>(shape).requires_grad_(); }

}

TEST_CASE("tape: a slot lives as long as somebody can reach it") {
    const Tape& tape = Tape::current();
    const int64_t end = tape.end(), living = tape.living();
    const Tensor<float> x = leaf();
    {
        const Tensor<float> a = step(x), b = step(a), other = step(x);
        CHECK(tape.living() == living + 3);
        CHECK(tape.end() == end + 3);
        CHECK(tape.at(end) == a.node());
        CHECK(tape.at(end + 1) == b.node());
    }
    CHECK(tape.living() == living);
    CHECK(tape.end() == end);

    Tensor<float> last = step(x);
    for (int i = 0; i < 10; ++i) last = step(last);
    CHECK(tape.living() == living + 11);  // those in front are inputs of those behind
    last = Tensor<float>();
    CHECK(tape.end() == end);
}

TEST_CASE("tape: dead slots between living ones are dropped with their memory, and the tail is popped") {
    const Tape& tape = Tape::current();
    const int64_t end = tape.end(), living = tape.living();
    const Tensor<float> x = leaf();
    const auto live = pool::statistics().live_bytes;
    {
        std::vector<Tensor<float>> kept;
        for (int i = 0; i < 2000; ++i) {
            Tensor<float> y = step(x);
            if (i % 500 == 0) kept.push_back(y);
        }
        CHECK(tape.living() == living + 4);
        for (const Tensor<float>& y : kept)
            CHECK(tape.at(static_cast<detail::Slot*>(y.node())->index) == y.node());
        kept.erase(kept.begin() + 1, kept.end() - 1);
        CHECK(tape.living() == living + 2);
        kept.pop_back();
        CHECK(tape.living() == living + 1);
        CHECK(tape.end() == end + 1);
    }
    CHECK(tape.end() == end);
    // One chunk of slots may wait for its next use.
    CHECK(pool::statistics().live_bytes <= live + 64 * 1024);
}

TEST_CASE("tape: 10,000 forward passes without a backward leave nothing behind") {
    const Tape& tape = Tape::current();
    const Tensor<float> x = leaf({100});
    const auto pass = [&] {
        Tensor<float> y = x;
        for (int i = 0; i < 8; ++i) y = keep(y, y);
    };
    pass();
    const auto before = pool::statistics();
    const int64_t end = tape.end(), living = tape.living();
    for (int i = 0; i < 10'000; ++i) pass();
    const auto after = pool::statistics();
    CHECK(tape.end() == end);
    CHECK(tape.living() == living);
    CHECK(after.live_bytes == before.live_bytes);
    CHECK(after.peak_bytes == before.peak_bytes);
    CHECK(after.system_calls == before.system_calls);
}

TEST_CASE("tape: what an operation saved goes with its slot") {
    const Tensor<float> x = leaf();
    Tensor<float> saved = support::normal<float>({8});
    Tensor<float> y = keep(x, saved);
    CHECK_FALSE(saved.is_unique());
    y = Tensor<float>();
    CHECK(saved.is_unique());
}

TEST_CASE("tape: a chain of a million operations is dropped without recursion") {
    const Tape& tape = Tape::current();
    const int64_t end = tape.end();
    const auto live = pool::statistics().live_bytes;
    {
        Tensor<float> y = leaf({1});
        for (int i = 0; i < 1'000'000; ++i) y = step(y);
        CHECK(tape.end() == end + 1'000'000);
    }
    CHECK(tape.end() == end);
    CHECK(pool::statistics().live_bytes <= live + 64 * 1024);
}

TEST_CASE("tape: states and lists of edges of any size") {
    const Tensor<float> x = leaf({1});
    struct Large {
        std::array<double, 100> numbers{};
    } large;
    large.numbers[99] = 3;
    const Tensor<float> y = record("large", zeros<float>({1}), {x}, [large](const Tensor<float>& dy) {
        return full_like(dy, static_cast<float>(large.numbers[99]));
    });
    CHECK(grad(y, {x})[0].item() == 3);

    std::vector<Tensor<float>> leaves;
    std::vector<detail::Input> inputs;
    leaves.reserve(100);
    for (int i = 0; i < 100; ++i) {
        leaves.push_back(leaf({1}));
        inputs.push_back(leaves.back());
    }
    const auto many = [](const Tensor<float>& dy) { return std::vector<Tensor<float>>(100, dy); };
    record("many", ones<float>({1}), std::span<const detail::Input>(inputs), many).backward();
    for (const Tensor<float>& l : leaves) CHECK(l.grad().item() == 1);
}

TEST_CASE("tape: a slot released on another thread is collected by its own") {
    const Tape& tape = Tape::current();
    const Tensor<float> x = leaf();
    const int64_t end = tape.end();
    const Tensor<float> saved = support::normal<float>({8});
    std::optional<Tensor<float>> y = keep(x, saved);
    std::thread([&] { y.reset(); }).join();
    CHECK(tape.living() > 0);  // nobody has looked yet
    CHECK_FALSE(saved.is_unique());
    const Tensor<float> next = step(x);
    CHECK(saved.is_unique());
    CHECK(tape.end() == end + 1);
    CHECK(tape.at(end) == next.node());
}

TEST_CASE("tape: results outlive the thread that recorded them") {
    const auto live = pool::statistics().live_bytes;
    {
        Tensor<float> x = leaf();
        std::vector<Tensor<float>> kept;
        std::thread([&] {
            Tensor<float> y = keep(x, x);
            for (int i = 0; i < 200; ++i) {
                y = keep(y, y);
                if (i % 50 == 0) kept.push_back(y);
            }
        }).join();
        CHECK(kept.back().data()[0] == 0);
        CHECK(kept.back().requires_grad());
        CHECK(message<AutogradError>([&] { backward(kept.back(), ones<float>({4})); }) ==
              "backward: the tensor was recorded on another thread; differentiate it there");
    }
    CHECK(pool::statistics().live_bytes <= live + 64 * 1024);
}

TEST_CASE("tape: one operation does not read results of two threads") {
    const Tensor<float> x = leaf(), y = step(x);
    const int64_t end = Tape::current().end();
    std::string text;
    int64_t there = -1;
    std::thread([&] {
        text = message<AutogradError>([&] { static_cast<void>(step(y)); });
        there = Tape::current().end();
        // A leaf is everybody's, and so is a detached tensor.
        const Tensor<float> z = step(x), w = step(y.detach().requires_grad_());
        CHECK(z.requires_grad());
        CHECK(w.requires_grad());
    }).join();
    CHECK(text == "step: input 0 was recorded on another thread; detach() it");
    CHECK(there == 0);
    CHECK(Tape::current().end() == end);
    CHECK(static_cast<detail::Slot*>(y.node())->refs.is_one());
}
