#include <tapegrad/flows/flow_matching/discrete.hpp>

#include <doctest/doctest.h>

#include "../../support/matching.hpp"

using namespace tapegrad;

TEST_CASE("discrete: flow_matching's loss and gradient") {
    const auto logits = support::matching_golden("discrete.logits").requires_grad_();
    const auto x1 = support::matching_golden<int64_t>("discrete.x1"),
               xt = support::matching_golden<int64_t>("discrete.xt");
    const auto loss =
        mixture_path_loss(Polynomial{2}, logits, x1, xt, support::matching_golden("discrete.t"));
    CHECK(support::close(loss, support::matching_golden("discrete.loss"), 1e-12));
    CHECK(support::close(grad(loss, {logits})[0], support::matching_golden("discrete.dlogits"), 1e-12));
}

TEST_CASE_TEMPLATE("discrete: tokens of noise and data in the shares of the time", T, float, double) {
    Generator generator(1);
    const auto x0 = zeros<int64_t>({3, 4000}), x1 = ones<int64_t>({3, 4000});
    const auto x = mixture_path(Polynomial{2}, x0, x1, Tensor<T>{0, 0.5, 1}, generator);
    const double shares[] = {0, 0.25, 1};
    for (int64_t i = 0; i < 3; ++i) {
        int64_t there = 0;
        for (int64_t j = 0; j < 4000; ++j) there += x.data()[i * 4000 + j];
        CHECK(std::abs(static_cast<double>(there) / 4000 - shares[i]) < 0.03);
    }
}

TEST_CASE("discrete: draws of a model that knows the data") {
    Generator generator(2);
    const auto target = randint<int64_t>(0, 5, {40, 6}, generator);
    // Logits that make each token of the target almost sure.
    Tensor<float> logits = zeros<float>({40, 6, 5});
    for (int64_t i = 0; i < target.numel(); ++i) detail::output(logits)[i * 5 + target.data()[i]] = 50;
    std::vector<int64_t> moved;
    const auto model = [&](double, const Tensor<int64_t>& x) {
        int64_t there = 0;
        for (int64_t i = 0; i < x.numel(); ++i) there += x.data()[i] == target.data()[i] ? 1 : 0;
        moved.push_back(there);
        return logits;
    };
    const auto x0 = full<int64_t>({40, 6}, 5);  // a token of its own for noise
    CHECK(support::same_bits(sample_discrete(model, CondOT{}, x0, 20, generator), target));
    CHECK(moved.size() == 20);
    CHECK(moved[0] == 0);
    CHECK(std::abs(static_cast<double>(moved[10]) / 240 - 0.5) < 0.15);  // half of them at half of the time
    CHECK_THROWS_WITH_AS(sample_discrete(model, CondOT{}, x0, 0, generator), "sample_discrete: 0 steps",
                         ValueError);
}

TEST_CASE("discrete: errors") {
    const auto x = zeros<int64_t>({2, 3});
    CHECK_THROWS_WITH_AS(mixture_path(CondOT{}, x, x, zeros<float>({3})),
                         "mixture_path: t (3,) has no time for each event of (2, 3)", ShapeError);
    CHECK_THROWS_WITH_AS(
        mixture_path_loss(CondOT{}, zeros<float>({2, 4, 5}), x, x, zeros<float>({2})),
        "mixture_path_loss: logits (2, 4, 5), tokens (2, 3) and t (2,) do not belong together", ShapeError);
}
