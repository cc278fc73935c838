#include <tapegrad/flows/masked_coupling.hpp>

#include <doctest/doctest.h>

#include <tapegrad/nn/linear.hpp>
#include <tapegrad/ops/join.hpp>

#include "../support/bijector.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("MaskedCoupling: a board") {
    const auto net = [](const Tensor<double>& x) {
        return cat({tanh(sum(x, {1, 2, 3}, true) + x), 0.5 * x * sum(x, {1, 2, 3}, true)}, 1);
    };
    struct Named {
        decltype(net) f;
        TAPEGRAD_FIELDS();
        Tensor<double> operator()(const Tensor<double>& x) const { return f(x); }
    };
    const Tensor<double> x = support::normal<double>({3, 2, 2, 3}, 2) * 0.3;
    const MaskedCoupling board(checkerboard_mask(2, 3), AffineMap(), Named{net});
    support::check_bijector(board, x);
}

TEST_CASE("MaskedCoupling: errors") {
    Generator generator(1);
    const MaskedCoupling layer(half_mask(2), AdditiveMap(), Linear<float>(2, 3, generator));
    CHECK(message<ShapeError>([&] { layer.forward(zeros<float>({2})); }) ==
          "MaskedCoupling: x (2,) has no variables");
    CHECK(message<ShapeError>([&] {
              layer.forward(zeros<float>({4, 2}));
          }) == "MaskedCoupling: the network gave (4, 3) for (4, 2) numbers; 1 for each are wanted");
}
