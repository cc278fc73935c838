#include <tapegrad/distributions/transformed.hpp>

#include <doctest/doctest.h>

#include <tapegrad/distributions/multivariate_normal.hpp>
#include <tapegrad/distributions/normal.hpp>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;

namespace {

/// Turns pairs by an angle and stretches them: a transform that mixes an axis.
struct Turn {
    static constexpr int event_dim = 1;
    X matrix{{0, 2}, {-3, 1}};
    X operator()(const X& x) const { return matmul(x, matrix); }
    X inverse(const X& y) const { return matmul(y, X{{1. / 6, -1. / 3}, {0.5, 0}}); }
    X log_abs_det(const X& x, const X&) const {
        return full<double>(detail::without_last(x.shape(), 1), std::log(6.0));
    }
};

}

TEST_CASE("TransformedDistribution: PyTorch's, gradients") {
    DistributionCase("log_normal").check([](const auto& p) {
        return TransformedDistribution(Normal(p[0], p[1]), ExpTransform());
    });
    DistributionCase("transformed", 1e-9).check([](const auto& p) {
        return TransformedDistribution(Normal(p[0], p[1]), TanhTransform(), AffineTransform(p[2], p[3]),
                                       SigmoidTransform(), PowerTransform(1.5));
    });
    DistributionCase("transformed_vectors").check([](const auto& p) {
        return TransformedDistribution(MultivariateNormal<double>(p[0], {.scale_tril = tril(p[1])}),
                                       AffineTransform(X(0.0), p[2]), SoftplusTransform());
    });
}

TEST_CASE("TransformedDistribution: draws, and their density from one pass") {
    const TransformedDistribution d(Normal(X{0, 1}, X{1, 0.5}), AffineTransform(X{1, 2}, X{-1, 2}),
                                    ExpTransform());
    Generator generator(1);
    const X x = d.sample({20000}, generator);
    CHECK(support::evenness(select(d.cdf(x), 1, 0)) < 2.7);
    CHECK(support::evenness(select(d.cdf(x), 1, 1)) < 2.7);
    CHECK(support::close(d.icdf(d.cdf(slice(x, 0, 0, 50))), detail::copy(slice(x, 0, 0, 50)), 1e-8));
    Generator one(2), two(2);
    const auto drawn = d.rsample_with_log_prob({7}, one);
    CHECK(support::same_bits(drawn.value, d.rsample({7}, two)));
    CHECK(support::close(drawn.log_prob, d.log_prob(drawn.value), 1e-12));
    CHECK(support::total_probability(TransformedDistribution(Normal(X(0.0), X(0.5)), ExpTransform()), 1e-9,
                                     30) == doctest::Approx(1));
    CHECK_GRAD(
        [](const auto& v) {
            Generator same(3);
            return TransformedDistribution(Normal(v[0], v[1]), AffineTransform(v[2], v[3]), TanhTransform())
                .rsample_with_log_prob({2}, same)
                .log_prob;
        },
        {X{0.5}, X{0.7}, X{1}, X{-2}}, 2, {.absolute = 1e-4, .relative = 1e-4});
}

TEST_CASE("TransformedDistribution: a transform that mixes an axis makes an event of it") {
    const TransformedDistribution d(Normal(zeros<double>({3, 2}), X(1.0)), Turn(), ExpTransform());
    CHECK(d.batch_shape() == Shape{3});
    CHECK(d.event_shape() == Shape{2});
    Generator generator(1);
    const auto drawn = d.rsample_with_log_prob({4}, generator);
    CHECK(drawn.log_prob.shape() == Shape{4, 3});
    CHECK(support::close(d.log_prob(drawn.value), drawn.log_prob, 1e-12));
    // A turned normal distribution is one of vectors.
    const Turn turn;
    const TransformedDistribution turned(Normal(zeros<double>({2}), X(1.0)), turn);
    const MultivariateNormal<double> same(X{0, 0},
                                          {.covariance = matmul(transpose(turn.matrix), turn.matrix)});
    const X x = support::normal<double>({5, 2});
    CHECK(support::close(turned.log_prob(x), same.log_prob(x), 1e-12));
}

TEST_CASE("TransformedDistribution: without transforms; errors") {
    const TransformedDistribution same(Normal(X{0, 1}, X(1.0)));
    CHECK(support::same_bits(same.log_prob(X{0, 1}), same.base.log_prob(X{0, 1})));
    CHECK(message<ShapeError>([] {
              TransformedDistribution(Normal(X{0}, X{1}), AffineTransform(X{1, 2}, X{1, 2}));
          }) == "TransformedDistribution: a tensor (2,) does not expand to (1,)");
    CHECK(message<ShapeError>([] { TransformedDistribution(Normal(X(0.0), X(1.0)), Turn()); }) ==
          "TransformedDistribution: a transform mixes 1 axes, and base has the shape ()");
}
