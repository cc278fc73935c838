#include <tapegrad/optim/lbfgs.hpp>

#include <doctest/doctest.h>

#include "reference.hpp"

using namespace tapegrad;

namespace {
reference::MakeStep maker(const LBFGSOptions& options) {
    return [options](const std::vector<Tensor<double>>& params) {
        const auto optimizer = std::make_shared<LBFGS<double>>(params, options);
        return [optimizer](const reference::Closure& closure) { optimizer->step(closure); };
    };
}

/// The bowl sum_i i x_i^2 / 2.
struct Bowl {
    Tensor<double> x = linspace<double>(1, 2, 6).requires_grad_();
    int calls = 0;
    Tensor<double> operator()() {
        ++calls;
        Tensor<double> slope = detail::copy(x);
        double loss = 0;
        for (int64_t i = 0; i < 6; ++i) {
            const double k = static_cast<double>(i) + 1;
            loss += k * x(i) * x(i) / 2;
            slope.set({i}, k * x(i));
        }
        x.set_grad(slope);
        return Tensor<double>(loss);
    }
};
}

TEST_CASE("lbfgs: equals torch.optim.LBFGS along a bowl and a valley") {
    // Ten steps of three or six iterations each magnify the last digit: by the ratio of curvatures, a thousand.
    CHECK(reference::difference_on_objective("lbfgs", 10, maker({.lr = 1e-3, .max_iter = 3})) < 1e-11);
    CHECK(reference::difference_on_objective("lbfgs_wolfe", 10,
                                             maker({.max_iter = 3, .strong_wolfe = true})) < 1e-9);
    CHECK(reference::difference_on_objective(
              "lbfgs_short_history", 10, maker({.max_iter = 6, .history_size = 3, .strong_wolfe = true})) <
          1e-9);
}

TEST_CASE("lbfgs: finds the minimum of a bowl, and then asks once") {
    Bowl bowl;
    LBFGS optimizer(std::vector{bowl.x}, {.strong_wolfe = true});
    optimizer.step(bowl);
    CHECK(optimizer.step(bowl).item() < 1e-9);  // tolerance_change
    Bowl found;
    found.x = bowl.x;
    LBFGS again(std::vector{found.x}, {.tolerance_grad = 1e-3});
    CHECK(again.step(std::ref(found)).item() < 1e-9);
    CHECK(found.calls == 1);
}

TEST_CASE("lbfgs: maximises, and float too") {
    Tensor<float> x = full<float>({3}, 0.5F);
    LBFGS optimizer(std::vector{x}, {.strong_wolfe = true, .maximize = true});
    for (int i = 0; i < 3; ++i)
        optimizer.step([&] {
            float loss = 0;
            Tensor<float> slope = detail::copy(x);
            for (int64_t k = 0; k < 3; ++k) {
                loss -= (x(k) - 2) * (x(k) - 2);
                slope.set({k}, -2 * (x(k) - 2));
            }
            x.set_grad(slope);
            return Tensor<float>(loss);
        });
    CHECK(x(1) == doctest::Approx(2));
}

TEST_CASE("lbfgs: a saved state continues bit for bit") {
    for (const int64_t history : {0, 2, 100}) {
        const LBFGSOptions options{.max_iter = 2, .history_size = history, .strong_wolfe = true};
        Bowl a, b;
        LBFGS whole(std::vector{a.x}, options), first(std::vector{b.x}, options),
            second(std::vector{b.x}, options);
        for (int i = 0; i < 4; ++i) whole.step(std::ref(a));
        for (int i = 0; i < 2; ++i) first.step(std::ref(b));
        second.load_state_dict(first.state_dict());
        for (int i = 0; i < 2; ++i) second.step(std::ref(b));
        CHECK(to_vector(a.x) == to_vector(b.x));
        CHECK(whole.state_dict().get<int64_t>("0.func_evals").item() ==
              second.state_dict().get<int64_t>("0.func_evals").item());
        CHECK(whole.state_dict().size() == second.state_dict().size());
    }
}

TEST_CASE("lbfgs: errors") {
    Bowl bowl;
    LBFGS optimizer(std::vector{bowl.x});
    CHECK_THROWS_WITH_AS(optimizer.step(),
                         "LBFGS: step needs a closure that computes the loss and its gradients", ValueError);
    CHECK_THROWS_WITH_AS(LBFGS(std::vector{bowl.x}, {.history_size = -1}),
                         "LBFGS: history_size is -1; it must not be negative", ValueError);
    CHECK_THROWS_WITH_AS(LBFGS(std::vector<Tensor<float>>()), "LBFGS: there are no parameters", ValueError);
    optimizer.step(bowl);
    const StateDict state = optimizer.state_dict();
    LBFGS other(std::vector{ones<double>({2})});
    CHECK_THROWS_WITH_AS(other.load_state_dict(state),
                         "LBFGS: the state 0.d is (6,) of float64, not (2,) of float64", ValueError);
    StateDict strange;
    strange.add_all("", state);
    strange.add("1.d", ones<double>({6}));
    CHECK_THROWS_WITH_AS(optimizer.load_state_dict(strange),
                         ("LBFGS: the state has " + std::to_string(strange.size()) + " tensors, of which " +
                          std::to_string(state.size()) + " belong to it")
                             .c_str(),
                         ValueError);
}
