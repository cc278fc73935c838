#include <tapegrad/ops/index_rows.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("index_select, index_add, index_copy: value along every axis", T, float, double, bfloat16,
                   int64_t, bool) {
    const Tensor<T> x = detail::cast<T>(support::normal<double>({3, 4, 17}));
    for (int axis = 0; axis < 3; ++axis)
        for (const Tensor<int64_t>& ids :
             {Tensor<int64_t>{2, 0, 2}, empty<int64_t>({0}), Tensor<int64_t>(int64_t{1})}) {
            const Tensor<T> y = index_select(support::spread(x), axis - 3, ids);
            Shape shape = x.shape();
            shape[axis] = ids.numel();
            REQUIRE(y.shape() == shape);
            const Tensor<T> source = detail::cast<T>(support::normal<double>(shape, 2));
            Tensor<T> added = detail::copy(x), set = detail::copy(x);
            support::for_each_place(shape, [&](const Dims& p, int64_t) {
                Dims at = p;
                at[axis] = ids.data()[p[axis]];
                REQUIRE(y(p[0], p[1], p[2]) == x(at[0], at[1], at[2]));
                added.set(at, static_cast<T>(added(at[0], at[1], at[2]) + source(p[0], p[1], p[2])));
                set.set(at, source(p[0], p[1], p[2]));
            });
            CHECK(support::same_bits(index_add(x, axis, ids, support::spread(source)), added));
            CHECK(support::same_bits(index_copy(support::spread(x), axis, ids, source), set));
        }
}

TEST_CASE("index_fill: value") {
    const auto x = reshape(arange<float>(6), {2, 3});
    CHECK(to_vector(index_fill(x, 1, Tensor<int64_t>{-1, 0}, 9)) == std::vector<float>{9, 1, 9, 9, 4, 9});
    CHECK(to_vector(index_fill(x, 0, Tensor<int64_t>{1}, Tensor<float>(7.0F))) ==
          std::vector<float>{0, 1, 2, 7, 7, 7});
}

TEST_CASE("index rows: gradient") {
    using Inputs = std::vector<Tensor<double>>;
    const auto x = support::normal<double>({2, 3}), s = support::normal<double>({2, 4}, 2);
    const Tensor<int64_t> ids{2, 0, 2, 2};
    CHECK_GRAD([&](const Inputs& in) { return index_select(in[0] * in[0] * in[0], 1, ids); }, {x});
    CHECK_GRAD([&](const Inputs& in) { return index_add(in[0] * in[0], 1, ids, in[1] * in[1]) * in[0]; },
               {x, s});
    CHECK_GRAD([&](const Inputs& in) { return index_copy(in[0] * in[0], 1, ids, in[1] * in[1]) * in[0]; },
               {x, s});
    const auto value = Tensor<double>(0.7);
    CHECK_GRAD([&](const Inputs& in) { return index_fill(in[0], 1, ids, in[1] * in[1]) * in[0]; },
               {x, value});
    const auto leaf = detail::copy(s).requires_grad_();
    const auto d = grad(index_copy(x, 1, ids, leaf), {leaf}, {}, ones<double>({2, 3}))[0];
    CHECK(to_vector(d) == std::vector<double>{0, 1, 0, 1, 0, 1, 0, 1});  // the last of equal ids stays
}

TEST_CASE("index_add: the bits do not depend on the number of threads") {
    Generator generator(4);
    Tensor<int64_t> ids = empty<int64_t>({4000});
    fill_randint(detail::output(ids), ids.numel(), generator, 0, 500);
    const auto x = support::normal<float>({2, 500, 65}), source = support::normal<float>({2, 4000, 65}, 2);
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        return index_add(x, 1, ids, source);
    };
    for (const int threads : {2, 3, 4}) CHECK(support::same_bits(run(threads), run(1)));
}

TEST_CASE("index rows: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<IndexError>([&] {
              index_select(x, 1, Tensor<int64_t>{0, 3});
          }) == "index_select: ids hold 3 at (1,), outside axis 1 of x (2, 3) of size 3");
    CHECK(message<IndexError>([&] { index_select(x, 0, Tensor<int64_t>{-1}); }) ==
          "index_select: ids hold -1 at (0,), outside axis 0 of x (2, 3) of size 2");
    CHECK(message<IndexError>([&] { index_fill(x, 0, Tensor<int64_t>{-3}, 0); }) ==
          "index_fill: ids hold -3 at (0,), outside axis 0 of x (2, 3) of size 2");
    CHECK(message<ShapeError>([&] { index_select(x, 0, Tensor<int64_t>{{0}}); }) ==
          "index_select: ids (1, 1) have axes; they are a list");
    CHECK(message<ShapeError>([&] {
              index_add(x, 1, Tensor<int64_t>{0, 1}, x);
          }) == "index_add: source (2, 3) is not (2, 2): x (2, 3) with 2 ids along axis 1");
    CHECK(message<ShapeError>([&] { index_copy(x, 0, Tensor<int64_t>{0}, x); }) ==
          "index_copy: source (2, 3) is not (1, 3): x (2, 3) with 1 ids along axis 0");
    CHECK(message<ShapeError>([&] { index_fill(x, 0, Tensor<int64_t>{0}, Tensor<float>{1}); }) ==
          "index_fill: value (1,) is not of rank 0");
    CHECK(message<ShapeError>([&] { index_select(x, 2, Tensor<int64_t>{0}); }) ==
          "index_select: axis 2 is outside [-2, 2) of a tensor of rank 2");
}
