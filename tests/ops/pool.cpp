#include <tapegrad/ops/pool.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/reduce.hpp>

#include <cmath>
#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;
using support::normal;

TEST_CASE_TEMPLATE("pool: values, indices and back", T, float, double) {
    const Tensor<T> x = normal<T>({2, 3, 7, 9});
    const auto [y, places] = max_pool2d_with_indices(x, {2, 3});
    REQUIRE(y.shape() == Shape{2, 3, 3, 3});
    support::for_each_place(y.shape(), [&](const Dims& p, int64_t) {
        const int64_t at = places(p[0], p[1], p[2], p[3]);
        REQUIRE((at / 9 / 2 == p[2] && at % 9 / 3 == p[3]));
        for (int64_t i = 0; i < 2; ++i)
            for (int64_t j = 0; j < 3; ++j)
                REQUIRE(x(p[0], p[1], 2 * p[2] + i, 3 * p[3] + j) <= y(p[0], p[1], p[2], p[3]));
        REQUIRE(x(p[0], p[1], at / 9, at % 9) == y(p[0], p[1], p[2], p[3]));
    });
    const Tensor<T> back = max_unpool2d(y, places, {7, 9});
    CHECK(support::same_bits(max_pool2d(maximum(back, T(0)), {2, 3}), maximum(y, T(0))));
    CHECK(support::same_bits(max_pool2d(support::spread(x), {2, 3}), y));
    CHECK(max_pool2d(zeros<T>({0, 3, 4, 4}), 2).shape() == Shape{0, 3, 2, 2});
    CHECK(avg_pool1d(zeros<T>({0, 4}), 2).shape() == Shape{0, 2});
    CHECK(adaptive_avg_pool2d(x, 1).shape() == Shape{2, 3, 1, 1});
}

TEST_CASE("pool: the first of equals, and NaN") {
    const auto x = Tensor<float>{{1, 5, 5, 2, 5, 1}};
    CHECK(to_vector(max_pool1d_with_indices(x, 3).indices) == std::vector<int64_t>{1, 4});
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    for (int64_t place = 0; place < 24; ++place) {
        auto z = full<float>({1, 24}, -inf);
        z.mutable_data()[place] = nan;
        const auto y = max_pool1d(z, 4);
        for (int64_t i = 0; i < 6; ++i) REQUIRE(std::isnan(y(0, i)) == (i == place / 4));
    }
    CHECK(max_pool1d(full<float>({1, 3}, -inf), 3).item() == -inf);
}

TEST_CASE("pool: gradients to the third order, the same bits for any number of threads") {
    CHECK_GRAD([](const auto& v) { return max_pool2d(v[0] * v[0], 2, {.stride = 1}); },
               {normal<double>({1, 3, 3})}, 3);
    CHECK_GRAD([](const auto& v) { return avg_pool2d(v[0] * v[0], 2, {.padding = 1}); },
               {normal<double>({1, 3, 3})}, 3);
    const auto x = normal<float>({5, 7, 33, 31}).requires_grad_();
    std::vector<Tensor<float>> one;
    for (const int threads : {1, 2, 3, 4}) {
        const support::Threads scope(threads);
        const auto y = max_pool2d(x, 3, {.stride = 2, .padding = 1}), z = avg_pool2d(x, 3, {.stride = 2});
        const std::vector<Tensor<float>> all{y, z, grad(sum(y * y), {x})[0], grad(sum(z * z), {x})[0]};
        if (threads == 1) one = all;
        for (std::size_t i = 0; i < all.size(); ++i) CHECK(support::same_bits(all[i], one[i]));
    }
}

TEST_CASE("pool: errors") {
    CHECK(message<ShapeError>([] {
              max_pool2d(zeros<float>({4, 4}), 2);
          }) ==
          "max_pool2d: x (4, 4) must be (batch, channels) and 2 spatial axes, or that without the batch");
    CHECK(message<ShapeError>([] {
              adaptive_avg_pool1d(zeros<float>({2, 0}), 2);
          }) == "adaptive_avg_pool1d: axis 1 of x (2, 0) would go to size 2; both must be at least 1");
    CHECK(message<ShapeError>([] {
              max_unpool1d(zeros<float>({1, 2}), zeros<int64_t>({1, 3}), {4});
          }) == "max_unpool1d: x (1, 2) and indices (1, 3) must be those of a max_pool");
    CHECK(message<ShapeError>([] {
              max_unpool1d(zeros<float>({1, 2}), zeros<int64_t>({1, 2}), {4, 4});
          }) == "max_unpool1d: size (4, 4) must have 1 number");
    CHECK_THROWS_AS(max_unpool1d(zeros<float>({1, 1}), Tensor<int64_t>{{7}}, {4}), IndexError);
}
