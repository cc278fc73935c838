#include <tapegrad/distributions/beta.hpp>

#include <doctest/doctest.h>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;

TEST_CASE("Beta: PyTorch's, gradients") {
    DistributionCase("beta").check([](const auto& p) { return Beta(p[0], p[1]); }, 3);
    // PyTorch's polygamma(1, x) is wrong by 1e-9.
    DistributionCase("kl_beta", 1e-8).check_kl([](const auto& p) {
        return kl_divergence(Beta(p[0], p[1]), Beta(p[2], p[3]));
    });
}

TEST_CASE("Beta: draws") {
    const Beta d(X{0.2, 1, 3, 40}, X{0.3, 1, 1, 60});
    Generator generator(1);
    const X x = d.sample({20000}, generator);
    CHECK(support::mean_error(x, d.mean(), d.variance()) < 6);
    // x^2 has the mean of variance + mean^2, and a variance below 1/4.
    CHECK(support::mean_error(square(x), d.variance() + square(d.mean()), full<double>({4}, 0.25)) < 6);
    // With one concentration 1 the share below x is x^a.
    CHECK(support::evenness(pow(select(x, 1, 2), 3)) < 2.7);
    CHECK(support::evenness(select(x, 1, 1)) < 2.7);
    // Concentrations of which gamma variates would both be 0.
    const Tensor<float> small = Beta(Tensor<float>(1e-3F), Tensor<float>(2e-3F)).sample({2000}, generator);
    double sum = 0;
    for (int64_t i = 0; i < 2000; ++i) sum += static_cast<double>(small.data()[i]);
    CHECK(std::fabs(sum / 2000 - 1. / 3) < 6 * std::sqrt(0.23 / 2000));
}

TEST_CASE("Beta: the gradient of draws is that of their mean") {
    const X a = full<double>({40000}, 2.0).requires_grad_(), b = full<double>({40000}, 0.7).requires_grad_();
    Generator generator(1);
    const auto d = grad(Beta(a, b).rsample({}, generator), {a, b}, {}, ones<double>({40000}));
    double one = 0, zero = 0, squares = 0;
    for (int64_t i = 0; i < 40000; ++i) {
        one += d[0](i) / 40000;
        zero += d[1](i) / 40000;
        squares += (d[0](i) * d[0](i) + d[1](i) * d[1](i)) / 40000;
    }
    CHECK(std::fabs(one - 0.7 / (2.7 * 2.7)) < 6 * std::sqrt(squares / 40000));
    CHECK(std::fabs(zero + 2 / (2.7 * 2.7)) < 6 * std::sqrt(squares / 40000));
}

TEST_CASE("Beta: the whole is 1; errors") {
    CHECK(support::total_probability(Beta(X(2.5), X(1.7)), 0, 1) == doctest::Approx(1));
    CHECK(message<ValueError>([] { Beta(X{0.0}, X{1}); }) ==
          "Beta: concentration1 holds 0; it must be above 0");
    CHECK(message<ValueError>([] { Beta(X{1}, X{-1}); }) ==
          "Beta: concentration0 holds -1; it must be above 0");
}
