#include <tapegrad/ops/jacobian.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/matmul.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {
const X a = support::normal<double>({2, 3}), x = support::normal<double>({3}, 2);
X energy(const X& v, const X& m) { return sum(sin(matmul(m, v))) + sum(v * v * v); }
}

TEST_CASE("jacobian: of a matrix product") {
    const auto [by_a, by_x] = jacobian([](const X& m, const X& v) { return matmul(m, v); }, {a, x});
    CHECK(support::same_bits(by_x, a));
    CHECK(by_a.shape() == Shape{2, 2, 3});
    for (int64_t i = 0; i < 2; ++i)
        for (int64_t j = 0; j < 2; ++j)
            for (int64_t k = 0; k < 3; ++k) CHECK(by_a(i, j, k) == (i == j ? x(k) : 0));
    CHECK_FALSE(by_x.requires_grad());
    // Rows are gradients, columns are changes along an axis.
    const auto f = [](const X& v) { return sin(v) * sum(v); };
    const X j = jacobian(f, x);
    for (int64_t i = 0; i < 3; ++i) {
        X e = zeros<double>({3});
        e.set({i}, 1);
        CHECK(support::close(select(j, 0, i), vjp(f, {x}, e).gradients[0], 1e-15));
        CHECK(support::close(select(j, 1, i), jvp(f, {x}, {e}).dy, 1e-15));
    }
}

TEST_CASE("jacobian: numbers, nothing, constants") {
    CHECK(support::same_bits(jacobian([](const X& v) { return sum(v * v); }, x), x * 2));
    CHECK(jacobian([](const X& v) { return v * 2; }, zeros<double>({0})).shape() == Shape{0, 0});
    CHECK(jacobian([](const X& v) { return slice(v, 0, 0, 0); }, x).shape() == Shape{0, 3});
    CHECK(support::same_bits(jacobian([](const X&) { return ones<double>({2}); }, x), zeros<double>({2, 3})));
    CHECK(jacobian([](const X& v) { return v * v; }, X(3.0)).item() == 6);
}

TEST_CASE("hessian: blocks, symmetric, equal to products with vectors") {
    const auto blocks = hessian(energy, {x, a});
    CHECK(blocks[0][0].shape() == Shape{3, 3});
    CHECK(blocks[0][1].shape() == Shape{3, 2, 3});
    CHECK(blocks[1][1].shape() == Shape{2, 3, 2, 3});
    CHECK(support::close(blocks[0][0], transpose(blocks[0][0]), 1e-14));
    CHECK(support::close(reshape(blocks[0][1], {3, 6}), transpose(reshape(blocks[1][0], {6, 3})), 1e-14));
    const X vx = support::normal<double>({3}, 3), va = support::normal<double>({2, 3}, 4);
    const auto h = hvp(energy, {x, a}, {vx, va}).gradients;
    CHECK(support::close(
        h[0], matmul(blocks[0][0], vx) + matmul(reshape(blocks[0][1], {3, 6}), reshape(va, {6})), 1e-13));
    CHECK(support::same_bits(hessian([](const X& v) { return sum(v * v); }, x), eye<double>(3) * 2));
    CHECK(support::same_bits(hessian([](const X& v) { return sum(v); }, x), zeros<double>({3, 3})));
}

TEST_CASE("jacobian and hessian: have gradients with a graph") {
    CHECK_GRAD(
        [](const auto& v) {
            return jacobian([](const X& u) { return sin(u) * sum(u); }, v[0], {.create_graph = true});
        },
        {x}, 2);
    CHECK_GRAD(
        [](const auto& v) {
            const X m = v[1];
            return hessian([m](const X& u) { return energy(u, m); }, v[0], {.create_graph = true});
        },
        {x, a}, 1);
}

TEST_CASE("jacobian and hessian: errors") {
    const X wide = zeros<double>({1, 1, 1, 1, 1});
    CHECK(message<ShapeError>([&] { static_cast<void>(jacobian([](const X& v) { return v * 2; }, wide)); }) ==
          "shape: 9 axes; at most 8 are supported");
    CHECK(message<ShapeError>([] { static_cast<void>(hessian([](const X& v) { return v * v; }, x)); }) ==
          "hessian: the function gave (3,), not one number");
}
