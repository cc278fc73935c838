#include <tapegrad/flows/lipschitz.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/svd.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("LipschitzLinear: singular values are bounded, small ones left", T, float, double) {
    Generator generator(3);
    LipschitzLinear<T> layer(5, 4, generator, {.coefficient = 0.9});
    const auto largest = [&] {
        return static_cast<double>(amax(svdvals(layer.bounded_weight().detach())).item());
    };
    layer.weight = parameter(support::normal<T>({4, 5}) * T(10));
    for (int i = 0; i < 20; ++i) layer.bounded_weight();
    CHECK(largest() == doctest::Approx(0.9).epsilon(1e-4));
    layer.weight = parameter(support::normal<T>({4, 5}) * T(0.01));
    CHECK(support::same_bits(layer.bounded_weight().detach(), layer.weight.detach()));
    layer.training = false;
    const Tensor<T> before = detail::copy<T>(layer.u);
    layer.weight = parameter(support::normal<T>({4, 5}, 7));
    layer.bounded_weight();
    CHECK(support::same_bits<T>(layer.u, before));
}

TEST_CASE("LipschitzNet: no two points come further apart; errors") {
    Generator generator(3);
    LipschitzNet<double> net({3, 16, 16, 3}, generator);
    {
        const no_grad values;
        for_each_parameter(net, [&](std::string_view, Tensor<double>& p) { init::normal_(p, generator); });
    }
    for (int i = 0; i < 50; ++i) net(zeros<double>({1, 3}));
    const Tensor<double> a = support::normal<double>({200, 3}),
                         b = a + support::normal<double>({200, 3}, 2) * 0.1;
    const auto length = [](const Tensor<double>& x) { return sqrt(sum(square(x), {1})); };
    CHECK(amax(length(net(a) - net(b)) / length(a - b)).item() < 0.97);
    eval(net);
    CHECK_GRAD([&](const auto& v) { return net(v[0]); }, {support::normal<double>({2, 3})}, 2);
    CHECK(message<ValueError>([&] { LipschitzNet<double>({3}, generator); }) ==
          "LipschitzNet: 1 sizes are no network; it needs two");
    CHECK(message<ValueError>([&] { LipschitzLinear<double>(3, 3, generator, {.coefficient = 0}); }) ==
          "LipschitzLinear: the coefficient is 0; it must be positive");
}
