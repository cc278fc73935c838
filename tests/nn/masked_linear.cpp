#include <tapegrad/nn/masked_linear.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"

using namespace tapegrad;

namespace {
const Tensor<int64_t> in{1, 2, 3}, out{1, 3};
}

TEST_CASE_TEMPLATE("masked_linear: the masks of degrees", T, float, double) {
    CHECK(to_vector(degree_mask<T>(in, out, SeenDegrees::up_to_own)) == std::vector<T>{1, 0, 0, 1, 1, 1});
    CHECK(to_vector(degree_mask<T>(in, out, SeenDegrees::below_own)) == std::vector<T>{0, 0, 0, 1, 1, 0});
    Generator g(1);
    MaskedLinear<T> layer(in, out, SeenDegrees::up_to_own, g);
    layer.weight = Tensor<T>{{1, 2, 3}, {4, 5, 6}};
    layer.bias = Tensor<T>{10, 20};
    const Tensor<T> x{{1, 1, 1}};
    CHECK(to_vector(layer(x)) == std::vector<T>{11, 35});
    CHECK(to_vector(layer.by_degrees(x, in, SeenDegrees::up_to_own)) == std::vector<T>{11, 35});
    CHECK(to_vector(layer.by_degrees(x, in, SeenDegrees::below_own)) == std::vector<T>{10, 29});
    layer.set_degrees(in, out, SeenDegrees::below_own);
    CHECK(to_vector(layer(x)) == std::vector<T>{10, 29});
}

TEST_CASE("masked_linear: the start, names and options") {
    Generator g(1), again(1);
    const MaskedLinear<> layer(in, out, SeenDegrees::up_to_own, g);
    std::string names;
    for (const NamedTensor& entry : state_dict(layer)) names += entry.name + ' ';
    CHECK(names == "weight bias mask degrees ");
    CHECK(parameters(layer).size() == 2);
    CHECK(to_vector(Linear(3, 2, again).weight) == to_vector(layer.weight));
    const MaskedLinear<> bare(Tensor<float>{{1, 0}}, g, {.bias = false});
    CHECK(state_dict(bare).size() == 2);
}

TEST_CASE("masked_linear: errors") {
    Generator g(1);
    using support::message;
    CHECK(message<ShapeError>([&] {
              static_cast<void>(MaskedLinear<>(Tensor<float>{1, 0}, g));
          }) == "MaskedLinear: mask (2,) is no matrix: it must be (out, in)");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(degree_mask<float>(in, Tensor<int64_t>{{1, 2}}, SeenDegrees::up_to_own));
          }) == "degree_mask: degrees of inputs (3,) and of outputs (1, 2): each must be a vector");
    MaskedLinear<> plain(Tensor<float>{{1, 0}}, g), layer(in, out, SeenDegrees::up_to_own, g);
    CHECK(message<ValueError>([&] { plain.set_degrees(in, out, SeenDegrees::up_to_own); }) ==
          "MaskedLinear: the mask was not made of degrees");
    CHECK(message<ShapeError>([&] { layer.set_degrees(out, out, SeenDegrees::up_to_own); }) ==
          "MaskedLinear: degrees for a mask (2, 2); it is (2, 3)");
}
