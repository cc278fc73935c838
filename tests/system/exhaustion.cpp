// Memory that ends in the middle of a backward with hooks, of a checkpoint, of a step of an optimizer, of loading: no
// leak, nothing half done, and what failed can be done again.
#include <tapegrad/tapegrad.hpp>

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../support/exhaustion.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::exhaust;
using support::same_bits;
using X = Tensor<float>;

namespace {

/// A leaf of normal numbers.
X leaf(const Shape& shape, std::uint64_t seed) {
    return support::normal<float>(shape, seed).requires_grad_();
}

struct Net {
    Linear<float> first_of_two_layers, last;  // a name for which a string asks operator new
    TAPEGRAD_FIELDS(first_of_two_layers, last);

    explicit Net(Generator generator) : first_of_two_layers(3, 5, generator), last(5, 2, generator) {}
    X operator()(const X& x) const { return last(tanh(first_of_two_layers(x))); }
};

struct Many {
    ModuleList<Dropout> parts = ModuleList<Dropout>(70);  // more than one word of bits
    TAPEGRAD_FIELDS(parts);
};

}

TEST_CASE("exhaustion: chunks of a new tape") {
    const X x = leaf({2}, 1);
    const auto chain = [&x] {  // of several chunks
        X y = x;
        for (int i = 0; i < 200; ++i) y = y * 1.01F;
        return grad(sum(y), {x})[0];
    };
    const X expected = chain();
    for (const auto memory : {support::Memory::of_pool, support::Memory::of_new}) {
        bool out = true;
        for (int64_t blocks = 0; out && blocks < 2000; ++blocks) {
            CAPTURE(blocks);
            bool same = false;
            int64_t end = -1;
            std::thread([&] {
                out = support::runs_out(memory, blocks, chain);
                end = detail::Tape::current().end();
                same = same_bits(chain(), expected);
            }).join();
            CHECK(end == 0);
            CHECK(same);
        }
        CHECK(!out);
    }
}

TEST_CASE("exhaustion: backward with hooks, twice through one graph") {
    const X x = leaf({3, 4}, 1), w = leaf({4, 2}, 2), earlier = support::normal<float>({3, 4}, 3);
    X expected_x, expected_w;
    exhaust([&](const auto& run) {
        // The hooks of a leaf live as long as the leaf.
        X a = detail::copy(x).requires_grad_(), b = detail::copy(w).requires_grad_();
        a.set_grad(detail::copy(earlier));
        const auto twice = [&] {
            const X h = tanh(matmul(a, b));
            register_hook(h, [](const X& dy) { return dy * 2.0F; });
            register_hook(b, [](const X& dy) { return dy * 0.5F; }).remove();
            retain_grad(h);
            const X y = sum(h * h + h);
            backward(y, {}, {.retain_graph = true});
            backward(y);
        };
        run(twice);
        CHECK(a.grad().defined());  // what was there before is never lost
        a.set_grad(detail::copy(earlier));
        b.zero_grad();
        twice();
        if (!expected_x.defined()) {
            expected_x = detail::copy(a.grad());
            expected_w = detail::copy(b.grad());
        }
        CHECK(same_bits(a.grad(), expected_x));
        CHECK(same_bits(b.grad(), expected_w));
    });
}

TEST_CASE("exhaustion: a gradient inside of a backward") {
    const X x = leaf({3}, 1);
    const X h = tanh(x), y = exp(h) * h;
    const auto outer = [&] {
        const HookHandle hook = register_hook(h, [&, inside = false](const X& dy) mutable {
            if (std::exchange(inside, true)) return dy;
            const enable_grad recording;
            return dy + grad(sum(square(y) * h), {h, x}, {.retain_graph = true})[0];
        });
        struct Removal {
            HookHandle hook;
            ~Removal() { hook.remove(); }
        } const removal{hook};
        return grad(sum(y), {x, h}, {.retain_graph = true})[0];
    };
    const X expected = outer();
    const detail::Tape& tape = detail::Tape::current();
    exhaust([&](const auto& run) {
        run(outer);
        for (int64_t i = 0; i < tape.end(); ++i)
            if (const detail::Slot* slot = tape.at(i)) {
                CHECK_MESSAGE(!(slot->reached || slot->requested || slot->gradient.defined()), slot->name);
            }
        CHECK(same_bits(outer(), expected));
    });
}

TEST_CASE("exhaustion: a gradient that cannot be added leaves the sum as it was") {
    X x = leaf({3, 4}, 1);
    const X earlier = support::normal<float>({3, 4}, 3), dy = support::normal<float>({3, 4}, 4);
    X total;
    exhaust([&](const auto& run) {
        x.set_grad(transpose(transpose(earlier)));  // a view: the sum is new memory
        const bool out = run([&] { backward(x * 2.0F, dy); });
        if (!total.defined()) total = detail::copy(x.grad());
        CHECK(same_bits(x.grad(), out ? earlier : total));
        x.zero_grad();
    });
}

