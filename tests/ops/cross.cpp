#include <tapegrad/ops/cross.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE("cross: value along any axis, broadcast") {
    const X e0{1, 0, 0}, e1{0, 1, 0}, e2{0, 0, 1};
    CHECK(support::close(cross(e0, e1), e2, 0));
    CHECK(support::close(cross(e1, e0), -e2, 0));
    CHECK(support::close(cross(e0, X{{0, 1, 0}, {0, 0, 1}}), X{{0, 0, 1}, {0, -1, 0}}, 0));
    const X a = support::normal<double>({3, 4}), b = support::normal<double>({3, 4}, 2);
    CHECK(support::same_bits(cross(a, b, 0), transpose(cross(transpose(a), transpose(b)))));
    CHECK(cross(zeros<double>({0, 3}), e0).shape() == Shape{0, 3});
    CHECK(support::same_bits(cross(Tensor<int64_t>{1, 2, 3}, Tensor<int64_t>{4, 5, 6}),
                             Tensor<int64_t>{-3, 6, -3}));
}

TEST_CASE("cross: gradients to the third order") {
    CHECK_GRAD([](const auto& v) { return cross(v[0], v[1]); },
               {support::normal<double>({2, 3}), support::normal<double>({3}, 2)}, 3);
    CHECK_GRAD([](const auto& v) { return cross(v[0], v[1], 0); },
               {support::spread(support::normal<double>({3, 2})), support::normal<double>({3, 2}, 2)}, 3);
}

TEST_CASE("cross: errors") {
    const X a = zeros<double>({2, 3}), b = zeros<double>({2, 1});
    CHECK(message<ShapeError>([&] { static_cast<void>(cross(a, b)); }) ==
          "cross: b (2, 1) has no size 3 along axis -1");
    CHECK(message<ShapeError>([&] { static_cast<void>(cross(a, a, 0)); }) ==
          "cross: a (2, 3) has no size 3 along axis 0");
    CHECK(message<ShapeError>([&] { static_cast<void>(cross(a, a, 2)); }) ==
          "cross: axis 2 is outside [-2, 2) of a tensor of rank 2");
}
