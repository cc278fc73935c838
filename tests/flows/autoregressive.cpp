#include <tapegrad/flows/autoregressive.hpp>

#include <doctest/doctest.h>

#include <tapegrad/density/made.hpp>

#include "../support/bijector.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

template <class T, class Map>
auto layer(const Map& map, int64_t variables, int64_t context, VariableOrder order = VariableOrder::natural) {
    Generator generator(2);
    return Autoregressive(
        map, Made<T>(variables, {.hidden = {8, 8}, .outputs = map.count, .context = context, .order = order},
                     generator));
}
constexpr AffineMap affine{AffineScale::softplus, true};

}

TEST_CASE_TEMPLATE("Autoregressive: every map is undone", T, float, double) {
    const Tensor<T> x = support::normal<T>({6, 4}, 3);
    const Tensor<T> context = support::normal<T>({6, 2}, 4);
    support::check_bijector(layer<T>(AffineMap{AffineScale::tanh}, 4, 0, VariableOrder::random), x);
    support::check_bijector(layer<T>(affine, 4, 2), x, context);
}

TEST_CASE("Autoregressive: gradients, and the fast direction of draws") {
    const Tensor<double> x = support::normal<double>({2, 2}, 5), context = support::normal<double>({2, 1}, 6);
    const auto maf = layer<double>(affine, 2, 1);
    support::check_bijector_gradients(maf, x, context);
    const Inverse iaf(maf);
    CHECK(support::same_bits(iaf.inverse(x, context).value, maf.forward(x, context).value));
    CHECK(named_parameters(iaf).contains("autoregressive_net.initial_layer.weight"));
}

TEST_CASE("Autoregressive: shapes and errors") {
    const auto maf = layer<float>(affine, 3, 0);
    CHECK(maf.forward(zeros<float>({0, 3})).log_det.shape() == Shape{0});
    CHECK(maf.inverse(zeros<float>({0, 3})).value.shape() == Shape{0, 3});
    CHECK(message<ShapeError>([&] { maf.forward(zeros<float>({3})); }) ==
          "Autoregressive: x (3,) is no matrix of events and variables");
    Generator generator(1);
    const Autoregressive wrong(AdditiveMap(), Made<>(3, {.outputs = 2}, generator));
    CHECK(message<ShapeError>([&] {
              wrong.inverse(zeros<float>({5, 3}));
          }) == "Autoregressive: the network gave (5, 6) for (5, 3) numbers; 1 for each are wanted");
}
