#include <tapegrad/optim/sgd.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

TEST_CASE("sgd: equals torch.optim.SGD over 100 steps") {
    const auto check = [](const char* name, const SGDOptions& o) {
        reference::equals_golden<SGD<float>, SGD<double>>(name, o);
    };
    check("sgd", {.lr = 0.01});
    check("sgd_momentum", {.lr = 0.01, .momentum = 0.9});
    check("sgd_nesterov", {.lr = 0.01, .momentum = 0.9, .nesterov = true});
    check("sgd_weight_decay", {.lr = 0.01, .weight_decay = 0.1});
    check("sgd_dampening", {.lr = 0.01, .momentum = 0.9, .dampening = 0.5});
    check("sgd_momentum_weight_decay", {.lr = 0.01, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.1});
    check("sgd_nesterov_weight_decay", {.lr = 0.01, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true});
    check("sgd_maximize", {.lr = 0.01, .momentum = 0.9, .weight_decay = 0.1, .maximize = true});
    check("sgd_momentum_schedule", {.lr = 0.01, .momentum = 0.9});
}

TEST_CASE("sgd: a parameter without a gradient stays, one that was frozen too") {
    Tensor<float> a = ones<float>({3}).requires_grad_(), b = ones<float>({3}).requires_grad_();
    SGD optimizer(std::vector{a, b}, {.lr = 1, .momentum = 0.5});
    a.set_grad(ones<float>({3}));
    optimizer.step();
    CHECK(to_vector(a) == std::vector<float>{0, 0, 0});
    CHECK(to_vector(b) == std::vector<float>{1, 1, 1});
    CHECK(optimizer.state_dict().size() == 2);  // and the learning rate
    optimizer.zero_grad();
    CHECK(!a.grad().defined());
}

TEST_CASE("sgd: a saved state continues bit for bit") {
    reference::resumes<SGD<float>>(SGDOptions{.lr = 0.1});
    reference::resumes<SGD<float>>(SGDOptions{.lr = 0.1, .momentum = 0.9, .dampening = 0.1});
}

TEST_CASE("sgd: errors") {
    const std::vector<Tensor<float>> params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(SGD(params, {.lr = -1}), "SGD: lr is -1; it must not be negative", ValueError);
    CHECK_THROWS_WITH_AS(SGD(params, {.nesterov = true}), "SGD: nesterov needs a momentum and no dampening",
                         ValueError);
}
