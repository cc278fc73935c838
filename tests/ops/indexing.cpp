#include <tapegrad/ops/indexing.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;

namespace {

using Inputs = std::vector<Tensor<double>>;

Tensor<int64_t> random_ids(const Shape& shape, int64_t bound, std::uint64_t seed = 1) {
    Generator generator(seed);
    Tensor<int64_t> ids = empty<int64_t>(shape);
    fill_randint(detail::output(ids), ids.numel(), generator, 0, bound);
    return ids;
}

}

TEST_CASE_TEMPLATE("gather: value along every axis", T, float, double, int32_t, bool) {
    const Tensor<T> x = detail::cast<T>(support::normal<double>({3, 4, 5}));
    for (const Tensor<T>& layout : {x, support::spread(x)})
        for (int axis = 0; axis < 3; ++axis)
            for (Shape shape : {Shape{3, 4, 5}, Shape{2, 3, 1}, Shape{3, 0, 5}}) {
                if (shape[axis] != 0) shape[axis] = 7;
                const auto ids = random_ids(shape, x.shape()[axis]);
                const auto y = gather(layout, axis - 3, support::spread(ids));
                REQUIRE(y.shape() == shape);
                support::for_each_place(shape, [&](Dims p, int64_t) {
                    const T got = y(p[0], p[1], p[2]);
                    p[axis] = ids(p[0], p[1], p[2]);
                    REQUIRE(got == x(p[0], p[1], p[2]));
                });
            }
}

TEST_CASE("gather: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<IndexError>([&] {
              gather(x, 1, Tensor<int64_t>{{0, 1}, {2, 3}});
          }) == "gather: ids hold 3 at (1, 1), outside axis 1 of x (2, 3) of size 3");
    CHECK(message<IndexError>([&] {
              gather(x, 0, Tensor<int64_t>{{0, -1}});
          }) == "gather: ids hold -1 at (0, 1), outside axis 0 of x (2, 3) of size 2");
    CHECK(message<ShapeError>([&] { gather(x, 0, Tensor<int64_t>{0}); }) ==
          "gather: ids (1,) do not fit x (2, 3): they need its rank, and no larger size beside axis 0");
    CHECK(message<ShapeError>([&] {
              gather(x, 1, zeros<int64_t>({3, 1}));
          }) ==
          "gather: ids (3, 1) do not fit x (2, 3): they need its rank, and no larger size beside axis 1");
    CHECK(message<ShapeError>([&] {
              gather(x, 2, zeros<int64_t>({1, 1}));
          }) == "gather: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(gather(zeros<float>({0, 3}), 0, zeros<int64_t>({0, 3})).numel() == 0);
}

TEST_CASE("gather: gradient") {
    const auto x = support::normal<double>({3, 4});
    for (int axis = 0; axis < 2; ++axis) {
        const auto ids = random_ids({2, 4}, x.shape()[axis]);
        CHECK_GRAD([&](const Inputs& in) { return exp(gather(in[0] * in[0], axis, ids) * 0.3); }, {x});
    }
}

TEST_CASE("gather: gradients meet in order, for any number of threads") {
    auto x = support::normal<float>({50, 3, 40});
    x.requires_grad_();
    const auto ids = random_ids({2000, 3, 40}, 50);
    const auto dy = support::normal<float>({2000, 3, 40}, 5);
    Tensor<float> want = zeros<float>({50, 3, 40});
    for (int64_t j = 0; j < 2000; ++j)
        for (int64_t i = 0; i < 120; ++i)
            detail::output(want)[ids.data()[j * 120 + i] * 120 + i] += dy.data()[j * 120 + i];
    for (const int n : {1, 2, 3, 4}) {
        const support::Threads threads(n);
        x.zero_grad();
        backward(gather(x, 0, ids), dy);
        CHECK(support::same_bits(x.grad(), want));
    }
}

