#include <tapegrad/optim/rmsprop.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("rmsprop: equals torch.optim.RMSprop over 100 steps") {
    const auto check = [](const char* name, const RMSpropOptions& o) {
        reference::equals_golden<RMSprop<float>, RMSprop<double>>(name, o);
    };
    check("rmsprop", {});
    check("rmsprop_centered", {.weight_decay = 0.1, .centered = true, .maximize = true});
    check("rmsprop_momentum", {.alpha = 0.9, .momentum = 0.9});
    check("rmsprop_centered_momentum", {.momentum = 0.5, .centered = true});
}

TEST_CASE("rmsprop: a saved state continues bit for bit") {
    reference::resumes<RMSprop<float>>(RMSpropOptions{});
    reference::resumes<RMSprop<float>>(RMSpropOptions{.momentum = 0.9, .centered = true});
}

TEST_CASE("rmsprop: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(RMSprop(params, {.alpha = -1}), "RMSprop: alpha is -1; it must not be negative",
                         ValueError);
}
