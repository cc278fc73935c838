#include <tapegrad/tensor/tensor.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>
#include <utility>

#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("tensor: handles share their elements", T, float, double, int64_t, uint8_t) {
    Tensor<T> x{{1, 2, 3}, {4, 5, 6}};
    const Tensor<T> y = x;
    x.set({1, -1}, T(9));
    CHECK(y(1, 2) == T(9));
    CHECK(x.is_same(y));
    CHECK_FALSE(x.is_unique());
    CHECK(x.shape() == Shape{2, 3});
    CHECK(x.strides() == Strides{3, 1});
    CHECK(x.size(-1) == 3);
    CHECK(x.rank() == 2);
    CHECK(x.numel() == 6);
    CHECK(x.dtype() == dtype_of<T>);
    CHECK(x.is_contiguous());
    CHECK(x.is_leaf());
}

TEST_CASE("tensor: rank 0 and item") {
    const Tensor<double> x(2.5);
    CHECK(x.rank() == 0);
    CHECK(x.item() == 2.5);
    CHECK(x() == 2.5);
    CHECK(Tensor<bool>{{true}}.item());
    CHECK(message<ShapeError>([] {
              Tensor<float>{1, 2}.item();
          }) == "item: a tensor of shape (2,) is not one element");
}

TEST_CASE("tensor: undefined") {
    const Tensor<float> x;
    CHECK_FALSE(x.defined());
    CHECK_FALSE(x.requires_grad());
    CHECK(message<Error>([&] { x.shape(); }) == "tensor: used before it was given a value");
    CHECK(message<Error>([&] { x.data(); }) == "tensor: used before it was given a value");
    Tensor<float> y{1};
    const Tensor<float> z = std::move(y);
    CHECK_FALSE(y.defined());  // NOLINT: a moved-from handle is undefined
    CHECK(z.is_unique());
}

TEST_CASE("tensor: indices") {
    const Tensor<int64_t> x{{1, 2, 3}, {4, 5, 6}};
    CHECK(x(-1, -3) == 4);
    CHECK(message<IndexError>([&] { x(2, 0); }) == "index: 2 is outside axis 0 of size 2");
    CHECK(message<IndexError>([&] { x(0, -4); }) == "index: -4 is outside axis 1 of size 3");
    CHECK(message<IndexError>([&] { x(0); }) == "index: 1 indices for a tensor of shape (2, 3)");
    CHECK(message<IndexError>([&] { x(0, 0, 0); }) == "index: 3 indices for a tensor of shape (2, 3)");
    CHECK(message<ShapeError>([&] { x.size(2); }) == "size: axis 2 is outside [-2, 2) of a tensor of rank 2");
    Tensor<int64_t> y = x;
    const auto version = y.version();
    CHECK_THROWS_AS(y.set({5, 0}, 1), IndexError);
    CHECK(y.version() == version);
}

TEST_CASE("tensor: writes are counted for all views") {
    Tensor<float> x{1, 2, 3};
    const Tensor<float> view = x.detach();
    CHECK_FALSE(view.is_same(x));
    CHECK(view.data() == x.data());
    const auto before = view.version();
    x.mutable_data()[0] = 5;
    CHECK(view.version() == before + 1);
    x.set({1}, 4);
    CHECK(view.version() == before + 2);
    CHECK(view(0) == 5);
}

TEST_CASE("tensor: leaves") {
    Tensor<float> x{1, 2};
    CHECK_FALSE(x.requires_grad());
    CHECK_FALSE(x.grad().defined());
    x.requires_grad_(false);
    CHECK(x.leaf_state() == nullptr);
    const Tensor<float> other = x;
    x.requires_grad_();
    CHECK(other.requires_grad());
    CHECK_FALSE(x.detach().requires_grad());
    x.set_grad(Tensor<float>{3, 4});
    CHECK(other.grad()(1) == 4);
    CHECK(message<ShapeError>([&] { x.set_grad(Tensor<float>{1}); }) ==
          "set_grad: gradient (1,) of a tensor (2,)");
    x.zero_grad();
    CHECK_FALSE(other.grad().defined());
    x.requires_grad_(false);
    CHECK_FALSE(other.requires_grad());
    CHECK(message<DtypeError>([] { Tensor<int64_t>{1}.requires_grad_(); }) ==
          "requires_grad_: a tensor of int64 has no gradient");
    CHECK(message<DtypeError>([] { Tensor<bool>{true}.requires_grad_(); }) ==
          "requires_grad_: a tensor of bool has no gradient");
}

TEST_CASE("tensor: a handle of one type does not become one of another") {
    const Tensor<float> x{1};
    CHECK(detail::cast_handle<float>(x).is_same(x));
    CHECK_FALSE(detail::cast_handle<double>(Tensor<float>()).defined());
    CHECK(message<DtypeError>([&] { detail::cast_handle<double>(x); }) ==
          "tensor: holds float32, not float64");
}

TEST_CASE("tensor: what is saved is refused once it was written to") {
    Tensor<float> x{1, 2};
    detail::saving_captures = true;
    const Tensor<float> saved = x;
    detail::saving_captures = false;
    CHECK(saved.data()[1] == 2);
    x.set({0}, 3);
    CHECK(message<AutogradError>([&] { saved.data(); }) ==
          "backward: an operation saved a tensor (2,) at version 0, which was written to since (now version "
          "1); "
          "clone() it before writing, or write after backward");
    CHECK(x.data()[0] == 3);
}

TEST_CASE("tensor: assignment, also to itself, keeps the count of handles right") {
    Tensor<float> x{1, 2};
    Tensor<float>& alias = x;
    x = alias;
    CHECK(x.is_unique());
    Tensor<float> y{3};
    y = x;
    CHECK_FALSE(x.is_unique());
    y = Tensor<float>();
    CHECK(x.is_unique());
    x.swap(y);
    CHECK(y(1) == 2);
}
