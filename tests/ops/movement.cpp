#include <tapegrad/ops/movement.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {
using Inputs = std::vector<Tensor<double>>;

/// True when both handles see the same memory.
template <class T>
bool is_view(const Tensor<T>& y, const Tensor<T>& x) {
    return y.body().storage == x.body().storage;
}
}

TEST_CASE_TEMPLATE("reshape: value", T, float, double, int64_t, bool) {
    const Tensor<T> x = detail::cast<T>(arange<int64_t>(24));
    for (const Shape& shape : {Shape{24}, Shape{2, 12}, Shape{2, 3, 4}, Shape{4, 1, 6, 1}, Shape{1, 1, 24}}) {
        const Tensor<T> y = reshape(x, shape);
        CHECK(y.shape() == shape);
        CHECK(is_view(y, x));
        CHECK(to_vector(y) == to_vector(x));
    }
    CHECK(reshape(x, {2, -1, 4}).shape() == Shape{2, 3, 4});
    CHECK(reshape(x, {-1}).shape() == Shape{24});
}

TEST_CASE("reshape: of a strided tensor it is a view where the strides allow one, else a copy") {
    const Tensor<int64_t> x = reshape(arange<int64_t>(24), {2, 3, 4});
    const Tensor<int64_t> t = permute(x, {2, 0, 1});  // (4, 2, 3), the last two axes behind each other
    CHECK(is_view(reshape(t, {4, 6}), x));
    CHECK(is_view(reshape(t, {2, 2, 6}), x));
    CHECK_FALSE(is_view(reshape(t, {8, 3}), x));
    for (const Shape& shape : {Shape{4, 6}, Shape{2, 2, 6}, Shape{8, 3}, Shape{24}, Shape{4, 1, 2, 1, 3}})
        CHECK(to_vector(reshape(t, shape)) == to_vector(t));
}

TEST_CASE("reshape: every reshape of every layout has the elements in row-major order") {
    const std::vector<Shape> shapes = {{12},      {2, 6},  {6, 2},    {3, 4},
                                       {2, 3, 2}, {1, 12}, {2, 1, 6}, {3, 1, 2, 2, 1}};
    const Tensor<int64_t> memory = arange<int64_t>(200);
    for (const Shape& from : shapes) {
        std::vector<Tensor<int64_t>> layouts;
        layouts.push_back(detail::view_of(memory, from, row_major(from)));
        layouts.push_back(support::spread(layouts[0]));
        Strides gaps = row_major(from);
        for (int64_t& s : gaps) s *= 3;
        layouts.push_back(detail::view_of(memory, from, gaps, 5));
        Strides repeated = row_major(from);
        repeated[from.rank() - 1] = 0;
        layouts.push_back(detail::view_of(memory, from, repeated, 7));
        for (const auto& x : layouts)
            for (const Shape& to : shapes) {
                CAPTURE(from.to_string());
                CAPTURE(to.to_string());
                CHECK(to_vector(reshape(x, to)) == to_vector(x));
            }
    }
}

TEST_CASE("reshape: sizes 0 and 1, rank 0") {
    CHECK(reshape(Tensor<float>(3.0f), {1, 1}).shape() == Shape{1, 1});
    CHECK(reshape(Tensor<float>{{5.0f}}, {}).item() == 5);
    CHECK(reshape(zeros<float>({0, 3}), {3, 0, 2}).shape() == Shape{3, 0, 2});
    CHECK(reshape(zeros<float>({0, 3}), {-1, 3}).shape() == Shape{0, 3});
}

TEST_CASE("reshape: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] { reshape(x, {4}); }) ==
          "reshape: x (2, 3) has 6 elements, which do not fill (4,)");
    CHECK(message<ShapeError>([&] {
              reshape(x, {4, -1});
          }) == "reshape: x (2, 3) has 6 elements, which do not fill (4, -1)");
    CHECK(message<ShapeError>([&] { reshape(x, {-1, -1}); }) == "reshape: more than one -1 in (-1, -1)");
    CHECK(message<ShapeError>([&] { reshape(x, {-2, 3}); }) == "reshape: negative size -2 in (-2, 3)");
    CHECK(message<ShapeError>([&] {
              reshape(zeros<float>({0}), {0, -1});
          }) == "reshape: -1 in (0, -1) may be any size: the other sizes have a 0");
}

TEST_CASE("flatten: value") {
    const auto x = reshape(arange<int64_t>(24), {2, 3, 4});
    CHECK(flatten(x).shape() == Shape{24});
    CHECK(flatten(x, 1).shape() == Shape{2, 12});
    CHECK(flatten(x, 0, 1).shape() == Shape{6, 4});
    CHECK(flatten(x, -2, -2).shape() == Shape{2, 3, 4});
    CHECK(flatten(Tensor<float>(1.0f)).shape() == Shape{1});
    CHECK(message<ShapeError>([&] { flatten(x, 2, 1); }) == "flatten: first axis 2 lies behind the last, 1");
    CHECK(message<ShapeError>([&] { flatten(x, 3); }) ==
          "flatten: axis 3 is outside [-3, 3) of a tensor of rank 3");
}

