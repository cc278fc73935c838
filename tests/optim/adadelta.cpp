#include <tapegrad/optim/adadelta.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("adadelta: equals torch.optim.Adadelta over 100 steps") {
    const auto check = [](const char* name, const AdadeltaOptions& o) {
        reference::equals_golden<Adadelta<float>, Adadelta<double>>(name, o);
    };
    check("adadelta", {});
    check("adadelta_options", {.lr = 0.5, .rho = 0.8, .weight_decay = 0.1, .maximize = true});
}

TEST_CASE("adadelta: a saved state continues bit for bit") {
    reference::resumes<Adadelta<float>>(AdadeltaOptions{});
}

TEST_CASE("adadelta: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(Adadelta(params, {.rho = 2}), "Adadelta: rho is 2; it must be in [0, 1]",
                         ValueError);
}
