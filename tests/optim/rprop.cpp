#include <tapegrad/optim/rprop.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("rprop: equals torch.optim.Rprop over 100 steps") {
    const auto check = [](const char* name, const RpropOptions& o) {
        reference::equals_golden<Rprop<float>, Rprop<double>>(name, o);
    };
    check("rprop", {});
    check("rprop_options", {.lr = 1e-3,
                            .eta_minus = 0.4,
                            .eta_plus = 1.3,
                            .min_step = 1e-4,
                            .max_step = 0.02,
                            .maximize = true});
}

TEST_CASE("rprop: a saved state continues bit for bit") { reference::resumes<Rprop<float>>(RpropOptions{}); }

TEST_CASE("rprop: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(Rprop(params, {.eta_plus = 0.9}),
                         "Rprop: eta_minus 0.5 and eta_plus 0.9 are not on the two sides of 1", ValueError);
    CHECK_THROWS_WITH_AS(Rprop(params, {.min_step = 2, .max_step = 1}),
                         "Rprop: min_step 2 is above max_step 1", ValueError);
}
