#include <tapegrad/optim/stochastic_approximation.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

double mean_square(const Tensor<double>& x) {
    double total = 0;
    for (const double v : to_vector(x)) total += v * v;
    return total / static_cast<double>(x.numel());
}

}

TEST_CASE("stochastic_approximation: the mean of k values has the error variance sigma^2 / k") {
    Generator g(1);
    const double sigma = 2, truth = 3;
    const int64_t runs = 4000;  // side by side: the variance of the variance is 2 / 4000
    RobbinsMonro<Tensor<double>> mean(zeros<double>({runs}));
    for (int64_t k = 1; k <= 400; ++k) {
        mean.step(mean.at() - (randn<double>({runs}, g) * sigma + truth));
        if (k == 1 || k == 20 || k == 400)
            CHECK(mean_square(mean.at() - truth) * static_cast<double>(k) ==
                  doctest::Approx(sigma * sigma).epsilon(5 * std::sqrt(2.0 / static_cast<double>(runs))));
    }
    CHECK(mean.steps() == 400);
}

TEST_CASE("stochastic_approximation: averaged descent on a quadratic reaches the bound of Cramer and Rao") {
    // Least squares: the gradient H (w - w*) has noise of covariance sigma^2 H; no estimate from k examples has a
    // covariance below sigma^2 H^-1 / k.
    Generator g(2);
    const int64_t runs = 6000, steps = 2000;
    const double sigma = 0.5;
    const Tensor<double> h{1, 0.3}, truth{1, -2};
    RobbinsMonro<Tensor<double>> descent(zeros<double>({runs, 2}), {.a = 1, .alpha = 0.6});
    for (int64_t k = 0; k < steps; ++k)
        descent.step(h * (descent.at() - truth) + sqrt(h) * randn<double>({runs, 2}, g) * sigma);
    const Tensor<double> error = descent.average() - truth;
    const double bound = sigma * sigma * (1 / 1.0 + 1 / 0.3) / static_cast<double>(steps);
    CHECK(2 * mean_square(error) == doctest::Approx(bound).epsilon(0.05));
    CHECK(2 * mean_square(descent.at() - truth) > 3 * bound);  // the last place alone is much worse
}

TEST_CASE("stochastic_approximation: descent by all, some and single examples") {
    Generator g(3);
    const int64_t n = 64;
    const Tensor<double> x = randn<double>({n}, g) + 5;
    const auto gradient = [&](double w, int64_t batch) {  // of the mean of (w - x_i)^2 / 2
        double total = 0;
        for (int64_t i = 0; i < batch; ++i)
            total += w - x.data()[batch == n ? i : randint(0, n, {}, g).item()];
        return total / static_cast<double>(batch);
    };
    double mean = 0;
    for (const double v : to_vector(x)) mean += v / static_cast<double>(n);
    for (const int64_t batch : {n, int64_t{8}, int64_t{1}}) {
        RobbinsMonro<double> descent(0, {.a = 1});
        for (int k = 0; k < 2000; ++k) descent.step(gradient(descent.at(), batch));
        const double noise = batch == n ? 0 : 1 / std::sqrt(2000.0 * static_cast<double>(batch));
        CHECK(std::fabs(descent.at() - mean) < 5 * noise + 1e-9);
    }
}

TEST_CASE("stochastic_approximation: minima from values alone") {
    Generator g(4);
    const auto noise = [&] { return 0.01 * randn<double>({}, g).item(); };
    KieferWolfowitz<double> one(0.0);
    for (int k = 0; k < 500; ++k) one.step([&](double x) { return (x - 2) * (x - 2) / 2 + noise(); });
    CHECK(one.at() == doctest::Approx(2).epsilon(0.02));

    const Tensor<double> truth{{1, -1}, {2, 0.5}};
    const auto f = [&](const Tensor<double>& x) { return mean_square(x - truth) * 2 + noise(); };
    KieferWolfowitz<Tensor<double>> many(zeros<double>({2, 2}));
    for (int k = 0; k < 500; ++k) many.step(f);
    CHECK(support::close(many.at(), truth, 0.05));

    Spsa<Tensor<double>> random(zeros<double>({2, 2}), {.gain = {.a = 0.5, .A = 10, .alpha = 0.602},
                                                        .distance = {.a = 0.2, .alpha = 0.101}});
    for (int k = 0; k < 2000; ++k) random.step(f, g);
    CHECK(support::close(random.at(), truth, 0.1));
    Spsa<double> number(0.0);
    for (int k = 0; k < 500; ++k) number.step([](double x) { return (x - 1) * (x - 1); }, g);
    CHECK(number.at() == doctest::Approx(1).epsilon(0.02));
}

TEST_CASE("stochastic_approximation: errors") {
    CHECK(support::message<ValueError>([] { RobbinsMonro<double>(0.0, {.alpha = 0.4}); }) ==
          "RobbinsMonro: alpha is 0.4: the sum of a_k^2 is infinite; it must be above 1/2");
    CHECK(support::message<ValueError>(
              [] { KieferWolfowitz<double>(0.0, {.gain = {.alpha = 1}, .distance = {.alpha = 0.6}}); }) ==
          "KieferWolfowitz: alpha 1 and gamma 0.6: the sum of (a_k / c_k)^2 is infinite; alpha - gamma "
          "must be above 1/2");
    CHECK(support::message<ValueError>([] { static_cast<void>(RobbinsMonro<double>(0.0).average()); }) ==
          "RunningMean: no value yet");
}
