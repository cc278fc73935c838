#include <tapegrad/nn/residual_net.hpp>

#include <doctest/doctest.h>

#include <tapegrad/autograd/backward.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("ResidualNet: what a block adds", T, float, double) {
    Generator generator(1);
    const ResidualNet<T> net(2, 3, 5, {.blocks = 1}, generator);
    const Tensor<T> x = support::normal<T>({6, 2});
    const Tensor<T> h = net.initial_layer(x);
    const auto& layers = net.blocks[0].linear_layers;
    CHECK(support::same_bits(net(x), net.final_layer(h + layers[1](relu(layers[0](relu(h)))))));
    for (const T v : to_vector(layers[1].weight)) CHECK(std::abs(v) <= T(1e-3));
    CHECK(named_parameters(net).contains("blocks.0.linear_layers.1.bias"));
}

TEST_CASE("ResidualNet: context, norm and dropout") {
    Generator generator(1);
    ResidualNet<double> net(2, 3, 5, {.blocks = 2, .context = 2, .batch_norm = true, .dropout = 0.5},
                            generator);
    const Tensor<double> x = support::normal<double>({6, 2}), context = support::normal<double>({6, 2}, 2);
    backward(sum(net(x, context, generator)));
    for_each_parameter(net, [](std::string_view key, const Tensor<double>& p) {
        CAPTURE(std::string(key));
        CHECK(p.grad().defined());
    });
    CHECK(state_dict(net).contains("blocks.1.batch_norm_layers.0.running_mean"));
    CHECK(state_dict(net).contains("blocks.1.context_layer.weight"));
    CHECK_FALSE(support::close(net(x, context, generator), net(x, context, generator), 1e-9));
    eval(net);
    CHECK(support::same_bits(net(x, context), net(x, context)));
}

TEST_CASE("ResidualNet: errors") {
    Generator generator(1);
    const ResidualNet<> with(2, 3, 4, {.context = 1}, generator), without(2, 3, 4, {}, generator);
    const Tensor<float> x = zeros<float>({6, 2});
    CHECK(message<ValueError>([&] { with(x); }) == "ResidualNet: the network needs a context");
    CHECK(message<ValueError>([&] { without(x, x); }) == "ResidualNet: a context for a network without one");
    CHECK(message<ValueError>([&] { ResidualNet<>(2, 3, 4, {.blocks = -1}, generator); }) ==
          "ResidualNet: -1 blocks");
    CHECK(message<ValueError>([&] { ResidualNet<>(2, 3, 4, {.context = -1}, generator); }) ==
          "ResidualNet: a context of -1 features");
}
