#include <tapegrad/distributions/discretized_logistic.hpp>

#include <doctest/doctest.h>

#include <tapegrad/distributions/mixture.hpp>

#include "../support/distributions.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::DistributionCase;
using support::message;
using X = Tensor<double>;
using D = DiscretizedLogistic<double>;

TEST_CASE("DiscretizedLogistic: mixtures as they are defined, gradients") {
    DistributionCase("mixture_discretized", 1e-9).check([](const auto& p) {
        return MixtureSameFamily(Categorical<double>({.logits = p[0]}), D(p[1], p[2], {.levels = 4}));
    });
}

TEST_CASE_TEMPLATE("DiscretizedLogistic: the levels together have 1", T, float, double) {
    for (const double scale : {1e-4, 0.01, 0.3, 5.0}) {
        const DiscretizedLogistic d(Tensor<T>(T(0.3)), Tensor<T>(static_cast<T>(scale)));
        double sum = 0, share = 0;
        for (int64_t level = 0; level < 256; ++level) {
            const auto v = static_cast<T>(-1 + 2 * static_cast<double>(level) / 255);
            const double p = std::exp(static_cast<double>(d.log_prob(Tensor<T>(v)).item()));
            sum += p;
            share = static_cast<double>(d.cdf(Tensor<T>(v)).item());
            CHECK(std::fabs(share - sum) < 1e-4);
        }
        CHECK(std::fabs(sum - 1) < 1e-4);
        CHECK(share == 1);
    }
}

TEST_CASE("DiscretizedLogistic: far from the mean there are digits and gradients") {
    const X m = X(-1.0).requires_grad_(), s = X(1e-3).requires_grad_();
    const X y = D(m, s).log_prob(X(0.9));
    CHECK(y.item() == doctest::Approx(-1900 + 1 / 0.255).epsilon(1e-6));
    for (const X& d : grad(y, {m, s})) CHECK((std::isfinite(d.item()) && d.item() != 0));
}

TEST_CASE("DiscretizedLogistic: draws") {
    const D d(X{-0.9, 0.2}, X{0.3, 0.05}, {.low = 0, .high = 15, .levels = 16});
    Generator generator(1);
    const D picture(X{0.5, 7}, X{2, 0.3}, {.low = 0, .high = 15, .levels = 16});
    const X x = picture.sample({20000}, generator);
    double counts[2][16] = {};
    for (int64_t i = 0; i < x.numel(); ++i) {
        CHECK(x.data()[i] == std::round(x.data()[i]));
        counts[i % 2][static_cast<int>(x.data()[i])] += 1;
    }
    for (int level = 0; level < 16; ++level) {
        const X p = exp(picture.log_prob(full<double>({2}, level)));
        for (int i = 0; i < 2; ++i)  // six deviations, and a count where none is expected
            CHECK(std::fabs(counts[i][level] - 20000 * p(i)) <= 6 * std::sqrt(20000 * p(i)) + 1);
    }
    CHECK(d.batch_shape() == Shape{2});
}

TEST_CASE("DiscretizedLogistic: errors") {
    CHECK(message<ValueError>([] { D(X{0}, X{1}, {.levels = 1}); }) ==
          "DiscretizedLogistic: 1 levels; there must be 2 or more");
    CHECK(message<ValueError>([] { D(X{0}, X{1}, {.low = 2}); }) ==
          "DiscretizedLogistic: low 2 is not below high 1");
    CHECK(message<ValueError>([] { D(X{0}, X{0}); }) == "Logistic: scale holds 0; it must be above 0");
}
