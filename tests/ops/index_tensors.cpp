#include <tapegrad/ops/index_tensors.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

using Ids = Tensor<int64_t>;
using Inputs = std::vector<Tensor<double>>;

}

TEST_CASE_TEMPLATE("at with tensors: where the indexed axes go", T, float, bfloat16, int64_t, bool) {
    const Tensor<T> memory = detail::cast<T>(support::normal<float>({2, 3, 4, 5}));
    const Ids a{1, 0, -1}, b{{0}, {2}}, c{3, 0, 1};
    for (const Tensor<T>& x : {memory, support::spread(memory)}) {
        CHECK(at(x, a).shape() == Shape{3, 3, 4, 5});
        CHECK(at(x, all, b).shape() == Shape{2, 2, 1, 4, 5});
        const auto middle = at(x, all, b, c);  // (2, 1) and (3,) in the place of axes 1 and 2
        REQUIRE(middle.shape() == Shape{2, 2, 3, 5});
        const auto front = at(x, all, b, all, c);
        REQUIRE(front.shape() == Shape{2, 3, 2, 4});
        for (int64_t i = 0; i < 2; ++i)
            for (int64_t j = 0; j < 3; ++j)
                for (int64_t k = 0; k < 2; ++k) {
                    for (int64_t l = 0; l < 4; ++l) CHECK(front(i, j, k, l) == x(k, b(i, 0), l, c(j)));
                    for (int64_t l = 0; l < 5; ++l) CHECK(middle(k, i, j, l) == x(k, b(i, 0), c(j), l));
                }
        CHECK(at(x, a, newaxis, Ids{2, 0, 1}).shape() == Shape{3, 1, 4, 5});
        CHECK(at(x, ellipsis, c, 2).shape() == Shape{2, 3, 3});
        // An integer is taken first, so that it parts nothing (in NumPy the new axis would stay behind).
        CHECK(support::same_bits(at(x, a, 1, Slice{1, 3}, c), at(select(x, 1, 1), a, Slice{1, 3}, c)));
        CHECK(support::same_bits(at(x, Ids(int64_t{1}), all, Ids(int64_t{-1})),
                                 select(select(x, 0, 1), 1, -1)));
    }
    CHECK(at(memory, empty<int64_t>({0})).shape() == Shape{0, 3, 4, 5});
    CHECK(at(zeros<T>({0, 3}), empty<int64_t>({0}), 1).shape() == Shape{0});
}

TEST_CASE("at with masks: value") {
    const auto x = reshape(arange<int64_t>(12), {3, 4});
    const Tensor<bool> rows{true, false, true},
        some{{true, false, false, true}, {false, false, false, false}, {false, true, false, false}};
    CHECK(to_vector(at(x, some)) == std::vector<int64_t>{0, 3, 9});
    CHECK(to_vector(at(x, rows)) == std::vector<int64_t>{0, 1, 2, 3, 8, 9, 10, 11});
    CHECK(to_vector(at(x, rows, Ids{1, 2})) == std::vector<int64_t>{1, 10});
    CHECK(to_vector(at(x, rows, 3)) == std::vector<int64_t>{3, 11});
    CHECK(at(reshape(x, {3, 4, 1}), ellipsis, some, newaxis, 0).shape() == Shape{3, 1});
    CHECK(at(x, Tensor<bool>{false, false, false}).shape() == Shape{0, 4});
}

