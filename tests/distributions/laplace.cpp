#include <tapegrad/distributions/laplace.hpp>

#include <doctest/doctest.h>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;

TEST_CASE("Laplace: PyTorch's, gradients") {
    DistributionCase("laplace").check([](const auto& p) { return Laplace(p[0], p[1]); });
    DistributionCase("kl_laplace").check_kl([](const auto& p) {
        return kl_divergence(Laplace(p[0], p[1]), Laplace(p[2], p[3]));
    });
}

TEST_CASE("Laplace: draws") {
    const Laplace d(X{-3, 5}, X{0.1, 40});
    Generator generator(1);
    const X x = d.sample({20000}, generator);
    CHECK(support::mean_error(x, d.mean(), d.variance()) < 6);
    CHECK(support::evenness(select(d.cdf(x), 1, 0)) < 2.7);
    CHECK(support::evenness(select(d.cdf(x), 1, 1)) < 2.7);
    CHECK_GRAD(
        [](const auto& v) {
            Generator same(3);
            return Laplace(v[0], v[1]).rsample({2}, same);
        },
        {X{{1}, {2}}, X{2.5, 3}}, 3);
    const Laplace<float> small(Tensor<float>(0.0F), Tensor<float>(1.0F));
    CHECK(support::close(small.icdf(small.cdf(Tensor<float>{-2, 0, 3})), Tensor<float>{-2, 0, 3}, 1e-5));
}

TEST_CASE("Laplace: tails, ends, the whole is 1") {
    const Laplace d(X(0.0), X(1.0));
    CHECK(d.cdf(X(-700.0)).item() > 0);
    CHECK(d.icdf(X(0.0)).item() == -std::numeric_limits<double>::infinity());
    CHECK(d.icdf(X(1.0)).item() == std::numeric_limits<double>::infinity());
    CHECK(support::total_probability(d, -40, 40) == doctest::Approx(1).epsilon(1e-6));
}

TEST_CASE("Laplace: errors") {
    CHECK(message<ValueError>([] {
              Laplace(X{0}, X{1, -2});
          }) == "Laplace: scale holds -2; it must be above 0");
    CHECK(message<ValueError>([] { Laplace(X{std::nan("")}, X{1}); }) ==
          "Laplace: loc holds nan; it must be not NaN");
}
