// Activation functions.
#include <doctest/doctest.h>

#include <tapegrad/ops/activation.hpp>

#include "operations.hpp"

using namespace support;
using support::operation;

namespace {

const Operations activation(
    "activation",
    {
        operation("relu", [](const auto& x) { return relu(x); }),
        operation("relu6", [](const auto& x) { return relu6(x); }),
        operation("hardtanh", [](const auto& x) { return hardtanh(x); }),
        operation("hardtanh:bounds", [](const auto& x) { return hardtanh(x, -2, 0.5); }),
        operation("leaky_relu", [](const auto& x) { return leaky_relu(x); }),
        operation("leaky_relu:slope", [](const auto& x) { return leaky_relu(x, 0.2); }),
        operation("elu", [](const auto& x) { return elu(x); }),
        operation("elu:alpha", [](const auto& x) { return elu(x, 0.7); }),
        operation("selu", [](const auto& x) { return selu(x); }),
        operation("celu", [](const auto& x) { return celu(x, 1.5); }),
        operation("gelu", [](const auto& x) { return gelu(x); }),
        operation("gelu:tanh", [](const auto& x) { return gelu(x, {.approximate = GeluForm::tanh}); }),
        operation("silu", [](const auto& x) { return silu(x); }),
        operation("softplus", [](const auto& x) { return softplus(x); }),
        operation("softplus:beta", [](const auto& x) { return softplus(x, 1.5); }),
        operation("logsigmoid", [](const auto& x) { return logsigmoid(x); }),
        operation("mish", [](const auto& x) { return mish(x); }),
        // PyTorch takes 1/6 as a float.
        operation("hardsigmoid", [](const auto& x) { return hardsigmoid(x); }, {.golden = 1e-8}),
        operation("hardswish", [](const auto& x) { return hardswish(x); }),
        operation("softsign", [](const auto& x) { return softsign(x); }),
        operation("softshrink", [](const auto& x) { return softshrink(x); }),
        operation("hardshrink", [](const auto& x) { return hardshrink(x); }),
        operation("tanhshrink", [](const auto& x) { return tanhshrink(x); }),
        operation("threshold", [](const auto& x) { return threshold(x, 0.5, -2); }),
    });

}

TEST_CASE("operations: activation") { activation.check(); }
