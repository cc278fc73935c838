#include <tapegrad/nn/cache_buffer.hpp>

#include <doctest/doctest.h>

#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using support::same_bits;

namespace {

template <class T>
Tensor<T> rows(const Tensor<T>& x, int64_t begin, int64_t end) {
    return narrow(x, 2, begin, end - begin);
}

}

TEST_CASE_TEMPLATE("cache_buffer: rows go under each other, in memory that has room", T, float, double) {
    const no_grad scope;
    const Tensor<T> x = support::normal<T>({2, 3, 100, 5});
    CacheBuffer<T> cache;
    CHECK(cache.length() == 0);
    CHECK_FALSE(cache.rows().defined());
    CHECK(same_bits(cache.extend(rows(x, 0, 10)), rows(x, 0, 10)));
    const T* const first = cache.rows().data();
    CHECK(same_bits(cache.extend(rows(x, 10, 14)), rows(x, 0, 14)));
    CHECK(cache.rows().data() == first);  // written beside the others
    for (int64_t i = 14; i < 100; ++i) CHECK(same_bits(cache.extend(rows(x, i, i + 1)), rows(x, 0, i + 1)));
    CHECK(cache.length() == 100);
    CHECK(same_bits(cache.extend(rows(x, 0, 0)), x));
}

TEST_CASE_TEMPLATE("cache_buffer: a window keeps the last rows, in bounded memory", T, float, double) {
    const no_grad scope;
    const Tensor<T> x = support::normal<T>({1, 2, 300, 4});
    CacheBuffer<T> cache(16);
    CHECK(same_bits(cache.extend(rows(x, 0, 40)), rows(x, 0, 40)));  // its own queries see them all
    CHECK(same_bits(cache.rows(), rows(x, 24, 40)));
    for (int64_t i = 40; i < 300; ++i) {
        CHECK(same_bits(cache.extend(rows(x, i, i + 1)), rows(x, i - 16, i + 1)));
        CHECK(same_bits(cache.rows(), rows(x, i - 15, i + 1)));
        CHECK(cache.rows().strides()[1] <= 4 * (17 + 17 / 2 + 8 + 60));
    }
    CHECK(cache.length() == 300);
}

TEST_CASE("cache_buffer: a copy goes on alone") {
    const no_grad scope;
    const Tensor<float> x = support::normal<float>({1, 1, 10, 4}),
                        y = support::normal<float>({1, 1, 10, 4}, 2);
    CacheBuffer<float> a;
    a.extend(rows(x, 0, 4));
    CacheBuffer<float> b = a;
    CHECK(b.rows().data() == a.rows().data());
    b.extend(rows(y, 4, 6));
    a.extend(rows(x, 4, 10));
    CHECK(same_bits(a.rows(), x));
    CHECK(same_bits(b.rows(), cat({rows(x, 0, 4), rows(y, 4, 6)}, 2)));
    b = a;
    CHECK(same_bits(b.rows(), x));
}

TEST_CASE("cache_buffer: gradients flow to earlier rows") {
    const Tensor<double> x = support::normal<double>({1, 1, 3, 2}).requires_grad_();
    CacheBuffer<double> cache(2);
    cache.extend(rows(x, 0, 2) * 2.0);
    const Tensor<double> seen = cache.extend(rows(x, 2, 3) * 3.0);
    sum(seen).backward();
    CHECK(same_bits(x.grad(), Tensor<double>{{{{2, 2}, {2, 2}, {3, 3}}}}));
    CHECK(cache.rows().shape() == Shape{1, 1, 2, 2});
    const no_grad scope;  // and on, without a record
    CHECK(cache.extend(zeros<double>({1, 1, 1, 2})).shape() == Shape{1, 1, 3, 2});
    CHECK_FALSE(cache.rows().requires_grad());
}

TEST_CASE("cache_buffer: members of the batch") {
    const no_grad scope;
    const Tensor<float> x = support::normal<float>({2, 1, 3, 2});
    CacheBuffer<float> cache;
    cache.select(Tensor<int64_t>{0});
    cache.extend(x);
    cache.select(Tensor<int64_t>{1, 0, 1});
    CHECK(same_bits(cache.rows(), index_select(x, 0, Tensor<int64_t>{1, 0, 1})));
    cache.extend(zeros<float>({3, 1, 1, 2}));
    CHECK(cache.length() == 4);
}

TEST_CASE("cache_buffer: errors") {
    CacheBuffer<float> cache;
    CHECK(message<ShapeError>([&] {
              cache.extend(zeros<float>({2, 3, 4}));
          }) == "cache: x (2, 3, 4) must be (batch, heads, length, width)");
    cache.extend(zeros<float>({2, 3, 4, 5}));
    CHECK(message<ShapeError>([&] {
              cache.extend(zeros<float>({1, 3, 4, 5}));
          }) == "cache: x (1, 3, 4, 5) does not go under the rows so far, (2, 3, 4, 5)");
}