TEST_CASE("exhaustion: gradients of gradients, vjp, jvp and hvp") {
    const X x = leaf({2, 3}, 1), v = support::normal<float>({2, 3}, 2);
    const auto f = [](const X& a) { return sum(softmax(a * a, -1) * exp(a)); };
    const auto results = [&] {
        const X d = grad(f(x), {x}, {.create_graph = true})[0];
        const X second = grad(sum(d * d), {x}, {.create_graph = true})[0];
        const auto value = vjp(f, {x}, X(1.0F), {.create_graph = true});
        return std::vector<X>{detail::copy(second), detail::copy(value.gradients[0]), jvp(f, {x}, {v}).dy,
                              hvp(f, {x}, {v}).gradients[0]};
    };
    const std::vector<X> expected = results();
    exhaust([&](const auto& run) {
        run(results);
        const std::vector<X> again = results();
        for (std::size_t i = 0; i < expected.size(); ++i) CHECK(same_bits(again[i], expected[i]));
    });
}

TEST_CASE("exhaustion: checkpoint") {
    const X x = leaf({2, 3}, 1);
    std::vector<X> captured;
    for (std::uint64_t i = 0; i < 9; ++i) captured.push_back(leaf({3}, i + 2));
    const auto block = [captured](const X& a) {  // a copy of it asks operator new
        X y = a;
        for (const X& w : captured) y = tanh(y * w);
        return dropout(y, 0.5, default_generator());
    };
    const RandomState start = default_generator().state();
    const auto results = [&] {
        default_generator().set_state(start);
        std::vector<X> by = captured;
        by.push_back(x);
        const X h = x * 2.0F;
        return grad(sum(checkpoint(block, checkpoint(block, h))), by);
    };
    const std::vector<X> expected = results();
    exhaust([&](const auto& run) {
        run(results);
        const std::vector<X> again = results();
        for (std::size_t i = 0; i < expected.size(); ++i) CHECK(same_bits(again[i], expected[i]));
    });
}

TEST_CASE("exhaustion: einsum, join, adopt") {
    const X a = leaf({2, 3}, 1), b = leaf({3, 4}, 2), c = leaf({4, 2}, 3);
    const auto results = [&] {
        const X y = einsum("ij,jk,kl->il", a, b, c);
        const X z = cat({y, transpose(y)}, 0);
        const X v = adopt(std::vector<float>(8, 2.0F), {4, 2});
        return grad(sum(z * v), {a, b, c});
    };
    const std::vector<X> expected = results();
    exhaust([&](const auto& run) {
        run(results);
        const std::vector<X> again = results();
        for (std::size_t i = 0; i < expected.size(); ++i) CHECK(same_bits(again[i], expected[i]));
    });
}

TEST_CASE("exhaustion: a dictionary that grows") {
    const X x = leaf({2}, 1);
    const auto name = [](int i) { return "a name of several words " + std::to_string(i * 7 % 20); };
    exhaust([&](const auto& run) {
        StateDict dict;
        const auto fill = [&] {
            while (dict.size() < 20) dict.add(name(static_cast<int>(dict.size())), x);
        };
        run(fill);
        for (const NamedTensor& entry : dict) CHECK(dict.contains(entry.name));
        fill();
        for (int i = 0; i < 20; ++i) CHECK(dict.contains(name(i)));
    });
}

TEST_CASE("exhaustion: a module in evaluation") {
    Many many;
    exhaust([&](const auto& run) {
        run([&] { const Evaluating<Many> evaluating(many); });
        int training = 0;
        for (const Dropout& part : many.parts) training += part.training;
        CHECK(training == 70);
    });
}

TEST_CASE("exhaustion: load_state_dict") {
    const Net source{Generator(1)}, other{Generator(2)};
    StateDict stored, doubles;
    for (const NamedTensor& entry : state_dict(source)) {
        stored.add(entry.name, entry.tensor);
        doubles.add(entry.name, detail::cast<double>(detail::cast_handle<float>(entry.tensor)));
    }
    const auto loaded = [&](const Net& net) {
        std::size_t count = 0;
        for (const NamedTensor& entry : state_dict(net))
            count += same_bits(detail::cast_handle<float>(entry.tensor), stored.get<float>(entry.name));
        return count;
    };
    exhaust([&](const auto& run) {
        for (const StateDict& dict : {stored, doubles}) {
            Net net = clone(other);
            if (run([&] { load_state_dict(net, dict); })) CHECK(loaded(net) == 0);  // all or nothing
            load_state_dict(net, dict);
            CHECK(loaded(net) == 4);
        }
    });
}

