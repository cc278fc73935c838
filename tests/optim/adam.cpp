#include <tapegrad/optim/adam.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("adam: equals torch.optim.Adam over 100 steps") {
    const auto check = [](const char* name, const AdamOptions& o) {
        reference::equals_golden<Adam<float>, Adam<double>>(name, o);
    };
    check("adam", {});
    check("adam_weight_decay", {.lr = 0.01, .weight_decay = 0.1});
    check("adam_amsgrad", {.beta1 = 0.8, .beta2 = 0.9, .amsgrad = true, .maximize = true});
    check("adam_decoupled", {.weight_decay = 0.1, .decoupled_weight_decay = true});
}

TEST_CASE("adam: a saved state continues bit for bit") {
    reference::resumes<Adam<float>>(AdamOptions{});
    reference::resumes<Adam<float>>(AdamOptions{.weight_decay = 0.1, .amsgrad = true});
}

TEST_CASE("adam: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(Adam(params, {.eps = -1}), "Adam: eps is -1; it must not be negative", ValueError);
    CHECK_THROWS_WITH_AS(Adam(params, {.beta2 = 1.5}), "Adam: beta2 is 1.5; it must be in [0, 1)",
                         ValueError);
}
