#include <tapegrad/optim/adamw.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;
using reference::equals_golden;

TEST_CASE("adamw: equals torch.optim.AdamW over 100 steps") {
    const auto check = [](const char* name, const AdamWOptions& o) {
        equals_golden<AdamW<float>, AdamW<double>>(name, o);
    };
    check("adamw", {});
    check("adamw_weight_decay", {.weight_decay = 0.1});
    check("adamw_no_decay", {.weight_decay = 0});
    check("adamw_betas", {.beta2 = 0.99});
    check("adamw_eps", {.lr = 0.01, .eps = 1e-3});
    check("adamw_amsgrad", {.beta2 = 0.9, .amsgrad = true});
    check("adamw_maximize", {.weight_decay = 0.1, .maximize = true});
    check("adamw_schedule", {.beta2 = 0.99, .weight_decay = 0.1});
}

TEST_CASE("adamw: a saved state continues bit for bit, amsgrad too") {
    reference::resumes<AdamW<float>>(AdamWOptions());
    reference::resumes<AdamW<float>>(AdamWOptions{.amsgrad = true});
}

TEST_CASE("adamw: steps of a parameter count only with a gradient") {
    Tensor<float> a = ones<float>({2}).requires_grad_(), b = ones<float>({2}).requires_grad_();
    AdamW optimizer(std::vector{a, b});
    a.set_grad(ones<float>({2}));
    optimizer.step();
    b.set_grad(ones<float>({2}));
    optimizer.step();
    CHECK(optimizer.state_dict().get<int64_t>("0.step").item() == 2);
    CHECK(optimizer.state_dict().get<int64_t>("1.step").item() == 1);
}

TEST_CASE("adamw: errors") {
    const std::vector<Tensor<float>> params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(AdamW(params, {.lr = -1}), "AdamW: lr is -1; it must not be negative", ValueError);
    CHECK_THROWS_WITH_AS(AdamW(params, {.beta1 = 1}), "AdamW: beta1 is 1; it must be in [0, 1)", ValueError);
}
