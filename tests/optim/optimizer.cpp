#include <tapegrad/optim/optimizer.hpp>

#include <doctest/doctest.h>

#include <tapegrad/optim/adamw.hpp>

using namespace tapegrad;

TEST_CASE("optimizer: groups by rank or predicate") {
    const Tensor<float> w = ones<float>({2, 2}), b = ones<float>({2});
    const auto groups = decay_groups(std::vector{b, w}, AdamWOptions{.lr = 0.5, .weight_decay = 0.1});
    CHECK(groups[0].parameters.size() == 1);
    CHECK(groups[0].parameters[0].is_same(w));
    CHECK(groups[0].options.weight_decay == 0.1);
    CHECK(groups[1].parameters[0].is_same(b));
    CHECK(groups[1].options.weight_decay == 0);
    CHECK(groups[1].options.lr == 0.5);
    const auto all =
        decay_groups(std::vector{b, w}, AdamWOptions(), [](const Tensor<float>&) { return true; });
    CHECK(all[0].parameters.size() == 2);
    CHECK(all[1].parameters.empty());
}

TEST_CASE("optimizer: each group has its options, set_lr sets all") {
    Tensor<float> a = ones<float>({2}).requires_grad_(), b = ones<float>({2}).requires_grad_();
    using Group = AdamW<float>::Group;
    AdamW optimizer(
        std::vector<Group>{{{a}, {.lr = 0.1, .weight_decay = 0}}, {{b}, {.lr = 0.2, .weight_decay = 0}}});
    a.set_grad(ones<float>({2}));
    b.set_grad(ones<float>({2}));
    optimizer.step();
    // The first step of Adam is lr.
    CHECK(a(0) == doctest::Approx(0.9));
    CHECK(b(0) == doctest::Approx(0.8));
    optimizer.set_lr(0);
    optimizer.step();
    CHECK(a(0) == doctest::Approx(0.9));
    optimizer.options(1).lr = 0.1;
    CHECK(optimizer.groups()[1].options.lr == 0.1);
    const StateDict state = optimizer.state_dict();
    optimizer.set_lr(7);
    optimizer.load_state_dict(state);
    CHECK(optimizer.groups()[0].options.lr == 0);
    CHECK(optimizer.groups()[1].options.lr == 0.1);
}

TEST_CASE("optimizer: errors") {
    const Tensor<float> a = ones<float>({2, 3});
    CHECK_THROWS_WITH_AS(AdamW(std::vector{a, a}), "optimizer: parameter 1 (2, 3) is there twice",
                         ValueError);
    CHECK_THROWS_WITH_AS(AdamW(std::vector{detail::view_of(a, {3, 2}, {1, 3})}),
                         "optimizer: parameter 0 (3, 2) is not contiguous", ValueError);
    AdamW optimizer(std::vector{a});
    StateDict state;
    state.add("0.exp_avg", ones<float>({3, 2}));
    CHECK_THROWS_WITH_AS(optimizer.load_state_dict(state),
                         "optimizer: the state 0.exp_avg is (3, 2) of float32, not (2, 3) of float32",
                         ValueError);
    StateDict other;
    other.add("1.exp_avg", ones<float>({2, 3}));
    CHECK_THROWS_WITH_AS(optimizer.load_state_dict(other), "optimizer: the state has no number group.0.lr",
                         ValueError);
    other.add("group.0.lr", full<double>({}, 0.5));
    CHECK_THROWS_WITH_AS(
        optimizer.load_state_dict(other),
        "optimizer: the state has 2 tensors, of which 1 belong to the 1 parameters and their groups",
        ValueError);
}
