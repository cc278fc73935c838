#include <tapegrad/distributions/independent.hpp>

#include <doctest/doctest.h>

#include <tapegrad/distributions/bernoulli.hpp>
#include <tapegrad/distributions/normal.hpp>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;

TEST_CASE("Independent: PyTorch's, gradients") {
    DistributionCase("independent").check([](const auto& p) { return Independent(Normal(p[0], p[1]), 1); });
    DistributionCase("kl_independent").check_kl([](const auto& p) {
        return kl_divergence(Independent(Normal(p[0], p[1]), 1), Independent(Normal(p[2], p[3]), 1));
    });
}

TEST_CASE("Independent: shapes, draws") {
    const Independent d(Normal(zeros<double>({2, 3, 4}), X(1.0)), 2);
    CHECK(d.batch_shape() == Shape{2});
    CHECK(d.event_shape() == Shape{3, 4});
    CHECK(d.entropy().shape() == Shape{2});
    Generator one(1), two(1);
    CHECK(support::same_bits(d.sample({5}, one), d.base.sample({5}, two)));
    CHECK(d.rsample({5}, one).shape() == Shape{5, 2, 3, 4});
    CHECK(d.log_prob(d.mean()).shape() == Shape{2});
    CHECK(d.variance().shape() == Shape{2, 3, 4});
    const Independent none(d, 0);
    CHECK(none.event_shape() == Shape{3, 4});
    const Independent coins(Bernoulli<float>({.logits = zeros<float>({3, 2})}), 1);
    CHECK(coins.log_prob(coins.sample({4}, one)).shape() == Shape{4, 3});
}

TEST_CASE("Independent: errors") {
    CHECK(message<ShapeError>([] { Independent(Normal(X{0}, X{1}), 2); }) ==
          "Independent: 2 axes of a batch (1,)");
    const Normal d(zeros<double>({2, 3}), X(1.0));
    CHECK(message<ShapeError>([&] {
              static_cast<void>(kl_divergence(Independent(d, 1), Independent(d, 2)));
          }) == "kl_divergence: 1 and 2 axes of a batch are one event");
}
