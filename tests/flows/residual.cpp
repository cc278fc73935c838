#include <tapegrad/flows/residual.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

namespace {

/// A network whose weights want to be larger than they may, in evaluation.
template <class T>
LipschitzNet<T> wild(const std::vector<int64_t>& sizes, double coefficient = 0.9) {
    Generator generator(3);
    LipschitzNet<T> net(sizes, generator, {.coefficient = coefficient});
    {
        const no_grad values;
        for (auto& layer : net.layers) init::normal_(layer.weight, generator);
    }
    for (int i = 0; i < 50; ++i) net(zeros<T>({1, sizes[0]}));
    return eval(net);
}

/// net(x) = factor x.
struct Times {
    double factor;
    TAPEGRAD_FIELDS(factor);
    template <class T>
    Tensor<T> operator()(const Tensor<T>& x) const {
        return x * factor;
    }
};

}

TEST_CASE_TEMPLATE("ResidualFlow: inverses and volumes", T, float, double) {
    const ResidualFlow flow(wild<T>({3, 8, 3}));
    const support::BijectorCheck how{.tolerance = std::is_same_v<T, float> ? 1e-5 : 1e-10};
    support::check_bijector(flow, support::normal<T>({4, 3}), {}, how);
    support::check_bijector(flow, support::normal<T>({4, 3}) * T(100), {}, how);
    CHECK(flow.forward(zeros<T>({0, 3})).log_det.shape() == Shape{0});
    CHECK(flow.inverse(zeros<T>({0, 3})).value.shape() == Shape{0, 3});
}

TEST_CASE("ResidualFlow: gradients, recorded and not") {
    const auto net = wild<double>({2, 4, 2}, 0.7);
    const ResidualFlow flow(net);
    const Tensor<double> x = support::normal<double>({2, 2});
    support::check_bijector_gradients(flow, x);
    const no_grad off;
    const Mapped<double> y = flow.forward(x);
    CHECK_FALSE(y.value.requires_grad());
    CHECK_FALSE(y.log_det.requires_grad());
}

TEST_CASE("ResidualFlow: estimates have the exact volume as their mean") {
    const auto net = wild<double>({3, 8, 3});
    const Tensor<double> one = support::normal<double>({1, 3}),
                         x = detail::contiguous(expand(one, {4000, 3}));
    const double exact = ResidualFlow(net).forward(one).log_det.item();
    manual_seed(4);
    const ResidualFlow series(net, {.volume = ResidualVolume::series, .terms = 20});
    const no_grad off;
    const Tensor<double> estimate = series.forward(x).log_det;
    CHECK(std::fabs(mean(estimate).item() - exact) < 0.02);
    // All events of a call have the same number of terms, so the roulette's mean is one over calls.
    const ResidualFlow roulette(net, {.volume = ResidualVolume::roulette, .terms = 2});
    const Tensor<double> some = detail::contiguous(narrow(x, 0, 0, 50));
    double total = 0;
    for (int i = 0; i < 200; ++i) total += mean(roulette.forward(some).log_det).item();
    CHECK(std::fabs(total / 200 - exact) < 0.02);
    // Of a map that stretches evenly each estimate is exact, up to the terms left out.
    const ResidualFlow<double, Times> even(Times{0.25}, {.volume = ResidualVolume::series, .terms = 25});
    CHECK(even.forward(one).log_det.item() == doctest::Approx(3 * std::log(1.25)));
}

TEST_CASE("ResidualFlow: errors") {
    const ResidualFlow<double, Times> expanding(Times{1.5}, {.max_iterations = 10});
    CHECK(
        message<ValueError>([&] {
            expanding.inverse(Tensor<double>{{1.0}});
        }).starts_with("ResidualFlow: the inverse did not come to rest in 10 iterations: x still moves by "));
    CHECK(message<ValueError>([] { ResidualFlow<double, Times>(Times{0.5}, {.terms = 0}); }) ==
          "ResidualFlow: 0 terms, go_on 0.5 and 500 iterations: they must be positive, go_on below 1");
    const ResidualFlow narrows(wild<double>({3, 4, 2}));
    CHECK(message<ShapeError>([&] {
              narrows.forward(zeros<double>({5, 3}));
          }) == "ResidualFlow: net made (5, 2) of (5, 3); the shape must stay");
    const ResidualFlow<double, Times> lost(Times{std::nan("")});
    CHECK_THROWS_AS(lost.inverse(Tensor<double>{{1.0}}), ValueError);
}
