#include <tapegrad/distributions/gamma.hpp>

#include <doctest/doctest.h>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;

TEST_CASE("Gamma: PyTorch's, gradients") {
    DistributionCase("gamma").check([](const auto& p) { return Gamma(p[0], p[1]); }, 3);
    // PyTorch's polygamma(1, x) is wrong by 1e-9.
    DistributionCase("kl_gamma", 1e-8).check_kl([](const auto& p) {
        return kl_divergence(Gamma(p[0], p[1]), Gamma(p[2], p[3]));
    });
}

TEST_CASE("Gamma: draws") {
    const Gamma d(X{0.1, 1, 30}, X{3, 0.5, 100});
    Generator generator(1);
    const X x = d.sample({20000}, generator), shares = d.cdf(x);
    CHECK(support::mean_error(x, d.mean(), d.variance()) < 6);
    for (int64_t i = 0; i < 3; ++i) CHECK(support::evenness(select(shares, 1, i)) < 2.7);
    // Never 0, which has no logarithm.
    const Gamma small(Tensor<float>(1e-3F), Tensor<float>(1.0F));
    const Tensor<float> y = small.sample({1000}, generator);
    for (int64_t i = 0; i < y.numel(); ++i) CHECK(y.data()[i] > 0);
}

TEST_CASE("Gamma: draws move so that their share stays") {
    const X c = X{0.3, 2, 40}.requires_grad_(), r = X{2, 0.1, 5}.requires_grad_();
    Generator generator(1);
    const X x = Gamma(c, r).rsample({}, generator), share = Gamma(c, r).cdf(x);
    // The total derivative of the share is 0: its partial ones and that through x cancel.
    for (const X& d : grad(share, {c, r}, {}, ones<double>({3})))
        for (int64_t i = 0; i < 3; ++i) CHECK(std::fabs(d(i)) < 1e-10);
}

TEST_CASE("Gamma: the whole is 1; errors") {
    CHECK(support::total_probability(Gamma(X(2.5), X(0.7)), 0, 80) == doctest::Approx(1));
    CHECK(message<ValueError>([] { Gamma(X{0.0}, X{1}); }) ==
          "Gamma: concentration holds 0; it must be above 0");
    CHECK(message<ValueError>([] { Gamma(X{1}, X{-1}); }) == "Gamma: rate holds -1; it must be above 0");
}
