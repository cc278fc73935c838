#include <tapegrad/optim/nadam.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("nadam: equals torch.optim.NAdam over 100 steps") {
    const auto check = [](const char* name, const NAdamOptions& o) {
        reference::equals_golden<NAdam<float>, NAdam<double>>(name, o);
    };
    check("nadam", {});
    check("nadam_options",
          {.beta1 = 0.8, .beta2 = 0.9, .weight_decay = 0.1, .momentum_decay = 0.1, .maximize = true});
    check("nadam_decoupled", {.weight_decay = 0.1, .decoupled_weight_decay = true});
}

TEST_CASE("nadam: a saved state continues bit for bit") { reference::resumes<NAdam<float>>(NAdamOptions{}); }

TEST_CASE("nadam: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(NAdam(params, {.momentum_decay = -1}),
                         "NAdam: momentum_decay is -1; it must not be negative", ValueError);
}
