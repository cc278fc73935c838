#include <tapegrad/tensor/copy.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("copy: contiguous and copy", T, float, double, int64_t, bool, bfloat16) {
    const Tensor<T> x = detail::cast<T>(support::normal<float>({3, 4, 5}));
    const Tensor<T> s = support::spread(x);
    CHECK(detail::contiguous(x).is_same(x));
    CHECK(support::same_bits(detail::contiguous(s), x));
    CHECK(detail::contiguous(s).is_contiguous());
    CHECK_FALSE(detail::copy(x).is_same(x));
    CHECK(detail::copy(x).is_unique());
    CHECK(support::same_bits(detail::copy(s), x));
    CHECK(detail::copy(empty<T>({0, 3})).shape() == Shape{0, 3});
    CHECK(detail::copy(Tensor<T>(T(1.0f))).item() == T(1.0f));
}

TEST_CASE("copy: empty") {
    const auto x = empty<double>({2, 3});
    CHECK(x.is_contiguous());
    CHECK(x.version() == 0);
    CHECK(empty_like(support::spread(x)).strides() == Strides{3, 1});
    CHECK(support::message<ShapeError>([] {
              empty<float>({2, -1});
          }) == "empty: negative size -1 in (2, -1)");
    CHECK(support::message<ShapeError>([] {
              empty<float>({int64_t{1} << 40, int64_t{1} << 40});
          }) == "empty: shape (1099511627776, 1099511627776) has more than 2^63 - 1 elements");
}

TEST_CASE("copy: cast") {
    const Tensor<float> x{{1.75f, -2}, {0, 1e10f}};
    CHECK(to_vector(detail::cast<int32_t>(x)) == std::vector<int32_t>{1, -2, 0, 2147483647});
    CHECK(to_vector(detail::cast<bool>(support::spread(x))) == std::vector<bool>{true, true, false, true});
    CHECK(detail::cast<double>(zeros<float>({0})).shape() == Shape{0});
}

TEST_CASE_TEMPLATE("copy: assign broadcasts into any layout", T, float, int64_t) {
    const Tensor<T> row{1, 2, 3};
    Tensor<T> target = zeros<T>({2, 3}), strided = support::spread(target);
    detail::assign(target, row);
    CHECK(to_vector(target) == std::vector<T>{1, 2, 3, 1, 2, 3});
    detail::assign(strided, row);
    CHECK(to_vector(strided) == to_vector(target));
    Tensor<T> part = detail::view_of(target, {2, 2}, {3, 1}, 1);
    detail::assign(part, Tensor<T>(T(9)));
    CHECK(to_vector(target) == std::vector<T>{1, 9, 9, 1, 9, 9});
    Tensor<T> none = zeros<T>({0, 3});
    detail::assign(none, row);
    CHECK_THROWS_AS(detail::assign(target, zeros<T>({2})), ShapeError);
}

TEST_CASE("copy: assign between views of the same memory") {
    Tensor<int64_t> x{{1, 2}, {3, 4}};
    detail::assign(x, detail::view_of(x, {2, 2}, {1, 2}));
    CHECK(to_vector(x) == std::vector<int64_t>{1, 3, 2, 4});
}
