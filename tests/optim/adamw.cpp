#include <tapegrad/optim/adamw.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("adamw: equals torch.optim.AdamW over 100 steps", T, float, double) {
    const auto check = [](const char* name, const AdamWOptions& options) {
        CAPTURE(std::string(name));
        CHECK(difference_to_torch<T>(name, [&](const auto& params) { return AdamW<T>(params, options); }) <
              torch_tolerance<T>);
    };
    check("adamw", {});
    check("adamw_weight_decay", {.weight_decay = 0.1});
    check("adamw_no_decay", {.weight_decay = 0});
    check("adamw_betas", {.beta2 = 0.99});
    check("adamw_eps", {.lr = 0.01, .eps = 1e-3});
    check("adamw_schedule", {.beta2 = 0.99, .weight_decay = 0.1});
}

TEST_CASE("adamw: a saved state continues bit for bit, amsgrad too") {
    for (const bool amsgrad : {false, true}) {
        const AdamWOptions options{.amsgrad = amsgrad};
        const auto gradient = [](int step) { return full<float>({5}, static_cast<float>(step % 3) - 0.7F); };
        Tensor<float> a = ones<float>({5}).requires_grad_();
        AdamW whole(std::vector{a}, options);
        for (int step = 0; step < 6; ++step) {
            a.set_grad(gradient(step));
            whole.step();
        }
        Tensor<float> b = ones<float>({5}).requires_grad_();
        AdamW first(std::vector{b}, options);
        for (int step = 0; step < 3; ++step) {
            b.set_grad(gradient(step));
            first.step();
        }
        const StateDict state = first.state_dict();
        CHECK(state.size() == (amsgrad ? 5 : 4));
        CHECK(state.get<int64_t>("0.step").item() == 3);
        AdamW second(std::vector{b}, options);
        second.load_state_dict(state);
        for (int step = 3; step < 6; ++step) {
            b.set_grad(gradient(step));
            second.step();
        }
        CHECK(to_vector(a) == to_vector(b));
        CHECK(state.get<int64_t>("0.step").item() == 3);  // the state was copied
    }
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
    CHECK_THROWS_WITH_AS(AdamW(params, {.lr = -1}),
                         "AdamW: lr -1, eps 0 and weight_decay 0.01 must not be negative", ValueError);
    CHECK_THROWS_WITH_AS(AdamW(params, {.beta1 = 1}), "AdamW: beta1 1 and beta2 0.999 must be in [0, 1)",
                         ValueError);
}
