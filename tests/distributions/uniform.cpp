#include <tapegrad/distributions/uniform.hpp>

#include <doctest/doctest.h>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;

TEST_CASE("Uniform: PyTorch's, gradients") {
    DistributionCase("uniform").check([](const auto& p) { return Uniform(p[0], p[1]); }, 3);
    DistributionCase("kl_uniform").check_kl([](const auto& p) {
        return kl_divergence(Uniform(p[0], p[1]), Uniform(p[2], p[3]));
    });
    CHECK(kl_divergence(Uniform(X(0.0), X(2.0)), Uniform(X(1.0), X(3.0))).item() ==
          std::numeric_limits<double>::infinity());
}

TEST_CASE("Uniform: draws") {
    const Uniform d(X{-3, 5}, X{-2, 500});
    Generator generator(1);
    const X x = d.sample({20000}, generator);
    CHECK(support::mean_error(x, d.mean(), d.variance()) < 6);
    CHECK(support::evenness(select(d.cdf(x), 1, 0)) < 2.7);
    CHECK(support::evenness(select(d.cdf(x), 1, 1)) < 2.7);
    CHECK_GRAD(
        [](const auto& v) {
            Generator same(3);
            return Uniform(v[0], v[1]).rsample({2}, same);
        },
        {X{{1}, {2}}, X{2.5, 3}}, 3);
    Generator again(2);
    CHECK(Uniform(Tensor<float>(0.0F), Tensor<float>(1.0F)).sample({2, 2}, again).shape() == Shape{2, 2});
}

TEST_CASE("Uniform: the ends") {
    const X low = X(0.0).requires_grad_(), high = X(2.0).requires_grad_();
    const Uniform d(low, high);
    const X y = d.log_prob(X{0, 2, -1, std::nan("")});
    CHECK(y(0) == -std::log(2.0));
    for (const int i : {1, 2, 3}) CHECK(y(i) == -std::numeric_limits<double>::infinity());
    // Outside no gradient: that of the inside alone.
    CHECK(grad(y, {low, high}, {}, ones<double>({4}))[1].item() == -0.5);
    CHECK(support::same_bits(d.cdf(X{-1, 0.5, 9}), X{0, 0.25, 1}));
}

TEST_CASE("Uniform: errors") {
    CHECK(message<ValueError>([] { Uniform(X{0, 3}, X{1}); }) == "Uniform: low 3 is not below high 1");
    CHECK(message<ValueError>([] {
              Uniform(X{0, std::nan("")}, X{1});
          }) == "Uniform: low holds nan; it must be not NaN");
    CHECK(message<ShapeError>([] {
              Uniform(X{0, 1}, X{1, 2, 3});
          }) == "Uniform: shapes (2,) and (3,) do not broadcast: sizes 2 and 3 differ at axis -1");
}
