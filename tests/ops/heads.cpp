#include <tapegrad/ops/heads.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/movement.hpp>

#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("heads: missing axes are 1, and columns become contiguous", T, float, double) {
    const Tensor<T> x = support::normal<T>({5, 4});
    CHECK(detail::as_heads(x).shape() == Shape{1, 1, 5, 4});
    CHECK(detail::as_heads(x).data() == x.data());
    const Tensor<T> turned = detail::as_heads(transpose(x));
    CHECK(turned.strides()[3] == 1);
    CHECK(detail::head_view(turned).row == 5);
}

TEST_CASE_TEMPLATE("heads: a result lies as its input does", T, float, double) {
    const Tensor<T> inside = transpose(zeros<T>({2, 5, 3, 4}), 1, 2);  // (2, 3, 5, 4), heads inside rows
    Tensor<T> y = detail::empty_as_heads(inside, {2, 3, 5, 6});
    CHECK(y.strides() == Strides{90, 6, 18, 1});
    CHECK(detail::head_output(y).head == 6);
    CHECK(detail::empty_as_heads(zeros<T>({2, 3, 5, 4}), {2, 3, 5, 6}).is_contiguous());
}
