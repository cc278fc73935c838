#include <tapegrad/optim/lion.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("lion: equals its paper over 100 steps") {
    const auto check = [](const char* name, const LionOptions& o) {
        reference::equals_golden<Lion<float>, Lion<double>>(name, o);
    };
    check("lion", {.lr = 1e-3});
    check("lion_options", {.lr = 1e-3, .beta1 = 0.8, .beta2 = 0.9, .weight_decay = 0.1});
}

TEST_CASE("lion: a saved state continues bit for bit") { reference::resumes<Lion<float>>(LionOptions{}); }

TEST_CASE("lion: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(Lion(params, {.lr = std::nan("")}), "Lion: lr is nan; it must not be negative",
                         ValueError);
}
