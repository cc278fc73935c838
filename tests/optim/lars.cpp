#include <tapegrad/optim/lars.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("lars: equals its paper over 100 steps") {
    const auto check = [](const char* name, const LARSOptions& o) {
        reference::equals_golden<LARS<float>, LARS<double>>(name, o);
    };
    check("lars", {});
    check("lars_options", {.momentum = 0.5, .weight_decay = 0.1, .trust_coefficient = 0.02});
}

TEST_CASE("lars: a saved state continues bit for bit") { reference::resumes<LARS<float>>(LARSOptions{}); }

TEST_CASE("lars: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(LARS(params, {.trust_coefficient = -1}),
                         "LARS: trust_coefficient is -1; it must not be negative", ValueError);
}
