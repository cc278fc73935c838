#include <tapegrad/distributions/normal.hpp>

#include <doctest/doctest.h>

#include "../support/distributions.hpp"
#include "../support/message.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;

namespace {
const auto make = [](const auto& p) { return Normal(p[0], p[1]); };
}

TEST_CASE("Normal: PyTorch's, gradients") {
    DistributionCase("normal").check(make, 3);
    DistributionCase("kl_normal").check_kl([](const auto& p) {
        return kl_divergence(Normal(p[0], p[1]), Normal(p[2], p[3]));
    });
}

TEST_CASE("Normal: draws") {
    const Normal d(X{-3, 0.5}, X{0.1, 4});
    Generator generator(1);
    const X x = d.sample({20000}, generator);
    CHECK(x.shape() == Shape{20000, 2});
    CHECK(support::mean_error(x, d.mean(), d.variance()) < 6);
    CHECK(support::evenness(select(d.cdf(x), 1, 0)) < 2.7);
    CHECK(support::evenness(select(d.cdf(x), 1, 1)) < 2.7);
    CHECK(support::close(d.stddev(), d.scale, 1e-15));
    CHECK_GRAD(
        [](const auto& v) {
            Generator same(3);
            return Normal(v[0], v[1]).rsample({2}, same);
        },
        {X{{1}, {2}}, X{0.5, 3}}, 3);
    CHECK(!d.sample({}, generator).requires_grad());
}

TEST_CASE("Normal: the same numbers on any number of threads, floats") {
    const Normal d(Tensor<float>{0, 1}, Tensor<float>(2.0F));
    const auto drawn = [&](int threads) {
        const support::Threads scope(threads);
        Generator generator(7, 1);
        return d.sample({70000}, generator);
    };
    CHECK(support::same_bits(drawn(1), drawn(3)));
    CHECK(support::close(d.log_prob(Tensor<float>{0, 1}), Tensor<float>{-1.6120857F, -1.6120857F}, 1e-6));
    CHECK(d.sample({0}, default_generator()).shape() == Shape{0, 2});
}

TEST_CASE("Normal: the whole is 1, extremes") {
    CHECK(support::total_probability(Normal(X(1.0), X(2.0)), -30, 30) == doctest::Approx(1));
    const Normal d(X(0.0), X(1.0));
    CHECK(d.log_prob(X(1e200)).item() == -std::numeric_limits<double>::infinity());
    CHECK(d.cdf(X(-37.0)).item() > 0);
    CHECK(d.icdf(X(0.0)).item() == -std::numeric_limits<double>::infinity());
    CHECK(d.icdf(X(1.0)).item() == std::numeric_limits<double>::infinity());
}

TEST_CASE("Normal: errors") {
    CHECK(message<ValueError>([] {
              Normal(X{0}, X{1, -2});
          }) == "Normal: scale holds -2; it must be above 0");
    CHECK(message<ValueError>([] { Normal(X{std::nan("")}, X{1}); }) ==
          "Normal: loc holds nan; it must be not NaN");
    CHECK(message<ShapeError>([] {
              Normal(X{0, 1}, X{1, 2, 3});
          }) == "Normal: shapes (2,) and (3,) do not broadcast: sizes 2 and 3 differ at axis -1");
}
