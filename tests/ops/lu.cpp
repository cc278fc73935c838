#include <tapegrad/ops/lu.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE_TEMPLATE("lu: value", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const Shape& shape :
         {Shape{1, 1}, Shape{2, 5, 5}, Shape{2, 3, 7}, Shape{2, 7, 3}, Shape{40, 40}, Shape{33, 70}}) {
        const Tensor<T> a = support::normal<T>(shape);
        const auto y = lu(a);
        CHECK(support::close(matmul(y.p, matmul(y.l, y.u)), a, 20 * eps));
        CHECK(support::same_bits(tril(y.l), detail::copy(y.l)));
        CHECK(support::same_bits(lu(support::spread(a)).u, y.u));
    }
    const auto none = lu(zeros<T>({2, 0, 3}));
    CHECK(none.p.shape() == Shape{2, 0, 0});
    CHECK(none.u.shape() == Shape{2, 0, 3});
    CHECK(lu_factor(zeros<T>({0, 2, 2})).pivots.shape() == Shape{0, 2});
}

TEST_CASE("lu_factor: pivots count from 1") {
    const auto y = lu_factor(X{{1, 2}, {4, 4}});
    CHECK(support::same_bits(y.lu, X{{4, 4}, {0.25, 1}}));
    CHECK(support::same_bits(y.pivots, Tensor<int64_t>{2, 2}));
    CHECK(lu_factor(X{{1, 2}, {1, 2}}).lu(1, 1) == 0);
}

TEST_CASE("lu: gradients to the third order") {
    for (const Shape& shape : {Shape{2, 2}, Shape{3, 2}, Shape{2, 3}})
        CHECK_GRAD([](const auto& v) { return lu_factor(v[0]).lu; }, {support::normal<double>(shape, 3)}, 3,
                   {.absolute = 1e-3, .relative = 1e-3});
    const X a = support::normal<double>({2, 6, 6});
    CHECK_GRAD([](const auto& v) { return lu(v[0]).l; }, {a}, 1, {.absolute = 1e-4, .relative = 1e-4});
}

TEST_CASE("lu_solve: value, broadcast") {
    const X a = support::normal<double>({3, 5, 5}), b = support::normal<double>({2, 1, 5, 4}, 2);
    const auto f = lu_factor(a);
    CHECK(
        support::close(matmul(a, lu_solve(f.lu, f.pivots, b)), detail::copy(expand(b, {2, 3, 5, 4})), 1e-12));
    CHECK(support::close(matmul(transpose(a), lu_solve(f.lu, f.pivots, b, {.adjoint = true})),
                         detail::copy(expand(b, {2, 3, 5, 4})), 1e-12));
    const X c = transpose(b);
    CHECK(support::close(matmul(lu_solve(f.lu, f.pivots, c, {.left = false}), a),
                         detail::copy(expand(c, {2, 3, 4, 5})), 1e-12));
    CHECK(lu_solve(zeros<double>({0, 0}), zeros<int64_t>({0}), zeros<double>({0, 2})).shape() == Shape{0, 2});
}

TEST_CASE("lu_solve: gradients by the factors and the right side") {
    const auto f = lu_factor(support::normal<double>({2, 2}));
    for (const bool adjoint : {false, true})
        CHECK_GRAD([&](const auto& v) { return lu_solve(v[0], f.pivots, v[1], {.adjoint = adjoint}); },
                   {f.lu, support::normal<double>({2, 2})}, 3, {.absolute = 1e-3, .relative = 1e-3});
}

TEST_CASE("lu: errors") {
    CHECK(message<ShapeError>([] { static_cast<void>(lu(zeros<double>({3}))); }) ==
          "lu: a (3,) is no matrix");
    CHECK(message<ShapeError>([] { static_cast<void>(lu_factor(zeros<double>({3}))); }) ==
          "lu_factor: a (3,) is no matrix");
    const X a = eye<double>(3), b = zeros<double>({3, 2});
    const auto solve = [](const X& factors, const Tensor<int64_t>& pivots, const X& right) {
        static_cast<void>(lu_solve(factors, pivots, right));
    };
    CHECK(message<ShapeError>([&] {
              solve(zeros<double>({2, 3}), Tensor<int64_t>{1, 2}, b);
          }) == "lu_solve: lu (2, 3) is not square");
    CHECK(message<ShapeError>([&] {
              solve(a, Tensor<int64_t>{1, 2}, b);
          }) == "lu_solve: pivots (2,) for lu (3, 3); they must be (..., 3)");
    CHECK(message<ShapeError>([&] {
              solve(a, Tensor<int64_t>{1, 2, 3}, zeros<double>({2, 3}));
          }) == "lu_solve: lu (3, 3) and b (2, 3) do not fit: b must be (..., 3, k)");
    CHECK(message<IndexError>([&] {
              solve(a, Tensor<int64_t>{1, 4, 3}, b);
          }) == "lu_solve: pivot 4 is outside [1, 3]");
    CHECK(message<IndexError>([&] {
              solve(a, Tensor<int64_t>{1, 0, 3}, b);
          }) == "lu_solve: pivot 0 is outside [1, 3]");
}
