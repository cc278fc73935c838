#include <tapegrad/optim/radam.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("radam: equals torch.optim.RAdam over 100 steps") {
    const auto check = [](const char* name, const RAdamOptions& o) {
        reference::equals_golden<RAdam<float>, RAdam<double>>(name, o);
    };
    check("radam", {});
    check("radam_options", {.lr = 0.01, .beta1 = 0.8, .beta2 = 0.9, .weight_decay = 0.1, .maximize = true});
    check("radam_decoupled", {.weight_decay = 0.1, .decoupled_weight_decay = true});
}

TEST_CASE("radam: a saved state continues bit for bit") { reference::resumes<RAdam<float>>(RAdamOptions{}); }

TEST_CASE("radam: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(RAdam(params, {.weight_decay = -1}),
                         "RAdam: weight_decay is -1; it must not be negative", ValueError);
}
