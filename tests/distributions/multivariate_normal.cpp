#include <tapegrad/distributions/multivariate_normal.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/solve.hpp>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;
using M = MultivariateNormal<double>;

TEST_CASE("MultivariateNormal: PyTorch's, gradients") {
    // What lies above the diagonal of a triangle is no parameter.
    const auto of_triangle = [](const auto& p) { return M(p[0], {.scale_tril = tril(p[1])}); };
    DistributionCase("mvn_scale_tril").check(of_triangle);
    DistributionCase("mvn_one").check(of_triangle);
    const auto symmetric = [](const X& a) { return (a + transpose(a)) * 0.5; };
    DistributionCase("mvn_covariance").check([&](const auto& p) {
        return M(p[0], {.covariance = symmetric(p[1])});
    });
    DistributionCase("mvn_precision").check([&](const auto& p) {
        return M(p[0], {.precision = symmetric(p[1])});
    });
    DistributionCase("kl_mvn").check_kl([&](const auto& p) {
        return kl_divergence(M(p[0], {.scale_tril = tril(p[1])}), M(p[2], {.scale_tril = tril(p[3])}));
    });
}

TEST_CASE("MultivariateNormal: draws") {
    for (const Shape& shape : {Shape{3, 3}, Shape{2, 3, 3}}) {
        const X a = support::normal<double>(shape), c = matmul(a, transpose(a)) + eye<double>(3);
        const M d(X{1, -2, 5}, {.covariance = c});
        CHECK(support::close(d.covariance(), c, 1e-13));
        Generator generator(1);
        const X x = d.sample({20000}, generator);
        CHECK(x.shape() == detail::appended({20000}, detail::without_last(shape, 1)));
        CHECK(support::mean_error(x, d.mean(), d.variance()) < 6);
        // The product of two coordinates has the covariance as its mean.
        const X z = x - d.mean(), v = d.variance();
        const X product = select(z, -1, 0) * select(z, -1, 2), both = select(v, -1, 0) * select(v, -1, 2);
        const X expected = select(select(c, -1, 0), -1, 2);
        CHECK(support::mean_error(unsqueeze(product, -1), unsqueeze(expected, -1),
                                  unsqueeze(both + square(expected), -1)) < 6);
    }
    CHECK_GRAD(
        [](const auto& v) {
            Generator same(3);
            return M(v[0], {.covariance = matmul(v[1], transpose(v[1])) + eye<double>(2)}).rsample({2}, same);
        },
        {X{1, 2}, X{{1, 0.5}, {-1, 2}}}, 3, {.absolute = 1e-4, .relative = 1e-4});
    Generator generator(1);
    const MultivariateNormal<float> f(Tensor<float>{0, 0}, {.scale_tril = eye<float>(2)});
    CHECK(f.log_prob(f.sample({4, 5}, generator)).shape() == Shape{4, 5});
    CHECK(f.sample({0}, generator).shape() == Shape{0, 2});
}

TEST_CASE("MultivariateNormal: the three forms are one") {
    const X a = support::normal<double>({4, 4}), c = matmul(a, transpose(a)) + eye<double>(4),
            m = X{1, 2, 3, 4};
    const M one(m, {.covariance = c}), two(m, {.precision = inverse(c)}),
        three(m, {.scale_tril = cholesky(c)});
    const X x = support::normal<double>({5, 4});
    CHECK(support::close(one.log_prob(x), two.log_prob(x), 1e-11));
    CHECK(support::close(one.log_prob(x), three.log_prob(x), 1e-12));
    CHECK(support::close(kl_divergence(one, two), X(0.0), 1e-11));
}

TEST_CASE("MultivariateNormal: errors") {
    const X m = X{0, 0};
    CHECK(message<ValueError>([&] { M(m, {}); }) ==
          "MultivariateNormal: give scale_tril, covariance or precision, one of them");
    CHECK(message<ValueError>([&] { M(m, {.covariance = eye<double>(2), .precision = eye<double>(2)}); }) ==
          "MultivariateNormal: give scale_tril, covariance or precision, one of them");
    CHECK(message<ShapeError>([&] { M(m, {.covariance = eye<double>(3)}); }) ==
          "MultivariateNormal: loc (2,) and a matrix (3, 3) do not fit: loc must be (..., 3)");
    CHECK(message<ShapeError>([&] { M(m, {.covariance = eye<double>(2, 3)}); }) ==
          "MultivariateNormal: the matrix (2, 3) is not square");
    CHECK(message<ValueError>([&] { M(m, {.covariance = -eye<double>(2)}); }) ==
          "cholesky: a (2, 2) is not positive definite: its leading minor of order 1 is not positive");
    CHECK(message<ValueError>([&] {
              M(m, {.scale_tril = X{{1, 2}, {0, 1}}});
          }) ==
          "MultivariateNormal: scale_tril holds 2 at (0, 1); it must be lower triangular, with a positive "
          "diagonal");
    CHECK(message<ValueError>([&] {
              M(m, {.scale_tril = X{{1, 0}, {0, -1}}});
          }) ==
          "MultivariateNormal: scale_tril holds -1 at (1, 1); it must be lower triangular, with a positive "
          "diagonal");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(kl_divergence(M(m, {.scale_tril = eye<double>(2)}),
                                              M(X{0, 0, 0}, {.scale_tril = eye<double>(3)})));
          }) == "kl_divergence: events (2,) and (3,) differ");
}