namespace {

const Shape shapes[] = {{5, 3}, {3, 2}, {2, 7}};

/// Parameters with gradients, some of which are not contiguous.
std::vector<X> parameters_with_gradients() {
    std::vector<X> params;
    for (std::size_t i = 0; i < 3; ++i) {
        params.push_back(leaf(shapes[i], i + 1));
        X g = support::normal<float>(shapes[i], i + 9);
        params.back().set_grad(i == 1 ? support::spread(g) : g);
    }
    return params;
}

/// Steps after the first few ask the system for no memory.
template <class Step>
bool steady(const Step& step) {
    for (int i = 0; i < 5; ++i) step();
    const std::int64_t before = pool::statistics().system_calls;
    const long calls = support::heap.calls;
    for (int i = 0; i < 20; ++i) step();
    return support::heap.calls == calls && pool::statistics().system_calls == before;
}

/// A step that memory ended is done again, the first or the second: the bits are those of two steps.
template <class O, class... Options>
void repeats(const Options&... options) {
    const std::vector<X> expected = parameters_with_gradients();
    O reference(expected, options...);
    reference.step();
    reference.step();
    const StateDict kept = reference.state_dict();
    exhaust([&](const auto& run) {
        for (const int failing : {0, 1}) {
            const std::vector<X> params = parameters_with_gradients();
            O optimizer(params, options...);
            for (int step = 0; step < 2; ++step) {
                if (step != failing)
                    optimizer.step();
                else if (run([&] { optimizer.step(); }))
                    optimizer.step();
            }
            for (std::size_t i = 0; i < params.size(); ++i) CHECK(same_bits(params[i], expected[i]));
            bool same = optimizer.state_dict().size() == kept.size();
            for (const NamedTensor& entry : optimizer.state_dict())
                visit(entry.tensor,
                      [&]<class T>(const Tensor<T>& x) { same &= same_bits(x, kept.get<T>(entry.name)); });
            CHECK_MESSAGE(same, "another state");
        }
    });
    CHECK_MESSAGE(steady([&] { reference.step(); }), "asks the system for memory");
}

}

TEST_CASE("exhaustion: a step is done again") {
    CHECK(!steady([] { ::operator delete(::operator new(3)); }));
    repeats<SGD<float>>(SGDOptions{.lr = 0.1, .momentum = 0.9, .dampening = 0.5});
    repeats<Adam<float>>(AdamOptions{.amsgrad = true});
    repeats<AdamW<float>>();
    repeats<Adadelta<float>>();
    repeats<Adafactor<float>>();
    repeats<Adagrad<float>>();
    repeats<Adamax<float>>();
    repeats<LAMB<float>>();
    repeats<LARS<float>>();
    repeats<Lion<float>>();
    repeats<Muon<float>>();
    repeats<NAdam<float>>();
    repeats<RAdam<float>>();
    repeats<RMSprop<float>>(RMSpropOptions{.momentum = 0.9, .centered = true});
    repeats<Rprop<float>>();
    repeats<ScheduleFreeAdamW<float>>();
}

TEST_CASE("exhaustion: a new step after one that failed") {
    // zero_grad() ends what could have been gone on with.
    const std::vector<X> params = parameters_with_gradients();
    const SGDOptions options{.lr = 0.1, .momentum = 0.9};
    SGD<float> optimizer(params, options);
    CHECK(support::runs_out(support::Memory::of_pool, 1, [&] { optimizer.step(); }));
    const X before = detail::copy(params[0]);
    optimizer.zero_grad();
    for (X p : params) p.set_grad(ones_like(p));
    optimizer.step();
    CHECK(!same_bits(params[0], before));
}

TEST_CASE("exhaustion: SAM leaves the parameters where they were") {
    const X x = support::normal<float>({4, 3}, 1);
    const Net start{Generator(3)};
    exhaust([&](const auto& run) {
        Net net = clone(start);
        SAM optimizer(Lookahead(SGD(parameters(net), {.lr = 0.1})));
        const auto closure = [&] {
            optimizer.zero_grad();
            const X loss = mean(square(net(x)));
            loss.backward();
            return loss;
        };
        CHECK(steady([&] { optimizer.step(closure); }));
        const StateDict before = state_dict(clone(net));
        if (run([&] { optimizer.step(closure); }))
            for (const NamedTensor& entry : state_dict(net))
                CHECK(same_bits(detail::cast_handle<float>(entry.tensor), before.get<float>(entry.name)));
    });
}

TEST_CASE("exhaustion: LBFGS goes on") {
    const X target = support::normal<float>({6}, 1), curvature = support::uniform<float>({6}, 0.5, 4, 2);
    for (const bool strong_wolfe : {false, true})
        exhaust([&](const auto& run) {
            X p = zeros<float>({6}).requires_grad_();
            LBFGS<float> optimizer({p}, {.max_iter = 4, .history_size = 2, .strong_wolfe = strong_wolfe});
            const auto closure = [&] {
                optimizer.zero_grad();
                const X loss = sum(square(p - target) * curvature);
                loss.backward();
                return loss;
            };
            run([&] { optimizer.step(closure); });
            LBFGS<float> other({p});
            other.load_state_dict(optimizer.state_dict());  // a state that is whole
            for (int i = 0; i < 6; ++i) optimizer.step(closure);
            CHECK(closure().item() < 1e-8F);
        });
}
