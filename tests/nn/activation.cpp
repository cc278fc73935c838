#include <tapegrad/nn/activation.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

TEST_CASE("activation: each is its function") {
    const Tensor<double> x{-2, 0, 3};
    CHECK(to_vector(ReLU()(x)) == to_vector(relu(x)));
    CHECK(to_vector(GELU()(x)) == to_vector(gelu(x)));
    CHECK(to_vector(SiLU()(x)) == to_vector(silu(x)));
    CHECK(to_vector(Sigmoid()(x)) == to_vector(sigmoid(x)));
    CHECK(to_vector(Tanh()(x)) == to_vector(tanh(x)));
}
