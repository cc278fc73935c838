#include <tapegrad/ops/sort.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("sort: value along every axis of every layout") {
    const Tensor<double> x{{3, 1, 2}, {1, 5, -4}};
    for (const auto& layout : {x, support::spread(x)}) {
        const auto rows = sort(layout);
        CHECK(to_vector(rows.values) == std::vector<double>{1, 2, 3, -4, 1, 5});
        CHECK(to_vector(rows.indices) == std::vector<int64_t>{1, 2, 0, 2, 0, 1});
        const auto columns = sort(layout, 0, {.descending = true});
        CHECK(to_vector(columns.values) == std::vector<double>{3, 5, 2, 1, 1, -4});
        CHECK(columns.values.is_contiguous());
        CHECK(to_vector(argsort(layout, 0)) == std::vector<int64_t>{1, 0, 1, 0, 1, 0});
        CHECK(to_vector(topk(layout, 2).values) == std::vector<double>{3, 2, 5, 1});
        CHECK(to_vector(topk(layout, 1, 0, {.largest = false}).indices) == std::vector<int64_t>{1, 0, 1});
        CHECK(to_vector(topk(layout, 2, 1, {.sorted = false}).indices) == std::vector<int64_t>{0, 2, 0, 1});
    }
    const Tensor<float> middle = support::normal<float>({3, 6, 4});
    const auto y = sort(middle, 1);
    CHECK(support::same_bits(gather(middle, 1, y.indices), y.values));
    CHECK(support::same_bits(topk(middle, 6, 1, {.largest = false}).values, y.values));
}

TEST_CASE("sort: equals keep their order, NaN counts as the largest") {
    const float missing = std::numeric_limits<float>::quiet_NaN();
    const Tensor<float> x{2, missing, 1, 2, -0.0f, 0.0f, missing};
    CHECK(to_vector(argsort(x)) == std::vector<int64_t>{4, 5, 2, 0, 3, 1, 6});
    CHECK(to_vector(argsort(x, 0, {.descending = true})) == std::vector<int64_t>{1, 6, 0, 3, 2, 4, 5});
    CHECK(to_vector(topk(x, 3).indices) == std::vector<int64_t>{1, 6, 0});
    CHECK(to_vector(sort(Tensor<bool>{true, false, true}).indices) == std::vector<int64_t>{1, 0, 2});
    CHECK(to_vector(sort(Tensor<int64_t>{5, int64_t{-1} << 60, 3}).values) ==
          std::vector<int64_t>{int64_t{-1} << 60, 3, 5});
}

TEST_CASE("sort: no elements and rank 0") {
    CHECK(sort(zeros<float>({0})).indices.shape() == Shape{0});
    CHECK(sort(zeros<float>({2, 0, 3}), 0).values.shape() == Shape{2, 0, 3});
    CHECK(topk(zeros<float>({2, 3}), 0).values.shape() == Shape{2, 0});
    CHECK(topk(zeros<float>({0, 3}), 2).values.shape() == Shape{0, 2});
    CHECK(sort(Tensor<float>(4.0f)).values.item() == 4);
    CHECK(argsort(Tensor<float>(4.0f), 0).item() == 0);
    CHECK(topk(Tensor<float>(4.0f), 1).values.item() == 4);
}

TEST_CASE("sort: gradient to the third order") {
    using Inputs = std::vector<Tensor<double>>;
    const Tensor<double> x = support::normal<double>({3, 4}), w = support::normal<double>({3, 4}, 2);
    CHECK_GRAD([&](const Inputs& in) { return sort(in[0], 0).values * in[1] * in[0]; }, {x, w});
    CHECK_GRAD([&](const Inputs& in) { return exp(topk(in[0], 2, 1).values); }, {x});
    Tensor<double> leaf = detail::copy(x).requires_grad_();
    CHECK(argsort(leaf).requires_grad());  // a gradient that is asked through it is an error
}

TEST_CASE("sort: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] { sort(x, 2); }) ==
          "sort: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { argsort(x, -3); }) ==
          "argsort: axis -3 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ValueError>([&] { topk(x, 4); }) ==
          "topk: k is 4, outside [0, 3], the size of axis 1 of x (2, 3)");
    CHECK(message<ValueError>([&] { topk(x, -1, 0); }) ==
          "topk: k is -1, outside [0, 2], the size of axis 0 of x (2, 3)");
}
