#include <tapegrad/ops/window.hpp>

#include <doctest/doctest.h>

#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/autograd/functional.hpp>
#include <tapegrad/ops/primitive.hpp>
#include <tapegrad/ops/reduce.hpp>

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

TEST_CASE_TEMPLATE("window: the gradients of several parts gather in one tensor", T, float, double) {
    const detail::Window first{{2, 2}, {5, 1}, 0}, second{{2, 3}, {5, 1}, 2}, both{{2, 4}, {5, 1}, 1};
    const auto loss = [&](const Tensor<T>& x) {
        return sum(detail::part("part", x, first)) + sum(detail::part("part", x, second)) * T(2) +
               sum(detail::part("part", x, both)) * T(4);
    };
    const auto expect = [](const Tensor<T>& g) {
        for (int64_t i = 0; i < 2; ++i)
            for (int64_t j = 0; j < 5; ++j)
                CHECK(static_cast<float>(g(i, j)) == (j < 2 ? 1.f : 2.f) + (j > 0 ? 4.f : 0.f));
    };
    Tensor<T> x = ones<T>({2, 5}).requires_grad_();
    backward(loss(x));
    expect(x.grad());
    // One that somebody holds is not written to.
    const Tensor<T> held = x.grad();
    backward(loss(x));
    expect(held);
    CHECK(static_cast<float>(x.grad()(0, 4)) == 12.f);
    // On the way to a leaf, and when it is asked for.
    const Tensor<T> inner = ones<T>({2, 5}).requires_grad_();
    expect(grad(loss(inner * T(1)), {inner})[0]);
    expect(grad(loss(inner), {inner}, {.create_graph = true})[0]);
}

TEST_CASE("window: a gradient that an operation shares with another is not written to") {
    // Both inputs of the sum get the same tensor for a gradient.
    const auto x = ones<double>({2, 5}).requires_grad_();
    const Tensor<double> a = x * 1.0, b = x * 3.0;
    const Tensor<double> loss = sum((a + b) * 5.0) + sum(detail::part("part", a, window));
    const Tensor<double> g = grad(loss, {x})[0];
    for (int64_t i = 0; i < 2; ++i)
        for (int64_t j = 0; j < 5; ++j) CHECK(g(i, j) == (j == 1 || j == 3 ? 21 : 20));
}
