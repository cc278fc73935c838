#include <tapegrad/distributions/dirichlet.hpp>

#include <doctest/doctest.h>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;

TEST_CASE("Dirichlet: PyTorch's, gradients") {
    DistributionCase("dirichlet").check([](const auto& p) { return Dirichlet(p[0]); });
    // PyTorch's polygamma(1, x) is wrong by 1e-9.
    DistributionCase("kl_dirichlet", 1e-8).check_kl([](const auto& p) {
        return kl_divergence(Dirichlet(p[0]), Dirichlet(p[1]));
    });
}

TEST_CASE("Dirichlet: draws") {
    const Dirichlet d(X{{0.1, 1, 30}, {1, 1, 1}});
    CHECK(d.batch_shape() == Shape{2});
    CHECK(d.event_shape() == Shape{3});
    Generator generator(1);
    const X x = d.sample({20000}, generator);
    CHECK(x.shape() == Shape{20000, 2, 3});
    CHECK(support::mean_error(x, d.mean(), d.variance()) < 6);
    CHECK(support::close(sum(x, {-1}), ones<double>({20000, 2}), 1e-14));
    // Of three even ones, one has the share 1 - (1 - x)^2 below x.
    CHECK(support::evenness(1 - square(1 - select(select(x, 1, 1), 1, 0))) < 2.7);
    CHECK(Dirichlet(Tensor<float>{1e-4F, 1e-4F}).sample({5}, generator).shape() == Shape{5, 2});
}

TEST_CASE("Dirichlet: the gradient of draws is that of their mean") {
    const X c = X{0.5, 2, 1.5}.requires_grad_();
    Generator generator(1);
    const X d = grad(sum(select(Dirichlet(c).rsample({40000}, generator), 1, 0)), {c})[0];
    CHECK(std::fabs(d(0) / 40000 - 3.5 / 16) < 0.01);
    CHECK(std::fabs(d(1) / 40000 + 0.5 / 16) < 0.01);
}

TEST_CASE("Dirichlet: errors") {
    CHECK(message<ShapeError>([] { Dirichlet(X(1.0)); }) == "Dirichlet: a number alone is no concentration");
    CHECK(message<ValueError>([] {
              Dirichlet(X{1, 0});
          }) == "Dirichlet: concentration holds 0; it must be above 0");
}
