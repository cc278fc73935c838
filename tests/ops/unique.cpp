#include <tapegrad/ops/unique.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("unique: the different elements, in order") {
    const Tensor<double> x{{3, 1, 3}, {1, 1, 2}};
    for (const auto& layout : {x, support::spread(x)}) {
        const auto u = unique(layout);
        CHECK(to_vector(u.values) == std::vector<double>{1, 2, 3});
        CHECK(u.inverse.shape() == Shape{2, 3});
        CHECK(to_vector(u.inverse) == std::vector<int64_t>{2, 0, 2, 0, 0, 1});
        CHECK(to_vector(u.counts) == std::vector<int64_t>{3, 1, 2});
        const auto c = unique_consecutive(layout);
        CHECK(to_vector(c.values) == std::vector<double>{3, 1, 3, 1, 2});
        CHECK(to_vector(c.inverse) == std::vector<int64_t>{0, 1, 2, 3, 3, 4});
        CHECK(to_vector(c.counts) == std::vector<int64_t>{1, 1, 1, 2, 1});
    }
}

TEST_CASE("unique: every type; both zeros are one, every NaN is different") {
    CHECK(to_vector(unique(Tensor<bool>{true, false, true}).counts) == std::vector<int64_t>{1, 2});
    CHECK(to_vector(unique(Tensor<int64_t>{5, -5, 5}).values) == std::vector<int64_t>{-5, 5});
    const float missing = std::numeric_limits<float>::quiet_NaN();
    CHECK(to_vector(unique(Tensor<float>{missing, 0.0f, -0.0f, missing}).counts) ==
          std::vector<int64_t>{2, 1, 1});
}

TEST_CASE("unique: no elements, one, and many") {
    CHECK(unique(zeros<float>({0, 2})).values.shape() == Shape{0});
    CHECK(unique(zeros<float>({0, 2})).inverse.shape() == Shape{0, 2});
    CHECK(unique(Tensor<float>(2.0f)).counts.item() == 1);
    CHECK(unique_consecutive(Tensor<float>(2.0f)).inverse.shape() == Shape{});
    const auto x = detail::cast<int64_t>(support::uniform<double>({5000}, 0, 700));
    const auto u = unique(x);
    CHECK(support::same_bits(gather(u.values, 0, u.inverse), x));
    int64_t total = 0;
    for (const int64_t c : to_vector(u.counts)) total += c;
    CHECK(total == 5000);
}

TEST_CASE("unique: the different slices along an axis, in lexicographic order") {
    const Tensor<double> x{{1, 0, 1, 1}, {2, 9, 2, 1}};
    for (const auto& layout : {x, support::spread(x)}) {
        for (const int64_t axis : {1, -1}) {
            const auto u = unique(layout, axis);
            CHECK(support::same_bits(u.values, Tensor<double>{{0, 1, 1}, {9, 1, 2}}));
            CHECK(to_vector(u.inverse) == std::vector<int64_t>{2, 0, 2, 1});
            CHECK(to_vector(u.counts) == std::vector<int64_t>{1, 1, 2});
        }
        CHECK(support::same_bits(unique(layout, 0).values, x));
        CHECK(to_vector(unique_consecutive(layout, 1).counts) == std::vector<int64_t>{1, 1, 1, 1});
    }
    const Tensor<int64_t> pairs{{2, 1}, {2, 1}, {0, 5}, {2, 1}};
    const auto c = unique_consecutive(pairs, 0);
    CHECK(support::same_bits(c.values, Tensor<int64_t>{{2, 1}, {0, 5}, {2, 1}}));
    CHECK(to_vector(c.inverse) == std::vector<int64_t>{0, 0, 1, 2});
    CHECK(to_vector(c.counts) == std::vector<int64_t>{2, 1, 1});
    CHECK(support::same_bits(unique(pairs == 2, 0).values, Tensor<bool>{{false, false}, {true, false}}));
}

TEST_CASE("unique: slices that no other equals, and slices without elements") {
    const double missing = std::numeric_limits<double>::quiet_NaN();
    const Tensor<double> x{{missing, 1}, {0.0, 2}, {missing, 1}, {-0.0, 2}};
    CHECK(to_vector(unique(x, 0).counts) == std::vector<int64_t>{2, 1, 1});
    CHECK(to_vector(unique(x, 0).inverse) == std::vector<int64_t>{1, 0, 2, 0});
    const auto none = unique(zeros<float>({0, 2}), 0);
    CHECK(none.values.shape() == Shape{0, 2});
    CHECK(none.counts.shape() == Shape{0});
    const auto empty = unique(zeros<float>({3, 0}), 0);
    CHECK(empty.values.shape() == Shape{1, 0});
    CHECK(to_vector(empty.counts) == std::vector<int64_t>{3});
    const auto many = detail::cast<int64_t>(support::uniform<double>({4, 900, 1, 2}, 0, 2.5));
    const auto u = unique(many, 1);
    CHECK(support::same_bits(index_select(u.values, 1, u.inverse), many));
    CHECK(support::same_bits(unique(u.values, 1).values, u.values));
    CHECK(support::message<ShapeError>([] { static_cast<void>(unique(Tensor<float>(2.0f), 0)); }) ==
          "unique: axis 0 is outside [0, 0) of a tensor of rank 0");
}

TEST_CASE("unique: has no derivative, and says so") {
    const Tensor<double> x = Tensor<double>{1, 2}.requires_grad_();
    CHECK(unique(x).values.requires_grad());
    CHECK(unique_consecutive(x).counts.requires_grad());
    CHECK(unique(x, 0).values.requires_grad());
}
