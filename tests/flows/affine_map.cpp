#include <tapegrad/flows/affine_map.hpp>

#include <doctest/doctest.h>

#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("affine maps: scales by their formulas", T, float, double) {
    const double tolerance = std::same_as<T, float> ? 1e-6 : 1e-14;
    for (const double u : {-30.0, -1.0, 0.0, 0.5, 4.0}) {
        const auto sigmoid_of = [](double v) { return 1 / (1 + std::exp(-v)); };
        const std::pair<AffineScale, double> rows[] = {
            {AffineScale::sigmoid, sigmoid_of(u + 2) + 1e-3},
            {AffineScale::softplus, std::log1p(std::exp(u)) + 1e-3},
            {AffineScale::exp, std::exp(u)},
            {AffineScale::tanh, std::exp(std::tanh(u))},
            {AffineScale::soft_clip, std::exp(u / (1 + std::abs(u) / std::log(1000.0)))}};
        for (const auto& [scale, expected] : rows)
            for (const bool first : {false, true}) {
                const T v = static_cast<T>(u), b(3);
                const Tensor<T> p = first ? Tensor<T>{{v, b}} : Tensor<T>{{b, v}};
                const AffineMap affine{scale, first};
                static_assert(ElementMap<AffineMap, T> && ElementMap<AdditiveMap, T>);
                const auto y = affine.forward(Tensor<T>{T(2)}, p);
                CHECK(std::abs(static_cast<double>(y.value.item()) - (2 * expected + 3)) <=
                      tolerance * (3 + 2 * expected));
                CHECK(std::abs(static_cast<double>(y.log_slope.item()) - std::log(expected)) <=
                      tolerance * (1 + std::abs(u)));
                const auto x = affine.inverse(Tensor<T>{T(5)}, p);
                CHECK(std::abs(static_cast<double>(x.value.item()) - 2 / expected) <=
                      10 * tolerance / expected);
                CHECK(x.log_slope.item() == -y.log_slope.item());
            }
    }
}

TEST_CASE("AdditiveMap") {
    const Tensor<double> x{1.0, 2.0}, p{{3.0}, {4.0}};
    CHECK(support::same_bits(AdditiveMap().forward(x, p).value, Tensor<double>{4.0, 6.0}));
    CHECK(support::same_bits(AdditiveMap().inverse(x, p).value, Tensor<double>{-2.0, -2.0}));
    CHECK(support::same_bits(AdditiveMap().inverse(x, p).log_slope, zeros<double>({2})));
}
