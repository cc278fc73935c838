#include <tapegrad/flows/coupling.hpp>

#include <doctest/doctest.h>

#include <tapegrad/nn/residual_net.hpp>

#include "../support/bijector.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

template <class T, class Map>
auto coupling(const Tensor<bool>& mask, const Map& map, int64_t context, std::uint64_t seed) {
    Generator generator(seed);
    const auto transformed = static_cast<int64_t>(detail::places_of(mask, true).size());
    ResidualNet<T> net(mask.numel() - transformed, map.count * transformed, 8,
                       {.blocks = 1, .context = context}, generator);
    init::uniform_(net.final_layer.weight, generator, -0.02, 0.02);
    return Coupling(mask, map, net);
}

/// Four channels of one.
struct PerPixel {
    TAPEGRAD_FIELDS();
    Tensor<double> operator()(const Tensor<double>& x) const { return cat({x, tanh(x), x * x, 0.3 * x}, 1); }
};

/// Events in a spline's domain and far outside.
template <class T>
Tensor<T> wide(const Shape& shape) {
    Tensor<T> x = support::normal<T>(shape, 3);
    for (int64_t i = 0; i < x.numel(); i += 3) detail::output(x)[i] *= T(20);
    return x;
}

}

TEST_CASE_TEMPLATE("Coupling: every map is undone", T, float, double) {
    const Tensor<T> x = wide<T>({6, 5}), context = support::normal<T>({6, 2}, 4);
    for (const bool with_context : {false, true}) {
        const Tensor<T> given = with_context ? context : Tensor<T>();
        const int64_t features = with_context ? 2 : 0;
        support::check_bijector(coupling<T>(half_mask(5), AdditiveMap(), features, 1), x, given);
        for (const AffineScale scale : {AffineScale::sigmoid, AffineScale::softplus, AffineScale::exp,
                                        AffineScale::tanh, AffineScale::soft_clip})
            support::check_bijector(coupling<T>(alternating_mask(5), AffineMap{scale}, features, 2), x,
                                    given);
    }
}

TEST_CASE("Coupling: gradients") {
    const Tensor<double> x = support::normal<double>({3, 3}, 5), context = support::normal<double>({3, 1}, 6);
    support::check_bijector_gradients(coupling<double>(alternating_mask(3), AffineMap(), 1, 7), x, context);
}

TEST_CASE("Coupling: variables that the network sees go through a bijector of their own") {
    Generator generator(1);
    const Mlp<double> net(2, 4, {.hidden = {4}}, generator);
    using Inner = Coupling<AdditiveMap, Mlp<double>>;
    const Inner inner(alternating_mask(2), AdditiveMap(), Mlp<double>(1, 1, {.hidden = {4}}, generator));
    const Coupling<AffineMap, Mlp<double>, Inner> layer(half_mask(4), AffineMap(), net, inner);
    const Tensor<double> x = support::normal<double>({5, 4}, 2);
    support::check_bijector(layer, x);
    CHECK_FALSE(support::close(layer.forward(x).value,
                               Coupling(half_mask(4), AffineMap(), net).forward(x).value, 1e-3));
    CHECK(state_dict(layer).contains("unconditional_transform.transform_net.layers.0.weight"));
    CHECK(state_dict(layer).contains("identity_features"));
}

TEST_CASE("Coupling: the variables of images are channels") {
    const Coupling layer(half_mask(3), AffineMap(), PerPixel());
    const Tensor<double> x = support::normal<double>({2, 3, 2, 2}, 2);
    support::check_bijector(layer, x);
    CHECK(support::same_bits(detail::contiguous(select(layer.forward(x).value, 1, 2)),
                             detail::contiguous(select(x, 1, 2))));
}

TEST_CASE("Coupling: shapes and errors") {
    Generator generator(1);
    const Coupling layer(half_mask(4), AffineMap(), Mlp<float>(2, 4, {.hidden = {4}}, generator));
    CHECK(layer.forward(zeros<float>({0, 4})).log_det.shape() == Shape{0});
    CHECK(message<ShapeError>([&] {
              layer.forward(zeros<float>({3, 5}));
          }) == "Coupling: x (3, 5) of 4 variables: it must be (n, 4, ...)");
    CHECK(message<ValueError>([&] {
              layer.forward(zeros<float>({3, 4}), zeros<float>({3, 1}));
          }) == "Mlp: a context for a network without one");
    const Coupling narrow_net(half_mask(4), AffineMap(), Mlp<float>(2, 3, {.hidden = {4}}, generator));
    CHECK(message<ShapeError>([&] {
              narrow_net.inverse(zeros<float>({3, 4}));
          }) == "Coupling: the network gave (3, 3) for (3, 2) numbers; 2 for each are wanted");
    const Coupling bare(half_mask(2), AdditiveMap(), Linear<float>(1, 1, generator));
    CHECK(message<ValueError>([&] {
              bare.forward(zeros<float>({3, 2}), zeros<float>({3, 1}));
          }) == "Coupling: the network takes no context, but there is one");
    CHECK(message<ValueError>([&] {
              Coupling(ones<bool>({3}), AdditiveMap(), Linear<float>(1, 1, generator));
          }) == "Coupling: the mask transforms 3 of 3 variables; it needs some and must leave some");
    CHECK(message<ShapeError>([&] {
              Coupling(ones<bool>({3, 1}), AdditiveMap(), Linear<float>(1, 1, generator));
          }) == "Coupling: mask (3, 1) is no vector of variables");
}
