#include <tapegrad/ops/matrices.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("matrices: what is none") {
    CHECK(message<ShapeError>([] { detail::check_matrices("op", "a", Shape{3}); }) ==
          "op: a (3,) is no matrix");
    CHECK(message<ShapeError>([] { static_cast<void>(detail::check_square("op", "a", Shape{})); }) ==
          "op: a () is no matrix");
    CHECK(message<ShapeError>([] {
              static_cast<void>(detail::check_square("op", "a", Shape{4, 2, 3}));
          }) == "op: a (4, 2, 3) is not square");
    CHECK(detail::check_square("op", "a", Shape{2, 0, 0}) == 0);
}

TEST_CASE("matrices: the name of one of a batch") {
    CHECK(detail::matrix_name("a", Shape{3, 3}, 0) == "a (3, 3)");
    CHECK(detail::matrix_name("a", Shape{5, 3, 3}, 4) == "a[4] of shape (5, 3, 3)");
    CHECK(detail::matrix_name("a", Shape{2, 5, 3, 3}, 7) == "a[1, 2] of shape (2, 5, 3, 3)");
}

TEST_CASE("matrices: a batch that is broadcast") {
    const Tensor<double> x = support::normal<double>({3, 1, 2, 2});
    const Shape batch{4, 3, 5};
    const Strides strides = detail::batch_strides("op", x, batch);
    const Tensor<double> whole = detail::copy(detail::batch_view("op", x, batch));
    for (int64_t q = 0; q < 60; ++q)
        CHECK(x.data()[detail::batch_offset(batch, strides, q)] == whole.data()[q * 4]);
}

TEST_CASE_TEMPLATE("matrices: what is not finite", T, float, double) {
    Tensor<T> x = zeros<T>({2, 2, 3});
    detail::check_finite("op", x);
    detail::check_finite("op", zeros<T>({2, 0, 0}));
    x.set({1, 1, 2}, -std::numeric_limits<T>::infinity());
    CHECK(message<ValueError>([&] { detail::check_finite("op", x); }) ==
          "op: a[1] of shape (2, 2, 3) holds -inf at (1, 2)");
}

TEST_CASE("matrices: failures") {
    Scratch<int64_t> failures(3);
    for (int64_t i = 0; i < 3; ++i) failures[i] = 0;
    CHECK(detail::first_failure(failures) == -1);
    failures[2] = 5;
    CHECK(detail::first_failure(failures) == 2);
}
