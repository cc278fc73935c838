// Density models against the same in PyTorch: tests/golden/density.py; and what depends on what.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/nn/load_state_dict.hpp>
#include <tapegrad/ops/jacobian.hpp>

#include "../support/tensors.hpp"

namespace support {

using namespace tapegrad;

inline const StateDict& density_golden() {
    static const StateDict dict = load_safetensors("tests/golden/density.safetensors");
    return dict;
}

/// f takes the first input of the case, which gets a gradient where the case has one.
template <Module M, class F>
void check_density(const std::string& name, M& module, const F& f, double tolerance = 1e-10) {
    CAPTURE(name);
    const StateDict golden = density_golden().under(name + '.');
    load_state_dict(module, golden.under("state."));
    requires_grad_(module);
    zero_grad(module);
    const Tensor<double> x = detail::copy(golden.get<double>("x0")).requires_grad_();
    const Tensor<double> y = f(x);
    CHECK(close(y, golden.get<double>("y"), tolerance));
    backward(y, golden.get<double>("dy"));
    if (golden.contains("dx0")) CHECK(close(x.grad(), golden.get<double>("dx0"), tolerance));
    for_each_parameter(module, [&](std::string_view key, const Tensor<double>& p) {
        CAPTURE(std::string(key));
        const Tensor<double> want = golden.get<double>("grad." + std::string(key));
        if (p.grad().defined())
            CHECK(close(p.grad(), want, tolerance));
        else
            for (const double v : to_vector(want)) REQUIRE(v == 0);
    });
}

/// Whether output a of f depends on input b, for f from (n,) numbers in double to any shape.
template <class F>
std::vector<std::vector<bool>> dependencies(const F& f, const Tensor<double>& x) {
    const Tensor<double> d = detail::contiguous(jacobian(f, x));
    const int64_t n = x.numel(), m = d.numel() / n;
    std::vector<std::vector<bool>> result(static_cast<std::size_t>(m));
    for (int64_t a = 0; a < m; ++a)
        for (int64_t b = 0; b < n; ++b)
            result[static_cast<std::size_t>(a)].push_back(d.data()[a * n + b] != 0);
    return result;
}

}