TEST_CASE_TEMPLATE("permute: value", T, float, double, int64_t) {
    const Tensor<T> x = detail::cast<T>(reshape(arange<int64_t>(24), {2, 3, 4}));
    const Tensor<T> y = permute(x, {2, 0, -2});
    CHECK(y.shape() == Shape{4, 2, 3});
    CHECK(is_view(y, x));
    support::for_each_place(
        x.shape(), [&](const Dims& p, int64_t) { REQUIRE(y(p[2], p[0], p[1]) == x(p[0], p[1], p[2])); });
    CHECK(permute(Tensor<T>(T(1)), {}).rank() == 0);
    CHECK(message<ShapeError>([&] {
              permute(x, {0, 1});
          }) == "permute: (0, 1) is not a permutation of the axes of x (2, 3, 4)");
    CHECK(message<ShapeError>([&] {
              permute(x, {0, 1, -2});
          }) == "permute: (0, 1, -2) is not a permutation of the axes of x (2, 3, 4)");
    CHECK(message<ShapeError>([&] {
              permute(x, {0, 1, 3});
          }) == "permute: axis 3 is outside [-3, 3) of a tensor of rank 3");
}

TEST_CASE("transpose: value") {
    const auto x = reshape(arange<int64_t>(24), {2, 3, 4});
    CHECK(to_vector(transpose(x)) == to_vector(permute(x, {0, 2, 1})));
    CHECK(to_vector(transpose(x, 0, -1)) == to_vector(permute(x, {2, 1, 0})));
    CHECK(transpose(x, 1, 1).is_contiguous());
    CHECK(message<ShapeError>([&] { transpose(x, 0, 3); }) ==
          "transpose: axis 3 is outside [-3, 3) of a tensor of rank 3");
}

TEST_CASE("squeeze and unsqueeze: value") {
    const auto x = reshape(arange<int64_t>(6), {1, 2, 1, 3});
    CHECK(squeeze(x).shape() == Shape{2, 3});
    CHECK(squeeze(x, 0).shape() == Shape{2, 1, 3});
    CHECK(squeeze(x, -2).shape() == Shape{1, 2, 3});
    CHECK(squeeze(x, 1).shape() == x.shape());
    CHECK(unsqueeze(x, 0).shape() == Shape{1, 1, 2, 1, 3});
    CHECK(unsqueeze(x, -1).shape() == Shape{1, 2, 1, 3, 1});
    CHECK(unsqueeze(x, 4).shape() == Shape{1, 2, 1, 3, 1});
    CHECK(is_view(squeeze(x), x));
    const auto t = transpose(squeeze(x));
    CHECK(to_vector(squeeze(unsqueeze(t, 1))) == to_vector(t));
    CHECK(is_view(squeeze(unsqueeze(t, 1)), x));
    CHECK(unsqueeze(Tensor<float>(2.0f), 0).shape() == Shape{1});
    CHECK(message<ShapeError>([&] { unsqueeze(x, 5); }) ==
          "unsqueeze: axis 5 is outside [-5, 4] for x (1, 2, 1, 3)");
    CHECK(message<ShapeError>([&] { squeeze(x, 4); }) ==
          "squeeze: axis 4 is outside [-4, 4) of a tensor of rank 4");
    CHECK(message<ShapeError>([&] {
              unsqueeze(zeros<float>({1, 1, 1, 1, 1, 1, 1, 1}), 0);
          }) == "shape: 9 axes; at most 8 are supported");
}

TEST_CASE("contiguous and clone: value") {
    const auto x = reshape(arange<int64_t>(6), {2, 3});
    CHECK(contiguous(x).is_same(x));
    const auto t = transpose(x);
    CHECK(contiguous(t).is_contiguous());
    CHECK(to_vector(contiguous(t)) == std::vector<int64_t>{0, 3, 1, 4, 2, 5});
    CHECK_FALSE(is_view(clone(x), x));
    CHECK(to_vector(clone(t)) == to_vector(t));
    CHECK(clone(t).is_contiguous());
}

TEST_CASE("movement: gradient") {
    const auto x = support::normal<double>({2, 3, 4});
    const auto check = [&](const auto& f) {
        CHECK_GRAD([&](const Inputs& in) { return square(f(in[0] * in[0])) * f(in[0]); }, {x});
    };
    check([](const auto& v) { return reshape(v, {4, -1}); });
    check([](const auto& v) { return reshape(transpose(v), {8, 3}); });
    check([](const auto& v) { return flatten(v, 1); });
    check([](const auto& v) { return permute(v, {2, 0, 1}); });
    check([](const auto& v) { return transpose(v, 0, 2); });
    check([](const auto& v) { return squeeze(unsqueeze(v, 1), 1); });
    check([](const auto& v) { return squeeze(unsqueeze(unsqueeze(v, -1), 0)); });
    check([](const auto& v) { return contiguous(transpose(v)); });
    check([](const auto& v) { return clone(v); });
}

TEST_CASE("movement: a view of a leaf sends its gradient home") {
    auto x = support::normal<float>({2, 3});
    x.requires_grad_();
    const auto y = reshape(transpose(x), {6});
    backward(y, arange<float>(6));
    CHECK(to_vector(x.grad()) == std::vector<float>{0, 2, 4, 1, 3, 5});
}
