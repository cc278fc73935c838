#include <tapegrad/distributions/kl.hpp>

#include <doctest/doctest.h>

#include "../support/distributions.hpp"

using namespace tapegrad;
using support::DistributionCase;

TEST_CASE("kl_divergence: pairs of two families, PyTorch's, gradients") {
    DistributionCase("kl_laplace_normal").check_kl([](const auto& p) {
        return kl_divergence(Laplace(p[0], p[1]), Normal(p[2], p[3]));
    });
    DistributionCase("kl_normal_laplace").check_kl([](const auto& p) {
        return kl_divergence(Normal(p[0], p[1]), Laplace(p[2], p[3]));
    });
    DistributionCase("kl_uniform_normal").check_kl([](const auto& p) {
        return kl_divergence(Uniform(p[0], p[0] + p[1]), Normal(p[2], p[3]));
    });
}

TEST_CASE_TEMPLATE("kl_divergence: the mean of the difference over draws", T, float, double) {
    const Tensor<T> m{T(0.3)}, s{T(1.2)};
    const Laplace p(m, s);
    const Normal q(Tensor<T>{T(-0.5)}, Tensor<T>{T(2)});
    Generator generator(1);
    const Tensor<T> x = p.sample({40000}, generator), difference = p.log_prob(x) - q.log_prob(x);
    CHECK(std::fabs(static_cast<double>((mean(difference) - kl_divergence(p, q)).item())) < 0.02);
}
