#include <tapegrad/ops/dropout.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("dropout: keeps and scales, or drops", T, float, double) {
    const Tensor<T> x = support::uniform<T>({100'000}, 1, 2);
    for (const double p : {0.1, 0.5, 0.9}) {
        Generator generator(3);
        const Tensor<T> y = dropout(x, p, generator);
        int64_t kept = 0;
        bool right = true;
        for (int64_t i = 0; i < x.numel(); ++i) {
            if (y.data()[i] == 0) continue;
            ++kept;
            right &= std::fabs(y.data()[i] / x.data()[i] - static_cast<T>(1 / (1 - p))) < T(1e-5);
        }
        CHECK(right);
        // Six standard deviations of a binomial distribution.
        CHECK(std::fabs(static_cast<double>(kept) - 1e5 * (1 - p)) < 6 * std::sqrt(1e5 * p * (1 - p)));
    }
    for (const int64_t n : {0, 1, 15, 16, 17}) {
        Generator generator(3);
        CHECK(dropout(support::normal<T>({n}), 0.5, generator).shape() == Shape{n});
    }
}

TEST_CASE("dropout: the ends") {
    Generator generator(1);
    const Tensor<float> x{1, NAN, INFINITY};
    CHECK(dropout(x, 0, generator).is_same(x));
    CHECK(generator.offset() == 0);
    CHECK(support::same_bits(dropout(x, 1, generator), zeros<float>({3})));
    CHECK(message<ValueError>([&] { static_cast<void>(dropout(x, 1.5, generator)); }) ==
          "dropout: p is 1.5; a probability is in [0, 1]");
    CHECK_THROWS_AS(static_cast<void>(dropout(x, -0.1, generator)), ValueError);
    CHECK_THROWS_AS(static_cast<void>(dropout(x, std::nan(""), generator)), ValueError);
}

TEST_CASE("dropout: the gradient goes where the value went") {
    const Tensor<double> x = support::normal<double>({40}).requires_grad_();
    Generator generator(1);
    const Tensor<double> y = dropout(x, 0.5, generator);
    backward(y, ones<double>({40}));
    for (int64_t i = 0; i < 40; ++i) CHECK(x.grad()(i) == (y(i) == 0 ? 0 : 2));
    CHECK_GRAD(
        [](const auto& v) {
            Generator same(7);
            return dropout(v[0] * v[0] * v[0], 0.3, same);
        },
        {support::normal<double>({2, 5})}, 3);
}

TEST_CASE("dropout: a function of the generator's state alone") {
    const Tensor<float> x = support::normal<float>({300, 200});
    const auto run = [&](const Tensor<float>& in, int threads) {
        const support::Threads scope(threads);
        Generator generator(5, 2);
        const Tensor<float> first = dropout(in, 0.4, generator);
        return std::pair(first, dropout(in, 0.4, generator));
    };
    const auto [a, b] = run(x, 1);
    CHECK_FALSE(support::same_bits(a, b));
    for (int threads = 2; threads <= 4; ++threads) CHECK(support::same_bits(run(x, threads).second, b));
    CHECK(support::same_bits(run(support::spread(x), 1).first, a));
}
