#include <tapegrad/ops/search.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("search: one sorted row for values of any shape") {
    const Tensor<double> sorted{1, 3, 3, 5}, values{{0, 3, 9}, {1, 4, 5}};
    for (const auto& layout : {values, support::spread(values)}) {
        CHECK(to_vector(searchsorted(sorted, layout)) == std::vector<int64_t>{0, 1, 4, 0, 3, 3});
        CHECK(to_vector(searchsorted(support::spread(sorted), layout, {.right = true})) ==
              std::vector<int64_t>{0, 3, 4, 1, 3, 4});
        CHECK(support::same_bits(bucketize(layout, sorted), searchsorted(sorted, layout)));
    }
    CHECK(searchsorted(sorted, Tensor<double>(4.0)).item() == 3);
    CHECK(to_vector(bucketize(Tensor<int32_t>{4, 1}, Tensor<int32_t>{1, 2}, {.right = true})) ==
          std::vector<int64_t>{2, 1});
}

TEST_CASE("search: a sorted row for each row of values") {
    const Tensor<float> sorted{{1, 3}, {10, 30}}, values{{2, 4, 0}, {2, 50, 10}};
    CHECK(to_vector(searchsorted(sorted, values)) == std::vector<int64_t>{1, 2, 0, 0, 2, 0});
}

TEST_CASE("search: none to search, and none to find") {
    CHECK(to_vector(searchsorted(zeros<float>({0}), zeros<float>({2}))) == std::vector<int64_t>{0, 0});
    CHECK(searchsorted(zeros<float>({3}), zeros<float>({2, 0})).shape() == Shape{2, 0});
    CHECK(searchsorted(zeros<float>({0, 3}), zeros<float>({0, 2})).shape() == Shape{0, 2});
}

TEST_CASE("search: has no derivative, and says so") {
    Tensor<double> x = Tensor<double>{1, 2}.requires_grad_();
    CHECK(searchsorted(x, Tensor<double>{1}).requires_grad());
    CHECK(bucketize(x, Tensor<double>{1}).requires_grad());
}

TEST_CASE("search: errors") {
    CHECK(message<ShapeError>([] { searchsorted(Tensor<float>(1.0f), zeros<float>({2})); }) ==
          "searchsorted: sorted () has no axis to search along");
    CHECK(message<ShapeError>([] {
              searchsorted(zeros<float>({2, 3}), zeros<float>({3, 3}));
          }) == "searchsorted: values (3, 3) do not fit sorted (2, 3): they need its sizes before the last");
    CHECK(message<ShapeError>([] {
              searchsorted(zeros<float>({2, 3}), zeros<float>({3}));
          }) == "searchsorted: values (3,) do not fit sorted (2, 3): they need its sizes before the last");
    CHECK(message<ShapeError>([] {
              bucketize(zeros<float>({2}), zeros<float>({1, 2}));
          }) == "bucketize: boundaries (1, 2) are not of rank 1");
}
