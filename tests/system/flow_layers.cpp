// The layers of flows against nflows and normflows: the same weights, the same values, volumes and gradients.
#include <doctest/doctest.h>

#include <tapegrad/flows/act_norm.hpp>
#include <tapegrad/flows/batch_norm.hpp>
#include <tapegrad/flows/elementwise.hpp>
#include <tapegrad/flows/householder.hpp>
#include <tapegrad/flows/linear_lu.hpp>
#include <tapegrad/flows/linear_svd.hpp>
#include <tapegrad/flows/planar.hpp>
#include <tapegrad/flows/squeeze.hpp>
#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/nn/load_state_dict.hpp>

#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

/// tests/golden/flow_layers.safetensors; the script beside it says what it holds.
const StateDict& golden() {
    static const StateDict all = load_safetensors("tests/golden/flow_layers.safetensors");
    return all;
}

template <class B>
void check(const std::string& name, B bijector) {
    CAPTURE(name);
    const StateDict state = golden().under(name + ".state.");
    if (!state.empty()) load_state_dict(bijector, state);
    const auto get = [&](const char* what) { return golden().get<double>(name + '.' + what); };
    const Tensor<double> x = detail::copy(get("x")).requires_grad_();
    const Mapped<double> y = bijector.forward(x, {});
    CHECK(support::close(y.value, get("value"), 1e-12));
    CHECK(support::close(y.log_det, get("log_det"), 1e-12));
    (sum(y.value * get("dy")) + sum(y.log_det * get("dlog_det"))).backward();
    CHECK(support::close(x.grad(), get("dx"), 1e-11));
    for_each_parameter(bijector, [&](std::string_view key, const Tensor<double>& p) {
        CAPTURE(std::string(key));
        const std::string in_file = name + ".grad." + std::string(key);
        if (golden().contains(in_file)) CHECK(support::close(p.grad(), golden().get<double>(in_file), 1e-11));
    });
    for (const NamedTensor& entry : state_dict(bijector)) {
        const std::string after = name + ".after." + entry.name;
        if (golden().contains(after) && entry.tensor.dtype() == DType::float64)
            CHECK(support::close(detail::cast_handle<double>(entry.tensor), golden().get<double>(after),
                                 1e-12));
    }
}

}

TEST_CASE("layers of flows: values, volumes and gradients of nflows") {
    Generator generator(1);
    check("linear_lu", LinearLU<double>(4));
    check("linear_qr", LinearQR<double>(4, 3, generator));
    check("linear_svd", LinearSVD<double>(4, 2, generator));
    check("householder", Householder<double>(4, 3, generator));
    check("conv1x1", Conv1x1LU<double>(4, generator));
    check("permutation", Permutation::reversed(4));
    check("act_norm", ActNorm<double>(4));
    ActNorm<double> trained(4);
    check("act_norm_images", eval(trained));
    check("batch_norm", BatchNormBijector<double>(4));
    BatchNormBijector<double> running(4);
    check("batch_norm_evaluated", eval(running));
    check("squeeze", Squeeze());
    check("sigmoid", SigmoidBijector());
    check("logit", LogitBijector());
    check("tanh", TanhBijector());
    check("leaky_relu", LeakyReluBijector(LeakyReluTransform(0.2)));
}

TEST_CASE("layers of flows: values, volumes and gradients of normflows") {
    Generator generator(1);
    check("planar", Planar<double>(4, generator));
    check("radial", Radial<double>(4, generator));
}
