#include <tapegrad/nn/mlp.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("Mlp: its layers behind each other", T, float, double) {
    Generator generator(1);
    const Mlp<T, Tanh> net(2, 3, {.hidden = {5, 4}, .context = 1}, generator);
    const Tensor<T> x = support::normal<T>({6, 2}), context = support::normal<T>({6, 1}, 2);
    const Tensor<T> expected = net.layers[2](tanh(net.layers[1](tanh(net.layers[0](cat({x, context}, 1))))));
    CHECK(support::same_bits(net(x, context), expected));
    CHECK(named_parameters(net).contains("layers.2.bias"));
    const Mlp<T> line(2, 3, {.hidden = {}}, generator);
    CHECK(support::same_bits(line(x), line.layers[0](x)));
    CHECK(line(zeros<T>({0, 2})).shape() == Shape{0, 3});
}

TEST_CASE("Mlp: errors") {
    Generator generator(1);
    const Mlp<> with(2, 3, {.context = 1}, generator), without(2, 3, {}, generator);
    const Tensor<float> x = zeros<float>({6, 2});
    CHECK(message<ValueError>([&] { with(x); }) == "Mlp: the network needs a context");
    CHECK(message<ValueError>([&] { without(x, x); }) == "Mlp: a context for a network without one");
    CHECK(message<ValueError>([&] { Mlp<>(2, 3, {.context = -1}, generator); }) ==
          "Mlp: a context of -1 features");
}
