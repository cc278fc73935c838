#include <tapegrad/nn/masked_conv.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("masked_conv: masks", T, float, double) {
    using V = std::vector<T>;
    CHECK(to_vector(pixel_mask<T>(3, 3, SeenPixels::before)) == V{1, 1, 1, 1, 0, 0, 0, 0, 0});
    CHECK(to_vector(pixel_mask<T>(3, 3, SeenPixels::up_to_own)) == V{1, 1, 1, 1, 1, 0, 0, 0, 0});
    CHECK(to_vector(pixel_mask<T>(3, 1, SeenPixels::rows_above)) == V{1, 0, 0});
    CHECK(to_vector(pixel_mask<T>(3, 3, SeenPixels::rows_up_to_own)) == V{1, 1, 1, 1, 1, 1, 0, 0, 0});
    CHECK(to_vector(pixel_mask<T>(1, 3, SeenPixels::before)) == V{1, 0, 0});
}

TEST_CASE("masked_conv: a sum over what the window shows") {
    Generator g(1);
    MaskedConv2d<double> layer(1, 1, 3, 3, SeenPixels::before, g);
    layer.weight = ones<double>({1, 1, 3, 3});
    layer.bias = Tensor<double>{0.5};
    const Tensor<double> x = reshape(arange<double>(9), {1, 1, 3, 3});
    CHECK(to_vector(layer(x)) == std::vector<double>{0.5, 0.5, 1.5, 1.5, 6.5, 7.5, 7.5, 18.5, 16.5});
    std::string names;
    for (const NamedTensor& entry : state_dict(layer)) names += entry.name + ' ';
    CHECK(names == "weight bias mask ");
    CHECK(parameters<double>(layer).size() == 2);
}

TEST_CASE("masked_conv: errors") {
    CHECK(support::message<ValueError>([] {
              static_cast<void>(pixel_mask<float>(3, 4, SeenPixels::before));
          }) == "pixel_mask: a window of 3 x 4 has no middle");
}
