// Density models against the same in PyTorch: tests/golden/density.py; and what depends on what.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <tapegrad/nn/load_state_dict.hpp>

#include "../support/tensors.hpp"

namespace support {

using namespace tapegrad;

/// One type for every model: what is done with it is compiled once.
using OfTensor = std::function<Tensor<double>(const Tensor<double>&)>;

/// tests/golden/density.safetensors; the script beside it says what it holds.
const StateDict& density_golden();

namespace density_check {
/// Calls f with the first input of the case, which gets a gradient where the case has one; compares both, and goes back.
void run(const std::string& name, const OfTensor& f, double tolerance);
/// Compares the gradient of a parameter.
void parameter(const std::string& name, const Tensor<double>& p, double tolerance);
}

/// f is the model of the first input of the case.
template <Module M>
void check_density(const std::string& name, M& module, const OfTensor& f, double tolerance = 1e-10) {
    CAPTURE(name);
    load_state_dict(module, density_golden().under(name + ".state."));
    requires_grad_(module);
    zero_grad(module);
    density_check::run(name, f, tolerance);
    for_each_parameter(module, [&](std::string_view key, const Tensor<double>& p) {
        density_check::parameter(name + ".grad." + std::string(key), p, tolerance);
    });
}

/// Whether output a of f depends on input b, for f from (n,) numbers to any shape.
std::vector<std::vector<bool>> dependencies(const OfTensor& f, const Tensor<double>& x);

}
