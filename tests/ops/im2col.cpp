#include <tapegrad/ops/im2col.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/conv.hpp>
#include <tapegrad/ops/matmul.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;
using support::normal;

TEST_CASE_TEMPLATE("im2col: a convolution is a product with the columns", T, float, double) {
    const Tensor<T> x = normal<T>({2, 3, 6, 7}), w = normal<T>({4, 3, 2, 3});
    const Tensor<T> columns = unfold(x, {2, 3}, {.dilation = {2, 1}, .padding = {1, 2}, .stride = {1, 2}});
    const Tensor<T> y = conv2d(x, w, {.stride = {1, 2}, .padding = {1, 2}, .dilation = {2, 1}});
    CHECK(support::close(reshape(matmul(reshape(w, {4, 18}), columns), y.shape()), y, 1e-5));
    CHECK(support::same_bits(unfold(support::spread(x), 2), unfold(x, 2)));
    CHECK(unfold(zeros<T>({0, 2, 3, 3}), 2).shape() == Shape{0, 8, 4});
}

TEST_CASE("im2col: fold sums what overlaps") {
    const auto ones_columns = unfold(ones<float>({1, 1, 3, 3}), 2);
    CHECK(to_vector(fold(ones_columns, {3, 3}, 2)) == std::vector<float>{1, 2, 1, 2, 4, 2, 1, 2, 1});
    const auto x = normal<float>({3, 5, 40, 41}).requires_grad_();
    Tensor<float> first;
    for (const int threads : {1, 2, 3, 4}) {
        const support::Threads scope(threads);
        const auto y = unfold(x, 3, {.padding = 1});
        const auto d = grad(y, {x}, {}, y.detach())[0];
        if (threads == 1) first = d;
        CHECK(support::same_bits(d, first));
    }
    CHECK_GRAD(
        [](const auto& v) {
            return fold(unfold(v[0] * v[0], 2), {3, 3}, 2);
        },
        {normal<double>({1, 2, 3, 3})}, 3);
}

TEST_CASE("im2col: errors") {
    CHECK(message<ShapeError>([] {
              unfold(zeros<float>({3, 3}), Spatial(2));
          }) == "unfold: x (3, 3) must be (batch, channels, height, width), or that without the batch");
    CHECK(message<ShapeError>([] {
              fold(zeros<float>({1, 7, 4}), {3, 3}, 2);
          }) ==
          "fold: y (1, 7, 4) and size (3, 3) must be (batch, channels * 4, positions) and (height, width)");
    CHECK(message<ShapeError>([] {
              fold(zeros<float>({1, 8, 5}), {3, 3}, 2);
          }) == "fold: y (1, 8, 5) has 5 positions; an image (3, 3) has 4 windows");
    CHECK(message<ValueError>([] {
              unfold(zeros<float>({1, 1, 3, 3}), 2, {.stride = 0});
          }) == "unfold: stride is 0; it must be at least 1");
}