TEST_CASE("set_at and add_at: value") {
    const auto x = reshape(arange<float>(6), {2, 3});
    const auto same = [](const Tensor<float>& y, const std::vector<float>& want) {
        return to_vector(y) == want;
    };
    CHECK(same(set_at(x, 9), {9, 9, 9, 9, 9, 9}));
    CHECK(same(set_at(x, 9, 1), {0, 1, 2, 9, 9, 9}));
    CHECK(same(set_at(support::spread(x), Tensor<float>{7, 8}, all, Slice{.step = 2}), {7, 1, 8, 7, 4, 8}));
    CHECK(same(set_at(x, Tensor<float>{7, 8}, 1, Ids{0, 0}), {0, 1, 2, 8, 4, 5}));
    CHECK(same(set_at(x, Tensor<float>{{7}, {8}}, all, Ids{-1, 0}), {7, 1, 7, 8, 4, 8}));
    CHECK(same(add_at(x, 10, Ids{1, 1, 0}), {10, 11, 12, 23, 24, 25}));
    CHECK(same(add_at(x, 10, ellipsis, 0), {10, 1, 2, 13, 4, 5}));
    CHECK(same(set_at(x, 9, Tensor<bool>{{true, false, false}, {false, true, true}}), {9, 1, 2, 3, 9, 9}));
    CHECK(same(index_put(x, {Ids{1, 0}, Ids{-1, 1}}, Tensor<float>{7, 8}), {0, 8, 2, 3, 4, 7}));
    CHECK(same(index_put(x, {Ids(), Ids{1, 1}}, Tensor<float>(10.0F), true), {0, 21, 2, 3, 24, 5}));
    CHECK(same(x, {0, 1, 2, 3, 4, 5}));
    CHECK(set_at(zeros<float>({0, 3}), 1, empty<int64_t>({0})).shape() == Shape{0, 3});
}

TEST_CASE("index tensors: gradient") {
    const auto x = support::normal<double>({2, 3, 2}), v = support::normal<double>({2, 2}, 2);
    const Ids a{1, 0}, b{2, 2};
    CHECK_GRAD([&](const Inputs& in) { return at(in[0] * in[0] * in[0], all, b, Ids{1, 1}); }, {x});
    CHECK_GRAD([&](const Inputs& in) { return at(in[0] * in[0] * in[0], a, Slice{1, 3}, b - 1); }, {x}, 2);
    CHECK_GRAD([&](const Inputs& in) { return set_at(in[0] * in[0], in[1] * in[1], all, b) * in[0]; }, {x, v},
               2);
    CHECK_GRAD([&](const Inputs& in) { return add_at(in[0] * in[0], in[1] * in[1], all, b) * in[0]; }, {x, v},
               2);
}

TEST_CASE("index tensors: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<IndexError>([&] {
              at(x, all, Ids{{0, 1}, {3, 2}});
          }) == "at: ids hold 3 at (1, 0), outside axis 1 of x (2, 3) of size 3");
    CHECK(message<IndexError>([&] { at(x, Ids{0}, Ids{0}, Ids{0}); }) == "at: 3 indices for x (2, 3)");
    CHECK(message<IndexError>([&] {
              at(x, Tensor<bool>{true, true, true});
          }) == "at: a mask (3,) at axis 0 does not fit x (2, 3)");
    CHECK(message<IndexError>([&] { at(x, 0, full<bool>({3, 1}, true)); }) == "at: 3 indices for x (2, 3)");
    CHECK(message<IndexError>([&] { at(x, Tensor<bool>(true)); }) == "at: a mask of rank 0 names no axis");
    CHECK(message<ShapeError>([&] {
              at(x, Ids{0, 1}, Ids{0, 1, 2});
          }) == "at: shapes (2,) and (3,) do not broadcast: sizes 2 and 3 differ at axis -1");
    CHECK(message<IndexError>([&] { set_at(x, 0, Ids{-3}); }) ==
          "set_at: ids hold -3 at (0,), outside axis 0 of x (2, 3) of size 2");
    CHECK(message<ShapeError>([&] {
              set_at(x, Tensor<float>{1, 2}, Ids{0});
          }) == "expand: a tensor (2,) does not expand to (1, 3)");
    CHECK(message<IndexError>([&] { add_at(x, 0, 2); }) == "add_at: index 2 is outside axis 0 of size 2");
    CHECK(message<IndexError>([&] {
              index_put(x, {Ids{0}, Ids{0}, Ids{0}}, x);
          }) == "index_put: 3 tensors of ids for x (2, 3)");
    CHECK(message<IndexError>([&] {
              index_put(x, {Ids{0}, Ids{3}}, x);
          }) == "index_put: ids hold 3 at (0,), outside axis 1 of x (2, 3) of size 3");
}
