#include <tapegrad/ops/reduce_axes.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("reduce_axes: one axis, a list, all") {
    CHECK(ReduceAxes().axes().empty());
    CHECK(ReduceAxes(-1).axes() == Axes{-1});
    CHECK(ReduceAxes({0, 2}).axes() == Axes{0, 2});
    CHECK(ReduceAxes(Axes{1}).axes() == Axes{1});
    static_assert(!std::is_constructible_v<ReduceAxes, bool>);
    CHECK(detail::axis_mask("op", {}, 3) == 7);
    CHECK(detail::axis_mask("op", -1, 3) == 4);
    CHECK(detail::axis_mask("op", {0, -1}, 3) == 5);
    CHECK(detail::axis_mask("op", 0, 0) == 0);
    CHECK(detail::axis_mask("op", {}, 8) == 255);
    CHECK(support::message<ShapeError>([] {
              detail::axis_mask("op", {0, -3}, 3);
          }) == "op: axis -3 is named twice in (0, -3)");
    CHECK(support::message<ShapeError>([] { detail::axis_mask("op", 3, 3); }) ==
          "op: axis 3 is outside [-3, 3) of a tensor of rank 3");
}

TEST_CASE("reduce_axes: shapes") {
    CHECK(detail::reduced_shape({2, 3, 4}, 5, false) == Shape{3});
    CHECK(detail::reduced_shape({2, 3, 4}, 5, true) == Shape{1, 3, 1});
    CHECK(detail::reduced_count({2, 3, 4}, 5) == 8);
    CHECK(detail::reduced_count({2, 0, 4}, 2) == 0);
}

TEST_CASE("reduce_axes: any set of axes of any layout is reduced in passes") {
    // A kernel whose result says which elements it saw, whatever their order: the sum.
    const auto kernel = [](const int64_t* x, int64_t* y, int64_t outer, int64_t n, int64_t inner) {
        for (int64_t o = 0; o < outer; ++o)
            for (int64_t i = 0; i < inner; ++i) {
                y[o * inner + i] = 0;
                for (int64_t j = 0; j < n; ++j) y[o * inner + i] += x[(o * n + j) * inner + i];
            }
    };
    for (const Shape& shape : {Shape{2, 3, 4, 2}, Shape{1, 3, 1, 2}, Shape{3, 1, 1, 1}, Shape{2, 0, 3, 1}}) {
        Tensor<int64_t> x = arange<int64_t>(numel_of(shape));
        x = detail::view_of(x, shape, row_major(shape));
        for (const auto& layout : {x, support::spread(x)})
            for (detail::AxisMask mask = 0; mask < 16; ++mask)
                for (const bool keepdims : {false, true}) {
                    const auto y = detail::reduce(layout, mask, keepdims, kernel);
                    CHECK(y.shape() == detail::reduced_shape(shape, mask, keepdims));
                    std::vector<int64_t> want(static_cast<std::size_t>(y.numel()));
                    const Strides places = row_major(detail::kept_shape(shape, mask));
                    support::for_each_place(shape, [&](const Dims& p, int64_t i) {
                        int64_t to = 0;
                        for (int axis = 0; axis < 4; ++axis)
                            to += ((mask >> axis) & 1) != 0 ? 0 : p[axis] * places[axis];
                        want[static_cast<std::size_t>(to)] += i;
                    });
                    CHECK(to_vector(y) == want);
                    CHECK_FALSE(y.body().storage == layout.body().storage);
                }
    }
}

TEST_CASE("reduce_axes: around an axis") {
    const detail::AxisLayout at({2, 3, 4, 5}, 2), only({}, 0);
    CHECK(at.outer == 6);
    CHECK(at.n == 4);
    CHECK(at.inner == 5);
    CHECK(only.outer * only.n * only.inner == 1);
    CHECK(detail::axis_or_only("test", -1, 3) == 2);
    CHECK(detail::axis_or_only("test", -1, 0) == 0);
    CHECK(support::message<ShapeError>([] { detail::axis_or_only("test", 1, 0); }) ==
          "test: axis 1 is outside [0, 0) of a tensor of rank 0");
}

TEST_CASE("reduce_axes: a kernel along an axis reads every layout of its inputs") {
    const Tensor<float> a{{1, 2}, {3, 4}}, b{{10, 20}, {30, 40}};
    const auto add = [](const float* x, const float* y, float* to, int64_t outer, int64_t n, int64_t inner) {
        for (int64_t i = 0; i < outer * n * inner; ++i) to[i] = x[i] + y[i] + static_cast<float>(100 * n);
    };
    CHECK(to_vector(detail::along_axis(0, add, support::spread(a), support::spread(b, 3))) ==
          std::vector<float>{211, 222, 233, 244});
    CHECK(detail::along_axis(1, add, zeros<float>({0, 2}), zeros<float>({0, 2})).shape() == Shape{0, 2});
}
