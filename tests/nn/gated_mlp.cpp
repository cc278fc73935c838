#include <tapegrad/nn/gated_mlp.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("gated_mlp: each gate is its formula") {
    Generator g(1);
    const Tensor<double> x = support::normal<double>({2, 3});
    for (const Gate gate : {Gate::silu, Gate::gelu, Gate::relu}) {
        const GatedMlp<double> mlp(3, 5, g, {.gate = gate, .bias = gate == Gate::gelu});
        const Tensor<double> a = mlp.gate_proj(x), b = mlp.up_proj(x);
        const Tensor<double> act = gate == Gate::silu ? silu(a) : gate == Gate::gelu ? gelu(a) : relu(a);
        CHECK(support::close(mlp(x), mlp.down_proj(act * b), 1e-14));
        CHECK_GRAD([&](const auto& v) { return mlp(v[0]); }, {x}, 2);
    }
    CHECK(count_parameters(GatedMlp(3, 5, g)) == 45);
}
