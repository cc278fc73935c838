#include <tapegrad/nn/weight_norm.hpp>

#include "../support/module_golden.hpp"

using namespace tapegrad;

TEST_CASE("weight_norm: torch.nn.utils.parametrizations") {
    Generator g(1);
    const Linear<double> layer(3, 4, g);
    const Tensor<double> x = support::normal<double>({2, 3});
    WeightNorm weight(layer);
    CHECK(support::close(weight(x), layer(x), 1e-14));
    support::check_module("weight_norm", weight, [&](const auto& v) { return std::vector{weight(v[0])}; });
    SpectralNorm<double> spectral(layer, g, {.n_power_iterations = 2});
    const auto call = [&](const auto& v) { return std::vector{spectral(v[0])}; };
    support::check_module("spectral_norm", spectral, call);
    eval(spectral);
    support::check_module("spectral_norm.eval", spectral, call);
}

TEST_CASE("weight_norm: a spectral norm of one, and vectors that evaluation leaves alone") {
    Generator g(1);
    SpectralNorm<double> layer(Linear<double>(5, 5, g), g);
    for (int i = 0; i < 200; ++i) static_cast<void>(layer(ones<double>({1, 5})));
    eval(layer);
    const Tensor<double> before = detail::copy<double>(layer.parametrizations.weight.vectors[0]._u);
    const Tensor<double> w = layer.weight().detach();
    CHECK(support::same_bits<double>(layer.parametrizations.weight.vectors[0]._u, before));
    // The largest eigenvalue of w^T w by many steps of its own.
    Tensor<double> v = ones<double>({5});
    double length = 0;
    for (int i = 0; i < 300; ++i) {
        v = matmul(transpose(w), matmul(w, v));
        length = std::sqrt(sum(square(v)).item());
        v = v / length;
    }
    CHECK(length == doctest::Approx(1).epsilon(1e-6));
    // A graph outlives the next call.
    train(layer);
    const Tensor<double> x = ones<double>({1, 5}), y = layer(x);
    static_cast<void>(layer(x));
    sum(y).backward();
    CHECK(layer.parametrizations.weight.trained.original.grad().defined());
}
