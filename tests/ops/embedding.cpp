#include <tapegrad/ops/embedding.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/golden.hpp"
#include "../support/message.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("embedding: value and gradient", T, float, double) {
    constexpr int64_t W = simd::width<T>;
    for (const int64_t n : {int64_t{0}, int64_t{1}, W - 1, W, W + 1, 2 * W + 1}) {
        const Tensor<T> table = support::normal<T>({7, n}).requires_grad_();
        const Tensor<int64_t> ids{{0, 6, 3}, {3, 3, 0}};
        const Tensor<T> y = embedding(table, ids);
        REQUIRE(y.shape() == Shape{2, 3, n});
        const Tensor<T> dy = support::normal<T>({2, 3, n}, 2);
        const Tensor<T> d = grad(y, {table}, {}, dy)[0];
        bool right = true;
        for (int64_t j = 0; j < n; ++j) {
            for (int64_t i = 0; i < 6; ++i) right &= y(i / 3, i % 3, j) == table(ids(i / 3, i % 3), j);
            right &= d(1, j) == 0 && d(6, j) == dy(0, 1, j) && d(0, j) == dy(0, 0, j) + dy(1, 2, j);
            right &= d(3, j) == dy(0, 2, j) + dy(1, 0, j) + dy(1, 1, j);  // in the order of the places
        }
        CHECK(right);
        CHECK(support::same_bits(embedding(support::spread(table.detach()), support::spread(ids)), y));
    }
    CHECK(embedding(support::normal<T>({7, 4}), empty<int64_t>({0})).shape() == Shape{0, 4});
    CHECK(embedding(support::normal<T>({7, 4}), Tensor<int64_t>(int64_t{3})).shape() == Shape{4});
}

TEST_CASE_TEMPLATE("embedding: a table that is used twice gathers one gradient", T, float, double) {
    Tensor<T> table = support::normal<T>({5, 3}).requires_grad_();
    const Tensor<int64_t> ids{1, 4, 1};
    // A head that shares the table sends its gradient first, as later operations do.
    const Tensor<T> dy = support::normal<T>({3, 3}, 2), dw = support::normal<T>({5, 3}, 3);
    for (const int64_t axis : {0, 1}) {
        table.zero_grad();
        const Tensor<T> picked = axis == 0 ? embedding(table, ids) : index_select(transpose(table), 1, ids);
        backward(sum(picked * (axis == 0 ? dy : transpose(dy))) + sum(table * dw));
        for (int64_t i = 0; i < 5; ++i)
            for (int64_t j = 0; j < 3; ++j) {
                const T more = i == 4 ? dy(1, j) : i == 1 ? dy(0, j) + dy(2, j) : T(0);
                CHECK(static_cast<double>(table.grad()(i, j)) ==
                      doctest::Approx(static_cast<double>(dw(i, j) + more)).epsilon(1e-6));
            }
    }
}

TEST_CASE("embedding: gradients of gradients") {
    const Tensor<int64_t> ids{1, 0, 1, 3};
    CHECK_GRAD([&](const auto& v) { return embedding(v[0] * v[0] * v[0], ids) * embedding(v[0], ids); },
               {support::normal<double>({4, 3})}, 3);
}

TEST_CASE("embedding: PyTorch's values and gradients") {
    const auto ids = support::Golden::get<int64_t>("embedding.repeated.ids");
    support::Golden::check("embedding.repeated", {"weight"},
                           [&](const auto& v) { return embedding(v[0], ids); });
}

TEST_CASE("embedding: the bits do not depend on the number of threads") {
    const Tensor<float> table = support::normal<float>({500, 65}), dy = support::normal<float>({4000, 65}, 2);
    Tensor<int64_t> ids = empty<int64_t>({4000});
    Generator generator(4);
    fill_randint(detail::output(ids), ids.numel(), generator, 0, 500);
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        const Tensor<float> t = detail::copy(table).requires_grad_();
        const Tensor<float> y = embedding(t, ids);
        return std::array{y.detach(), grad(y, {t}, {}, dy)[0]};
    };
    const auto one = run(1);
    for (int threads = 2; threads <= 4; ++threads)
        for (std::size_t i = 0; i < 2; ++i) CHECK(support::same_bits(one[i], run(threads)[i]));
}

TEST_CASE("embedding: errors") {
    const Tensor<float> table = zeros<float>({7, 4});
    CHECK(message<IndexError>([&] {
              static_cast<void>(embedding(table, Tensor<int64_t>{1, 7}));
          }) == "embedding: id 7 at place 1 is outside [0, 7)");
    CHECK(message<IndexError>([&] { static_cast<void>(embedding(table, Tensor<int64_t>{-1})); }) ==
          "embedding: id -1 at place 0 is outside [0, 7)");
    CHECK(message<ShapeError>([&] { static_cast<void>(embedding(zeros<float>({7}), Tensor<int64_t>{1})); }) ==
          "embedding: table (7,) must have rank 2: (rows, width)");
}
