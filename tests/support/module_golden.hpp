// Modules against torch.nn: one state dict, the same results, the same gradients.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <tapegrad/nn/load_state_dict.hpp>

#include "tensors.hpp"

namespace support {

/// tests/golden/nn.safetensors; the script beside it says what it holds.
const StateDict& module_golden();

using ModuleTensors = std::vector<Tensor<double>>;
using ModuleCall = std::function<ModuleTensors(const ModuleTensors&)>;

namespace module_check {

/// Calls f, compares its results, and propagates the upstream gradients; compares those of the inputs.
void run(const std::string& name, const ModuleCall& f, double tolerance);
/// Whether `got` is what the golden file says of it.
bool is_golden(const TensorBase& got, const std::string& name, double tolerance);

}

/// Loads the case's state into the module and checks what f makes of the case's inputs.
template <Module M>
void check_module(const std::string& name, M& module, const ModuleCall& f, double tolerance = 1e-10) {
    CAPTURE(name);
    load_state_dict(module, module_golden().under(name + ".state."));
    zero_grad(module);
    module_check::run(name, f, tolerance);
    for_each_parameter(module, [&](std::string_view key, const Tensor<double>& p) {
        CAPTURE(std::string(key));
        REQUIRE(p.grad().defined());
        CHECK(module_check::is_golden(p.grad(), name + ".grad." + std::string(key), tolerance));
    });
    for (const NamedTensor& entry : state_dict(module)) {
        CAPTURE(entry.name);
        const std::string after = name + ".after." + entry.name;
        if (module_golden().contains(after)) CHECK(module_check::is_golden(entry.tensor, after, tolerance));
    }
}

}
