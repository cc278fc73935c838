#include <tapegrad/ops/one_hot.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("one_hot: value", T, int64_t, float, bool) {
    const Tensor<int64_t> ids{{0, 2}, {1, 1}};
    const Tensor<T> y = one_hot<T>(ids);
    REQUIRE(y.shape() == Shape{2, 2, 3});
    support::for_each_place(
        y.shape(), [&](const Dims& p, int64_t i) { CHECK(y.data()[i] == T(p[2] == ids(p[0], p[1]))); });
    CHECK(support::same_bits(one_hot<T>(support::spread(ids), 3), y));
    CHECK(one_hot<T>(ids, 5).shape() == Shape{2, 2, 5});
    CHECK(one_hot<T>(empty<int64_t>({0}), 4).shape() == Shape{0, 4});
    CHECK(one_hot<T>(Tensor<int64_t>(int64_t{1}), 2).shape() == Shape{2});
}

TEST_CASE("one_hot: errors") {
    CHECK(message<IndexError>([] {
              one_hot(Tensor<int64_t>{{0, 3}}, 3);
          }) == "one_hot: ids hold 3 at (0, 1), outside [0, 3)");
    CHECK(message<IndexError>([] {
              one_hot(Tensor<int64_t>{2, -1});
          }) == "one_hot: ids hold -1 at (1,), outside [0, 3)");
    CHECK(message<ValueError>([] { one_hot(empty<int64_t>({0})); }) ==
          "one_hot: ids (0,) have no elements to tell the classes from");
}
