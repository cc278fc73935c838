#include <tapegrad/ops/grid.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("meshgrid: value") {
    const Tensor<float> a{1, 2}, b{3, 4, 5}, c{6};
    const auto ij = meshgrid({a, b, c}), xy = meshgrid({a, b, c}, GridOrder::xy);
    REQUIRE(ij.size() == 3);
    for (std::size_t k = 0; k < 3; ++k) {
        CHECK(ij[k].shape() == Shape{2, 3, 1});
        CHECK(xy[k].shape() == Shape{3, 2, 1});
        CHECK(support::same_bits(xy[k], transpose(ij[k], 0, 1)));
    }
    CHECK(to_vector(ij[0]) == std::vector<float>{1, 1, 1, 2, 2, 2});
    CHECK(to_vector(ij[1]) == std::vector<float>{3, 4, 5, 3, 4, 5});
    CHECK(ij[2].body().storage == c.body().storage);
    CHECK(meshgrid({a}, GridOrder::xy)[0].shape() == Shape{2});
    CHECK(meshgrid({Tensor<float>(1.0F), b})[1].shape() == Shape{1, 3});
    CHECK(meshgrid({a, zeros<float>({0})})[0].shape() == Shape{2, 0});
}

TEST_CASE("cartesian_prod, block_diag: value") {
    const Tensor<int64_t> a{1, 2}, b{3, 4};
    CHECK(to_vector(cartesian_prod({a, b})) == std::vector<int64_t>{1, 3, 1, 4, 2, 3, 2, 4});
    CHECK(cartesian_prod({a}).is_same(a));
    const auto y =
        block_diag({Tensor<int64_t>{{1, 2}}, Tensor<int64_t>(int64_t{3}), empty<int64_t>({1, 0}), b});
    CHECK(y.shape() == Shape{4, 5});
    CHECK(to_vector(y) == std::vector<int64_t>{1, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4});
}

TEST_CASE("tril_indices and triu_indices: value") {
    CHECK(to_vector(tril_indices(3, 2)) == std::vector<int64_t>{0, 1, 1, 2, 2, 0, 0, 1, 0, 1});
    CHECK(to_vector(triu_indices(2, 3, 1)) == std::vector<int64_t>{0, 0, 1, 1, 2, 2});
    CHECK(tril_indices(0, 3).shape() == Shape{2, 0});
    CHECK(tril_indices(3, 3, -5).shape() == Shape{2, 0});
}

TEST_CASE("grid: errors") {
    const Tensor<float> a{1, 2};
    CHECK(message<ShapeError>([] { meshgrid(std::initializer_list<Tensor<float>>{}); }) ==
          "meshgrid: no vectors");
    CHECK(message<ShapeError>([&] {
              meshgrid({a, zeros<float>({2, 2})});
          }) == "meshgrid: vector 1 (2, 2) has several axes");
    CHECK(message<ShapeError>([&] {
              cartesian_prod({a, Tensor<float>(1.0F)});
          }) == "cartesian_prod: vector () is not of rank 1");
    CHECK(message<ShapeError>([&] {
              block_diag({a, zeros<float>({1, 1, 1})});
          }) == "block_diag: matrix 1 (1, 1, 1) has more than two axes");
    CHECK(message<ShapeError>([] { tril_indices(-1, 2); }) == "empty: negative size -1 in (-1, 2)");
}
