#include <tapegrad/distributions/logistic.hpp>

#include <doctest/doctest.h>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;

TEST_CASE("Logistic: PyTorch's, gradients") {
    DistributionCase("logistic").check([](const auto& p) { return Logistic(p[0], p[1]); }, 3);
}

TEST_CASE("Logistic: draws") {
    const Logistic d(X{-3, 5}, X{0.1, 40});
    Generator generator(1);
    const X x = d.sample({20000}, generator);
    CHECK(support::mean_error(x, d.mean(), d.variance()) < 6);
    CHECK(support::evenness(select(d.cdf(x), 1, 0)) < 2.7);
    CHECK(support::evenness(select(d.cdf(x), 1, 1)) < 2.7);
    CHECK_GRAD(
        [](const auto& v) {
            Generator same(3);
            return Logistic(v[0], v[1]).rsample({2}, same);
        },
        {X{{1}, {2}}, X{2.5, 3}}, 3);
}

TEST_CASE("Logistic: mean, entropy, far values, the whole is 1") {
    const Logistic d(X(1.0), X(2.0));
    CHECK(d.mean().item() == 1);
    CHECK(d.variance().item() == doctest::Approx(4 * 9.8696044010893586 / 3));
    CHECK(d.entropy().item() == doctest::Approx(2 + std::log(2.0)));
    CHECK(d.log_prob(X(-2e5)).item() == doctest::Approx(-100000.5 - std::log(2.0)));
    CHECK(d.log_prob(X(2e5)).item() == doctest::Approx(-99999.5 - std::log(2.0)));
    CHECK(support::total_probability(d, -80, 80) == doctest::Approx(1));
    CHECK(Logistic(Tensor<float>(0.0F), Tensor<float>(1.0F)).cdf(Tensor<float>(0.0F)).item() == 0.5F);
}

TEST_CASE("Logistic: errors") {
    CHECK(message<ValueError>([] {
              Logistic(X{0}, X{1, -2});
          }) == "Logistic: scale holds -2; it must be above 0");
    CHECK(message<ValueError>([] { Logistic(X{std::nan("")}, X{1}); }) ==
          "Logistic: loc holds nan; it must be not NaN");
}
