#include <tapegrad/tensor/view.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("view: over the elements of another") {
    const auto x = arange<int64_t>(12);
    const auto y = detail::view_of(x, {2, 3}, {1, 2}, 4);
    CHECK(to_vector(y) == std::vector<int64_t>{4, 6, 8, 5, 7, 9});
    CHECK(y.body().storage == x.body().storage);
    CHECK_FALSE(y.is_contiguous());
    CHECK(to_vector(detail::view_of(y, {2}, {-2}, 4)) == std::vector<int64_t>{8, 6});
    CHECK(detail::view_of(x, {0, 3}, {3, 1}).numel() == 0);
}

TEST_CASE("view: strides of a reshape, against all elements") {
    const std::vector<Shape> shapes = {{},
                                       {1},
                                       {24},
                                       {2, 12},
                                       {4, 6},
                                       {2, 3, 4},
                                       {1, 24},
                                       {24, 1},
                                       {2, 1, 3, 4},
                                       {3, 2, 2, 2},
                                       {2, 2, 1, 3, 1, 2},
                                       {0},
                                       {2, 0, 3},
                                       {0, 5}};
    for (const Shape& from : shapes)
        for (const Shape& to : shapes) {
            if (numel_of(from) != numel_of(to)) continue;
            // Layouts: row-major, with gaps behind each axis in turn, repeated along each, reversed axes.
            std::vector<Strides> layouts = {row_major(from)};
            for (int axis = 0; axis < from.rank(); ++axis) {
                Strides gap = row_major(from), repeated = gap;
                for (int i = 0; i <= axis; ++i) gap[i] *= 3;
                repeated[axis] = 0;
                layouts.push_back(gap);
                layouts.push_back(repeated);
            }
            Strides reversed = row_major(from);
            std::reverse(reversed.begin(), reversed.end());
            layouts.push_back(reversed);
            const auto memory = arange<int64_t>(24 * 30);
            for (const Strides& strides : layouts) {
                CAPTURE(from.to_string());
                CAPTURE(strides.to_string());
                CAPTURE(to.to_string());
                Strides out;
                const auto x = detail::view_of(memory, from, strides);
                const bool possible = detail::reshape_strides(from, strides, to, out);
                if (possible) CHECK(to_vector(detail::view_of(memory, to, out)) == to_vector(x));
                if (detail::is_row_major(from, strides)) CHECK(possible);
                if (from == to) CHECK(possible);
            }
        }
}

TEST_CASE("view: strides of an expansion") {
    CHECK(detail::expand_strides("op", {3, 1}, {1, 1}, {2, 3, 4}) == Strides{0, 1, 0});
    CHECK(detail::expand_strides("op", {}, {}, {2, 3}) == Strides{0, 0});
    CHECK(detail::expand_strides("op", {2, 3}, {3, 1}, {2, 3}) == Strides{3, 1});
    CHECK(detail::expand_strides("op", {1}, {1}, {0}) == Strides{0});
    CHECK(support::message<ShapeError>([] { detail::expand_strides("op", {2}, {1}, {3}); }) ==
          "op: a tensor (2,) does not expand to (3,)");
    CHECK(support::message<ShapeError>([] {
              detail::expand_strides("op", {1, 3}, {3, 1}, {3});
          }) == "op: a tensor (1, 3) does not expand to (3,)");
}
