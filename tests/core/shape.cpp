#include <tapegrad/core/shape.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

using namespace tapegrad;

TEST_CASE("shape: a list of up to eight sizes") {
    const Dims none;
    CHECK((none.rank() == 0 && none.empty() && none.size() == 0 && none.begin() == none.end()));
    const Dims d{2, 3, 4};
    CHECK((d.rank() == 3 && d.size() == 3 && !d.empty() && d[0] == 2 && d.back() == 4));
    CHECK(Dims(std::vector<int64_t>{2, 3, 4}) == d);
    CHECK(Dims::filled(3, 7) == Dims{7, 7, 7});
    CHECK(Dims::filled(0, 7) == none);
    CHECK(std::equal(d.begin(), d.end(), std::vector<int64_t>{2, 3, 4}.begin()));
    const std::span<const int64_t> span = d;
    CHECK((span.size() == 3 && span[2] == 4));
    CHECK((d.contains(3) && !d.contains(5) && !none.contains(0)));
    CHECK((Dims{1, 2} != Dims{1, 2, 3} && Dims{1, 2} != Dims{2, 1} && Dims{1} != Dims{}));
}

TEST_CASE("shape: push_back, insert, erase") {
    Dims d{1, 2};
    d.push_back(3);
    CHECK(d == Dims{1, 2, 3});
    d.insert(0, 9);
    CHECK(d == Dims{9, 1, 2, 3});
    d.insert(4, 8);
    CHECK(d == Dims{9, 1, 2, 3, 8});
    d.insert(2, 7);
    CHECK(d == Dims{9, 1, 7, 2, 3, 8});
    d.erase(0);
    d.erase(4);
    d.erase(1);
    CHECK(d == Dims{1, 2, 3});
    // Erased sizes must not count in a comparison.
    d.erase(2);
    CHECK(d == Dims{1, 2});
}

TEST_CASE("shape: text") {
    CHECK(Shape{}.to_string() == "()");
    CHECK(Shape{4}.to_string() == "(4,)");
    CHECK(Shape{2, 3}.to_string() == "(2, 3)");
    CHECK(Shape{-1, 0, 10}.to_string() == "(-1, 0, 10)");
}

TEST_CASE("shape: the number of elements") {
    CHECK(numel_of({}) == 1);
    CHECK(numel_of({5}) == 5);
    CHECK(numel_of({2, 3, 4}) == 24);
    CHECK(numel_of({2, 0, 4}) == 0);
    constexpr int64_t big = int64_t{1} << 31;
    CHECK(numel_of({big, big}) == int64_t{1} << 62);
    CHECK(numel_of({std::numeric_limits<int64_t>::max()}) == std::numeric_limits<int64_t>::max());
    // With a zero the product is zero, however large the others.
    CHECK(numel_of({big, big, big, 0}) == 0);
    static_assert(numel_of(Shape{2, 3}) == 6);
}

TEST_CASE("shape: row-major strides") {
    CHECK(row_major({}) == Strides{});
    CHECK(row_major({5}) == Strides{1});
    CHECK(row_major({2, 3, 4}) == Strides{12, 4, 1});
    CHECK(row_major({2, 1, 4}) == Strides{4, 4, 1});
    // A size 0 counts as 1, as in PyTorch.
    CHECK(row_major({2, 0, 4}) == Strides{4, 4, 1});
}

TEST_CASE("shape: normalize_axis") {
    for (int axis = 0; axis < 3; ++axis) {
        CHECK(normalize_axis("op", axis, 3) == axis);
        CHECK(normalize_axis("op", axis - 3, 3) == axis);
    }
    CHECK_THROWS_WITH_AS(normalize_axis("softmax", 3, 3),
                         "softmax: axis 3 is outside [-3, 3) of a tensor of rank 3", ShapeError);
    CHECK_THROWS_WITH_AS(normalize_axis("sum", -3, 2),
                         "sum: axis -3 is outside [-2, 2) of a tensor of rank 2", ShapeError);
    CHECK_THROWS_WITH_AS(normalize_axis("sum", 0, 0), "sum: axis 0 is outside [0, 0) of a tensor of rank 0",
                         ShapeError);
}

TEST_CASE("shape: broadcasting") {
    const auto both = [](const Shape& a, const Shape& b, const Shape& out) {
        CHECK(broadcast_shapes("add", a, b) == out);
        CHECK(broadcast_shapes("add", b, a) == out);
    };
    both({2, 3}, {2, 3}, {2, 3});
    both({2, 3}, {3}, {2, 3});
    both({2, 3}, {}, {2, 3});
    both({2, 1}, {1, 3}, {2, 3});
    both({4, 1, 3}, {2, 1}, {4, 2, 3});
    both({0, 3}, {1, 3}, {0, 3});
    both({1}, {0}, {0});
    both({}, {}, {});
}

TEST_CASE("shape: errors") {
    CHECK_THROWS_WITH_AS(broadcast_shapes("add", Shape{2, 3}, Shape{4}),
                         "add: shapes (2, 3) and (4,) do not broadcast: sizes 3 and 4 differ at axis -1",
                         ShapeError);
    CHECK_THROWS_WITH_AS(broadcast_shapes("mul", Shape{3}, Shape{5, 2, 4}),
                         "mul: shapes (3,) and (5, 2, 4) do not broadcast: sizes 3 and 4 differ at axis -1",
                         ShapeError);
    CHECK_THROWS_WITH_AS(broadcast_shapes("mul", Shape{2, 1}, Shape{3, 5}),
                         "mul: shapes (2, 1) and (3, 5) do not broadcast: sizes 2 and 3 differ at axis -2",
                         ShapeError);
    CHECK_THROWS_WITH_AS(broadcast_shapes("mul", Shape{0}, Shape{2}),
                         "mul: shapes (0,) and (2,) do not broadcast: sizes 0 and 2 differ at axis -1",
                         ShapeError);
    CHECK_THROWS_WITH_AS(numel_of({2, -3}, "empty"), "empty: negative size -3 in (2, -3)", ShapeError);
    CHECK_THROWS_WITH_AS(numel_of({0, -1}), "shape: negative size -1 in (0, -1)", ShapeError);
    constexpr int64_t big = int64_t{1} << 32;
    CHECK_THROWS_WITH_AS(numel_of({big, big}, "zeros"),
                         "zeros: shape (4294967296, 4294967296) has more than 2^63 - 1 elements", ShapeError);
    CHECK_THROWS_WITH_AS((Dims{1, 2, 3, 4, 5, 6, 7, 8, 9}), "shape: 9 axes; at most 8 are supported",
                         ShapeError);
    CHECK_THROWS_WITH_AS(Dims::filled(12, 1), "shape: 12 axes; at most 8 are supported", ShapeError);
    Dims full = Dims::filled(8, 1);
    CHECK_THROWS_WITH_AS(full.push_back(1), "shape: 9 axes; at most 8 are supported", ShapeError);
    CHECK_THROWS_WITH_AS(full.insert(0, 1), "shape: 9 axes; at most 8 are supported", ShapeError);
    CHECK(full == Dims::filled(8, 1));
}
