#include <tapegrad/optim/adamax.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("adamax: equals torch.optim.Adamax over 100 steps") {
    const auto check = [](const char* name, const AdamaxOptions& o) {
        reference::equals_golden<Adamax<float>, Adamax<double>>(name, o);
    };
    check("adamax", {});
    check("adamax_options", {.lr = 0.003, .beta1 = 0.8, .beta2 = 0.9, .weight_decay = 0.1, .maximize = true});
}

TEST_CASE("adamax: a saved state continues bit for bit") {
    reference::resumes<Adamax<float>>(AdamaxOptions{});
}

TEST_CASE("adamax: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(Adamax(params, {.beta1 = -0.1}), "Adamax: beta1 is -0.1; it must be in [0, 1)",
                         ValueError);
}
