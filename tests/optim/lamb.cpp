#include <tapegrad/optim/lamb.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("lamb: equals its paper over 100 steps") {
    const auto check = [](const char* name, const LAMBOptions& o) {
        reference::equals_golden<LAMB<float>, LAMB<double>>(name, o);
    };
    check("lamb", {});
    check("lamb_options", {.lr = 1e-2, .beta2 = 0.9, .weight_decay = 0.1, .bias_correction = false});
}

TEST_CASE("lamb: a saved state continues bit for bit") {
    reference::resumes<LAMB<float>>(LAMBOptions{.weight_decay = 0.1});
}

TEST_CASE("lamb: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(LAMB(params, {.beta1 = 1}), "LAMB: beta1 is 1; it must be in [0, 1)", ValueError);
}
