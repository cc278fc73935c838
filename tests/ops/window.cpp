#include <tapegrad/ops/window.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/primitive.hpp>

#include "../support/check_grad.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

using Inputs = std::vector<Tensor<double>>;

// Every second place of the last axis of (2, 5), from the first.
const detail::Window window{{2, 2}, {5, 2}, 1};

}

TEST_CASE_TEMPLATE("window: taken, placed, written over", T, float, int32_t, bool) {
    const Tensor<T> x = detail::cast<T>(support::normal<double>({2, 5}));
    const Tensor<T> y = detail::part("part", x, window);
    CHECK(y.body().storage == x.body().storage);
    const Tensor<T> placed = detail::place("place", support::spread(y), {2, 5}, window, T(1));
    const Tensor<T> over = detail::overwrite("over", x, full<T>({2, 2}, T(1)), window);
    for (int64_t i = 0; i < 2; ++i)
        for (int64_t j = 0; j < 5; ++j) {
            const bool inside = j == 1 || j == 3;
            CHECK(placed(i, j) == (inside ? x(i, j) : T(1)));
            CHECK(over(i, j) == (inside ? T(1) : x(i, j)));
        }
    CHECK(support::same_bits(detail::part("part", support::spread(x), window), y));
}

TEST_CASE("window: gradient") {
    const auto x = support::normal<double>({2, 5}), y = support::normal<double>({2, 2}, 2);
    CHECK_GRAD([](const Inputs& in) { return detail::part("part", in[0] * in[0] * in[0], window); }, {x});
    CHECK_GRAD(
        [](const Inputs& in) {
            return detail::place("place", in[0] * in[0] * in[0], {2, 5}, window, 2.0);
        },
        {y});
    CHECK_GRAD(
        [](const Inputs& in) {
            return detail::overwrite("over", in[0] * in[0], in[1] * in[1] * in[1], window) * in[0];
        },
        {x, y});
}
