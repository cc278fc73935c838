#include <tapegrad/nn/rms_norm.hpp>

#include "../support/module_golden.hpp"

using namespace tapegrad;

TEST_CASE("rms_norm: torch.nn") {
    RMSNorm<double> norm(5);
    support::check_module("rms_norm", norm, [&](const auto& x) { return std::vector{norm(x[0])}; });
    CHECK(RMSNorm<double>(5).eps == 0x1p-52);
    CHECK(RMSNorm(5, {.eps = 1e-6}).eps == 1e-6);
    CHECK(count_parameters(RMSNorm(5, {.affine = false})) == 0);
}
