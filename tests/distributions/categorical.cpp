#include <tapegrad/distributions/categorical.hpp>

#include <doctest/doctest.h>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;
using C = Categorical<double>;

TEST_CASE("Categorical: PyTorch's, gradients") {
    DistributionCase("categorical_probs").check([](const auto& p) { return C({.probs = p[0]}); });
    DistributionCase("categorical_logits").check([](const auto& p) { return C({.logits = p[0]}); });
    DistributionCase("kl_categorical").check_kl([](const auto& p) {
        return kl_divergence(C({.logits = p[0]}), C({.logits = p[1]}));
    });
}

TEST_CASE("Categorical: draws") {
    const C d({.probs = X{{1, 2, 0, 7}, {0, 0, 3, 0}}});
    CHECK(d.batch_shape() == Shape{2});
    Generator generator(1);
    const Tensor<int64_t> x = d.sample({100, 200}, generator);
    CHECK(x.shape() == Shape{100, 200, 2});
    double counts[2][4] = {};
    for (int64_t i = 0; i < x.numel(); ++i) counts[i % 2][x.data()[i]] += 1;
    for (int64_t row = 0; row < 2; ++row)
        for (int64_t k = 0; k < 4; ++k) {
            const double p = d.probs(row, k);  // six deviations: once in 10^9
            CHECK(std::fabs(counts[row][k] - 20000 * p) <= 6 * std::sqrt(20000 * p * (1 - p)));
        }
    CHECK(C({.logits = X{0, 1}}).sample({}, generator).shape() == Shape{});
    CHECK(C({.logits = zeros<double>({0, 3})}).sample({2}, generator).shape() == Shape{2, 0});
    CHECK(Categorical<float>({.logits = Tensor<float>{1, 2}}).sample({0}, generator).shape() == Shape{0});
}

TEST_CASE("Categorical: broadcast, what never comes") {
    const C d({.probs = X{1, 1, 0}});
    CHECK(support::close(d.log_prob(Tensor<int64_t>{{0, 1}, {1, 0}}), full<double>({2, 2}, -std::log(2.0)),
                         1e-15));
    CHECK(support::close(d.entropy(), X(std::log(2.0)), 1e-12));
    const C hard({.logits = X{0, -std::numeric_limits<double>::infinity()}});
    CHECK(hard.entropy().item() == 0);
    CHECK(hard.log_prob(Tensor<int64_t>(1)).item() == -std::numeric_limits<double>::infinity());
    const C even({.probs = X{1, 1}});
    CHECK(kl_divergence(even, hard).item() == std::numeric_limits<double>::infinity());
    CHECK(kl_divergence(hard, even).item() == doctest::Approx(std::log(2.0)));
}

TEST_CASE("Categorical: errors") {
    CHECK(message<ValueError>([] { C({}); }) == "Categorical: give probs or logits, one of them");
    CHECK(message<ShapeError>([] { C({.probs = X(1.0)}); }) ==
          "Categorical: a number alone is no list of classes");
    CHECK(message<ValueError>([] {
              C({.probs = X{1, -1}});
          }) == "Categorical: probs holds -1; it must be not below 0");
    CHECK(message<ValueError>([] {
              C({.probs = X{{1, 1}, {0, 0}}});
          }) == "Categorical: the sum of probs holds 0; it must be above 0");
    CHECK_THROWS_AS(static_cast<void>(C({.probs = X{1, 1}}).log_prob(Tensor<int64_t>{2})), IndexError);
}
