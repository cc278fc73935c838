#include <tapegrad/nn/hooked.hpp>

#include <doctest/doctest.h>

#include <tapegrad/nn/dropout.hpp>
#include <tapegrad/nn/linear.hpp>
#include <tapegrad/nn/sequential.hpp>
#include <tapegrad/ops/activation.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/message.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<float>;

namespace {

struct Scale {
    X factor = X{3.0F}.requires_grad_();
    TAPEGRAD_FIELDS(factor);
    X operator()(const X& x) const { return x * factor; }
    X operator()(const X& x, float more) const { return x * factor * more; }
};

struct Block {
    Hooked<Linear<>> up;
    Linear<> down;
    TAPEGRAD_FIELDS(up, down);
    explicit Block(Generator& generator) : up(Linear<>(2, 3, generator)), down(3, 2, generator) {}
    X operator()(const X& x) const { return down(relu(up(x))); }
};

std::vector<std::string> names(const StateDict& dict) {
    std::vector<std::string> result;
    for (const NamedTensor& entry : dict) result.push_back(entry.name);
    return result;
}

}

TEST_CASE("hooked: without hooks it is the module") {
    Hooked<Scale> f;
    CHECK(f(X{2.0F}).item() == 6);
    CHECK(f(X{2.0F}, 10.0F).item() == 60);
    Generator generator(1);
    const Block block(generator);
    CHECK(names(state_dict(block)) ==
          std::vector<std::string>{"up.weight", "up.bias", "down.weight", "down.bias"});
    const Sequential<Hooked<Linear<>>, Linear<>> chain{Linear<>(2, 3, generator), Linear<>(3, 2, generator)};
    CHECK(names(state_dict(chain)) == std::vector<std::string>{"0.weight", "0.bias", "1.weight", "1.bias"});
    CHECK(count_parameters(block) == 17);
}

TEST_CASE("hooked: hooks see what passes, in order, and may replace it") {
    Hooked<Scale> f;
    std::vector<float> seen;
    f.register_forward_pre_hook([&](const X& x) { seen.push_back(x.item()); });
    auto plus = f.register_forward_pre_hook([](const X& x) { return x + 1; });
    f.register_forward_hook([&](const X& y) {
        seen.push_back(y.item());
        return y * 2;
    });
    f.register_forward_hook([](const X&) { return X(); });  // an undefined tensor changes nothing
    f.register_forward_hook([&](const X& y) { seen.push_back(y.item()); });
    CHECK(f(X{2.0F}).item() == 18);
    CHECK(seen == std::vector<float>{2, 9, 18});
    plus.remove();
    CHECK(f(X{2.0F}, 10.0F).item() == 120);
}

TEST_CASE("hooked: a backward hook sees the gradient of each result, and may replace it") {
    Hooked<Scale> f;
    std::vector<float> seen;
    const auto handle = f.register_backward_hook([&](const X& dy) {
        seen.push_back(dy.item());
        return dy * 10;
    });
    const X x = X{2.0F}.requires_grad_();
    const X first = f(x), second = f(x);
    (first * 5 + second * 7).backward();
    CHECK(seen == std::vector<float>{7, 5});
    CHECK(x.grad().item() == 120 * 3);
    CHECK(f.module.factor.grad().item() == 120 * 2);
    {
        const no_grad quiet;
        CHECK(f(x).item() == 6);
    }
    f.register_backward_hook([](const X&) { return zeros<float>({2}); });
    CHECK(message<ShapeError>([&] { f(x).backward(); }) ==
          "register_hook: the hook made a gradient (2,) of one (1,); the shapes must be equal");
}

TEST_CASE("hooked: gradients of any order go through replaced results") {
    Hooked<Scale> f;
    f.register_forward_hook([](const X& y) { return y * y; });  // (3 x)^2
    const X x = X{2.0F}.requires_grad_();
    const X d = grad(f(x), {x}, {.create_graph = true})[0];
    CHECK(d.item() == 36);
    CHECK(grad(d, {x})[0].item() == 18);
}

TEST_CASE("hooked: copies share hooks; training mode reaches the module") {
    Generator generator(1);
    Block block(generator);
    int calls = 0;
    block.up.register_forward_hook([&](const X&) { ++calls; });
    const Block copy = block, cloned = clone(block);
    copy(ones<float>({4, 2}));
    cloned(ones<float>({4, 2}));
    CHECK(calls == 2);
    Hooked<Dropout> dropout(Dropout(0.5));
    CHECK(dropout(ones<float>({8}), generator).numel() == 8);
    eval(dropout);
    CHECK_FALSE(dropout.module.training);
}

TEST_CASE("hooked: a hook of another element type is an error") {
    Hooked<Scale> f;
    f.register_forward_hook<double>([](const Tensor<double>&) {});
    CHECK(message<DtypeError>([&] { f(X{2.0F}); }) ==
          "Hooked: a hook for tensors of float64 was given one of float32");
    Hooked<Scale> g;
    g.register_backward_hook<double>([](const Tensor<double>&) {});
    CHECK(message<DtypeError>([&] { g(X{2.0F}).backward(); }) ==
          "register_hook: a hook for tensors of float64 was given one of float32");
}
