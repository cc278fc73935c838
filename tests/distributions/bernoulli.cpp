#include <tapegrad/distributions/bernoulli.hpp>

#include <doctest/doctest.h>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;
using B = Bernoulli<double>;

TEST_CASE("Bernoulli: PyTorch's, gradients") {
    DistributionCase("bernoulli_probs").check([](const auto& p) { return B({.probs = p[0]}); });
    DistributionCase("bernoulli_logits").check([](const auto& p) { return B({.logits = p[0]}); });
    DistributionCase("kl_bernoulli").check_kl([](const auto& p) {
        return kl_divergence(B({.logits = p[0]}), B({.probs = sigmoid(p[1])}));
    });
}

TEST_CASE("Bernoulli: draws") {
    const B d({.probs = X{0, 0.03, 0.5, 1}});
    Generator generator(1);
    const X x = d.sample({20000}, generator);
    CHECK(x.shape() == Shape{20000, 4});
    CHECK(support::mean_error(x, d.mean(), d.variance() + 1e-300) < 6);
    CHECK(Bernoulli<float>({.logits = Tensor<float>(0.0F)}).sample({3}, generator).shape() == Shape{3});
}

TEST_CASE("Bernoulli: what never comes") {
    const B never({.probs = X(0.0)}), ever({.probs = X(1.0)}), even({.probs = X(0.5)});
    constexpr double infinity = std::numeric_limits<double>::infinity();
    CHECK(kl_divergence(even, never).item() == infinity);
    CHECK(kl_divergence(even, ever).item() == infinity);
    CHECK(kl_divergence(never, even).item() == doctest::Approx(std::log(2.0)));
    CHECK(kl_divergence(never, never).item() == 0);
    CHECK(std::isfinite(never.log_prob(X(1.0)).item()));
    CHECK(B({.logits = X(800.0)}).log_prob(X(0.0)).item() == -800);
}

TEST_CASE("Bernoulli: errors") {
    CHECK(message<ValueError>([] { B({}); }) == "Bernoulli: give probs or logits, one of them");
    CHECK(message<ValueError>([] { B({.probs = X(0.5), .logits = X(0.5)}); }) ==
          "Bernoulli: give probs or logits, one of them");
    CHECK(message<ValueError>([] {
              B({.probs = X{0.5, 1.5}});
          }) == "Bernoulli: probs holds 1.5; it must be in [0, 1]");
    CHECK(message<ValueError>([] { B({.logits = X{std::nan("")}}); }) ==
          "Bernoulli: logits holds nan; it must be not NaN");
}
