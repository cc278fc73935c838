#include <tapegrad/nn/group_norm.hpp>

#include "../support/message.hpp"
#include "../support/module_golden.hpp"

using namespace tapegrad;

TEST_CASE("group_norm: torch.nn") {
    GroupNorm<double> group(2, 4);
    support::check_module("group_norm", group, [&](const auto& x) { return std::vector{group(x[0])}; });
}

TEST_CASE("group_norm: options and errors") {
    CHECK(count_parameters(GroupNorm(2, 4, {.affine = false})) == 0);
    CHECK(support::message<ValueError>([] { static_cast<void>(GroupNorm(3, 4)); }) ==
          "GroupNorm: 4 channels are no 3 equal groups");
}
