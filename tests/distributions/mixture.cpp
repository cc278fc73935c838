#include <tapegrad/distributions/mixture.hpp>

#include <doctest/doctest.h>

#include <tapegrad/distributions/independent.hpp>
#include <tapegrad/distributions/normal.hpp>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;
using C = Categorical<double>;

TEST_CASE("MixtureSameFamily: PyTorch's, gradients") {
    DistributionCase("mixture_normal").check([](const auto& p) {
        return MixtureSameFamily(C({.logits = p[0]}), Normal(p[1], p[2]));
    });
    DistributionCase("mixture_vectors").check([](const auto& p) {
        return MixtureSameFamily(C({.logits = p[0]}), Independent(Normal(p[1], p[2]), 1));
    });
}

TEST_CASE("MixtureSameFamily: draws") {
    const MixtureSameFamily d(C({.probs = X{{1, 2, 1}, {0, 1, 0}}}),
                              Normal(X{{-5, 0, 3}, {1, 2, 3}}, X{{1, 0.2, 1}, {1, 1, 1}}));
    CHECK(d.batch_shape() == Shape{2});
    Generator generator(1);
    const X x = d.sample({20000}, generator);
    CHECK(x.shape() == Shape{20000, 2});
    CHECK(support::mean_error(x, d.mean(), d.variance()) < 6);
    CHECK(support::evenness(select(d.cdf(x), 1, 0)) < 2.7);
    CHECK(support::evenness(select(d.cdf(x), 1, 1)) < 2.7);
    const MixtureSameFamily vectors(C({.probs = X{1, 3}}),
                                    Independent(Normal(X{{-5, 0}, {1, 2}}, X{{1, 0.2}, {1, 3}}), 1));
    const X y = vectors.sample({100, 200}, generator);
    CHECK(y.shape() == Shape{100, 200, 2});
    CHECK(support::mean_error(reshape(y, {20000, 2}), vectors.mean(), vectors.variance()) < 6);
    // A draw comes from one component as a whole: the product of the coordinates has its mean.
    const X product = select(y, -1, 0) * select(y, -1, 1);
    CHECK(std::fabs(mean(product).item() - 1.5) < 6 * std::sqrt(60.0 / 20000));
    CHECK(vectors.sample({}, generator).shape() == Shape{2});
    const MixtureSameFamily classes(C({.probs = X{1, 1}}), C({.probs = X{{1, 0, 0}, {0, 0, 1}}}));
    const Tensor<int64_t> ids = classes.sample({50}, generator);
    for (int64_t i = 0; i < 50; ++i) CHECK(ids(i) != 1);
    CHECK(classes.log_prob(Tensor<int64_t>(int64_t{0})).item() == doctest::Approx(std::log(0.5)));
}

TEST_CASE("MixtureSameFamily: the whole is 1; errors") {
    const MixtureSameFamily d(C({.probs = X{1, 3}}), Normal(X{-1, 2}, X{1, 0.5}));
    CHECK(support::total_probability(d, -20, 20) == doctest::Approx(1));
    CHECK(message<ShapeError>([] {
              MixtureSameFamily(C({.probs = X{1, 3}}), Normal(X{-1, 2, 3}, X(1.0)));
          }) == "MixtureSameFamily: components with the batch (3,) for weights (2,); they must be the same");
}
