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
    CHECK(to_vector(LeakyReLU{0.5}(x)) == std::vector<double>{-1, 0, 3});
    CHECK(to_vector(ReLU6()(x * 3)) == std::vector<double>{0, 0, 6});
    CHECK(to_vector(Hardtanh{-1, 2}(x)) == std::vector<double>{-1, 0, 2});
    CHECK(to_vector(GELU{GeluForm::tanh}(x)) == to_vector(gelu(x, {.approximate = GeluForm::tanh})));
    CHECK(to_vector(ELU{2}(x)) == to_vector(elu(x, 2)));
    CHECK(to_vector(Softshrink{1}(x)) == std::vector<double>{-1, 0, 2});
    CHECK(to_vector(Hardshrink{2.5}(x)) == std::vector<double>{0, 0, 3});
    CHECK(to_vector(Softmax()(x)) == to_vector(softmax(x, -1)));
    CHECK(to_vector(Softmin()(x)) == to_vector(softmin(x, -1)));
    CHECK(to_vector(GLU()(Tensor<double>{3, 0})) == std::vector<double>{1.5});
}
