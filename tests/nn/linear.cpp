#include <tapegrad/nn/linear.hpp>

#include <doctest/doctest.h>

#include <tapegrad/autograd/gradcheck.hpp>

using namespace tapegrad;

TEST_CASE_TEMPLATE("linear: value", T, float, double) {
    Generator g(1);
    Linear<T> layer(3, 2, g);
    layer.weight = Tensor<T>{{1, 2, 3}, {-1, 0, 1}};
    layer.bias = Tensor<T>{10, 20};
    CHECK(to_vector(layer(Tensor<T>{{1, 1, 1}, {0, 2, 1}})) == std::vector<T>{16, 20, 17, 21});
    CHECK(layer(zeros<T>({4, 5, 3})).shape() == Shape{4, 5, 2});
    CHECK(layer(zeros<T>({0, 3})).shape() == Shape{0, 2});
    CHECK(layer(zeros<T>({3})).shape() == Shape{2});
}

TEST_CASE("linear: the start, names and options") {
    Generator g(1);
    const Linear layer(64, 32, g);
    CHECK(layer.weight.shape() == Shape{32, 64});
    CHECK(layer.weight.requires_grad());
    CHECK(state_dict(layer).begin()->name == "weight");
    for (const float v : to_vector(layer.weight)) CHECK(std::fabs(v) <= 0.125F);
    for (const float v : to_vector(layer.bias)) CHECK(std::fabs(v) <= 0.125F);
    const Linear bare(64, 32, g, {.bias = false});
    CHECK(!bare.bias.defined());
    CHECK(parameters(bare).size() == 1);
    CHECK(bare(zeros<float>({1, 64}))(0, 0) == 0);
    Generator again(1);
    CHECK(to_vector(Linear(64, 32, again).bias) == to_vector(layer.bias));
}

TEST_CASE("linear: gradient") {
    Generator g(1);
    Linear<double> layer(3, 2, g);
    gradcheck(
        [&](const std::vector<Tensor<double>>& in) {
            layer.weight = in[1];
            layer.bias = in[2];
            return layer(in[0]);
        },
        {detail::copy(layer.weight.detach()), layer.weight.detach(), layer.bias.detach()}, {.order = 2});
}

TEST_CASE("linear: errors") {
    Generator g(1);
    CHECK_THROWS_AS(Linear(-1, 2, g), ShapeError);
    CHECK_THROWS_AS(Linear(3, 2, g)(zeros<float>({4})), ShapeError);
}
