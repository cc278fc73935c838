#include <tapegrad/optim/sam.hpp>

#include <doctest/doctest.h>

#include <tapegrad/optim/sgd.hpp>

#include "reference.hpp"

using namespace tapegrad;

namespace {
reference::MakeStep maker(const SGDOptions& inner, const SAMOptions& options) {
    return [=](const std::vector<Tensor<double>>& params) {
        const auto optimizer = std::make_shared<SAM<SGD<double>>>(SGD(params, inner), options);
        return [optimizer](const reference::Closure& closure) { optimizer->step(closure); };
    };
}
}

TEST_CASE("sam: equals its paper over 100 steps") {
    CHECK(reference::difference_on_objective("sam", 100, maker({.lr = 1e-4, .momentum = 0.5}, {})) <
          reference::tolerance<double>);
    CHECK(reference::difference_on_objective("sam_adaptive", 100,
                                             maker({.lr = 1e-4}, {.rho = 0.1, .adaptive = true})) <
          reference::tolerance<double>);
}

TEST_CASE("sam: climbs before the second gradient, and comes back") {
    Tensor<float> p = ones<float>({4}), still = ones<float>({2});
    SAM optimizer(SGD(std::vector{p, still}, {.lr = 1}), {.rho = 2});
    std::vector<float> seen;
    const auto closure = [&] {
        seen.push_back(p(0));
        p.set_grad(full<float>({4}, 3));
        return seen.size();
    };
    CHECK(optimizer.step(closure) == 1);
    CHECK(seen == std::vector<float>{1, 2});  // rho / sqrt(4)
    CHECK(p(0) == -2);
    CHECK(still(0) == 1);
    int calls = 0;
    CHECK_THROWS_AS(optimizer.step([&] {
        if (++calls == 2) throw std::runtime_error("interrupted");
        return 0;
    }),
                    std::runtime_error);
    CHECK(p(0) == -2);
}

TEST_CASE("sam: the state is that of the inner optimizer") {
    Tensor<float> p = ones<float>({2});
    SAM a(SGD(std::vector{p}, {.momentum = 0.9})), b(SGD(std::vector{p}, {.momentum = 0.9}));
    a.step([&] {
        p.set_grad(ones<float>({2}));
        return 0;
    });
    b.load_state_dict(a.state_dict());
    CHECK(b.state_dict().get<float>("0.momentum_buffer")(0) == 1);
}

TEST_CASE("sam: errors") {
    const std::vector params{ones<float>({2})};
    SAM optimizer(SGD(params, {}));
    CHECK_THROWS_WITH_AS(optimizer.step(),
                         "SAM: step needs a closure that computes the gradients: it is called twice",
                         ValueError);
    CHECK_THROWS_WITH_AS(SAM(SGD(params, {}), {.rho = -1}), "SAM: rho is -1; it must not be negative",
                         ValueError);
}
