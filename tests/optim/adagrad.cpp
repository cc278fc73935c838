#include <tapegrad/optim/adagrad.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("adagrad: equals torch.optim.Adagrad over 100 steps") {
    const auto check = [](const char* name, const AdagradOptions& o) {
        reference::equals_golden<Adagrad<float>, Adagrad<double>>(name, o);
    };
    check("adagrad", {});
    check("adagrad_options",
          {.lr = 0.1, .lr_decay = 0.1, .weight_decay = 0.1, .initial_accumulator_value = 0.5});
}

TEST_CASE("adagrad: a saved state continues bit for bit") {
    reference::resumes<Adagrad<float>>(AdagradOptions{.lr_decay = 0.1});
}

TEST_CASE("adagrad: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(Adagrad(params, {.initial_accumulator_value = -1}),
                         "Adagrad: initial_accumulator_value is -1; it must not be negative", ValueError);
}
