#include <tapegrad/ops/take.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("take and put: value", T, float, int64_t, uint8_t) {
    const Tensor<T> x = detail::cast<T>(reshape(arange<int64_t>(6), {2, 3}));
    const Tensor<int64_t> ids{{0, -1}, {4, 0}};
    const Tensor<T> y = take(support::spread(x), ids);
    CHECK(y.shape() == Shape{2, 2});
    CHECK(to_vector(y) == std::vector<T>{0, 5, 4, 0});
    const Tensor<T> source{7, 8, 9, 1};
    CHECK(to_vector(put(support::spread(x), ids, source)) == std::vector<T>{1, 1, 2, 3, 9, 8});
    CHECK(to_vector(put(x, support::spread(ids), source, true)) == std::vector<T>{8, 1, 2, 3, 13, 13});
    CHECK(take(x, empty<int64_t>({0, 2})).shape() == Shape{0, 2});
}

TEST_CASE_TEMPLATE("take_along_axis and put_along_axis: value", T, float, int32_t) {
    const Tensor<T> x = detail::cast<T>(reshape(arange<int64_t>(12), {3, 4}));
    CHECK(to_vector(take_along_axis(x, Tensor<int64_t>{{-1}, {0}, {2}}, 1)) == std::vector<T>{3, 4, 10});
    CHECK(to_vector(take_along_axis(support::spread(x), Tensor<int64_t>{{-1, 0}}, 1)) ==
          std::vector<T>{3, 0, 7, 4, 11, 8});
    const Tensor<T> row{{1, 2, 3, 4}};
    CHECK(to_vector(take_along_axis(row, Tensor<int64_t>{{0}, {3}}, 1)) == std::vector<T>{1, 4});
    CHECK(to_vector(put_along_axis(row, Tensor<int64_t>{{0}, {-1}}, Tensor<T>{9}, 1)) ==
          std::vector<T>{9, 2, 3, 4, 1, 2, 3, 9});
}

TEST_CASE("take: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<IndexError>([&] {
              take(x, Tensor<int64_t>{{0, 6}});
          }) == "take: ids hold 6 at (0, 1), outside axis 0 of x (6,) of size 6");
    CHECK(message<IndexError>([&] { put(x, Tensor<int64_t>{-7}, Tensor<float>{1}); }) ==
          "put: ids hold -7 at (0,), outside axis 0 of x (6,) of size 6");
    CHECK(message<ShapeError>([&] {
              put(x, Tensor<int64_t>{0, 1}, Tensor<float>{1});
          }) == "put: source (1,) and ids (2,) differ in number");
    CHECK(message<ShapeError>([&] { take_along_axis(x, Tensor<int64_t>{0}, 1); }) ==
          "take_along_axis: ids (1,) and x (2, 3) differ in rank");
    CHECK(message<ShapeError>([&] {
              take_along_axis(x, zeros<int64_t>({3, 1}), 1);
          }) ==
          "take_along_axis: shapes (2, 1) and (3, 1) do not broadcast: sizes 2 and 3 differ at axis -2");
    CHECK(message<IndexError>([&] {
              put_along_axis(x, Tensor<int64_t>{{3}, {0}}, x, 1);
          }) == "put_along_axis: ids hold 3 at (0, 0), outside axis 1 of x (2, 3) of size 3");
}