TEST_CASE_TEMPLATE("masked_fill: value", T, float, double) {
    const T nan = std::numeric_limits<T>::quiet_NaN(), inf = std::numeric_limits<T>::infinity();
    const Tensor<T> x{{1, nan, 3}, {inf, 5, 6}};
    const Tensor<bool> mask{{false, true, false}, {true, false, true}};
    CHECK(to_vector(masked_fill(x, mask, -1)) == std::vector<T>{1, -1, 3, -1, 5, -1});
    CHECK(to_vector(masked_fill(transpose(x), transpose(mask), -inf)) ==
          std::vector<T>{1, -inf, -inf, 5, 3, -inf});
    CHECK(to_vector(masked_fill(x, Tensor<bool>{true, true, false}, 0)) == std::vector<T>{0, 0, 3, 0, 0, 6});
    CHECK(to_vector(masked_fill(x, mask, Tensor<T>(T(8)))) == std::vector<T>{1, 8, 3, 8, 5, 8});
    CHECK(masked_fill(zeros<T>({0}), Tensor<bool>{true}, 1).shape() == Shape{0});
    CHECK(message<ShapeError>([&] {
              masked_fill(Tensor<T>{1, 2, 3}, mask, 0);
          }) == "masked_fill: a tensor (2, 3) does not expand to (3,)");
    CHECK(message<ShapeError>([&] { masked_fill(x, mask, x); }) ==
          "masked_fill: value (2, 3) is not of rank 0");
}

TEST_CASE("masked_fill: gradient") {
    const auto x = support::normal<double>({2, 3});
    const auto value = Tensor<double>(0.7);
    const Tensor<bool> mask{{false, true, false}, {true, false, true}};
    CHECK_GRAD([&](const Inputs& in) { return exp(masked_fill(in[0] * in[0], mask, 2)); }, {x});
    CHECK_GRAD([&](const Inputs& in) { return exp(masked_fill(in[0] * in[0], mask, in[1])); }, {x, value});
}

TEST_CASE_TEMPLATE("tril and triu: value", T, float, double, int64_t, bool) {
    for (const Shape& shape :
         {Shape{4, 4}, Shape{2, 3, 5}, Shape{5, 2}, Shape{1, 1}, Shape{2, 0, 3}, Shape{3, 0}}) {
        const Tensor<T> x = full<T>(shape, T(1));
        for (const Tensor<T>& layout : {x, support::spread(x)})
            for (int64_t diagonal = -6; diagonal <= 6; ++diagonal) {
                const Tensor<T> low = tril(layout, diagonal), up = triu(layout, diagonal);
                REQUIRE(low.shape() == shape);
                support::for_each_place(shape, [&](const Dims& p, int64_t i) {
                    const int64_t above = p.back() - p[p.rank() - 2];
                    REQUIRE(low.data()[i] == (above <= diagonal ? T(1) : T(0)));
                    REQUIRE(up.data()[i] == (above >= diagonal ? T(1) : T(0)));
                });
            }
    }
    constexpr int64_t high = std::numeric_limits<int64_t>::max();
    const Tensor<T> x = full<T>({2, 2}, T(1));
    CHECK(support::same_bits(tril(x, high), x));
    CHECK(support::same_bits(triu(x, -high), x));
    CHECK(support::same_bits(tril(x, -high), zeros<T>({2, 2})));
    CHECK(support::same_bits(triu(x, high), zeros<T>({2, 2})));
    CHECK(message<ShapeError>([] { tril(zeros<T>({3})); }) == "tril: x (3,) is no matrix: it needs two axes");
    CHECK(message<ShapeError>([] { triu(Tensor<T>(T(1))); }) == "triu: x () is no matrix: it needs two axes");
}

TEST_CASE("tril and triu: what is cut off is 0, also NaN") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(to_vector(tril(Tensor<double>{{1, nan}, {2, 3}})) == std::vector<double>{1, 0, 2, 3});
    CHECK(to_vector(triu(Tensor<double>{{1, 2}, {nan, 3}})) == std::vector<double>{1, 2, 0, 3});
}

TEST_CASE("tril and triu: gradient") {
    const auto x = support::normal<double>({2, 3, 4});
    CHECK_GRAD([](const Inputs& in) { return exp(tril(in[0] * in[0], 1) * 0.2); }, {x});
    CHECK_GRAD([](const Inputs& in) { return exp(triu(in[0] * in[0], -1) * 0.2); }, {x});
}
