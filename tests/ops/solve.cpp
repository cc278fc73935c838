#include <tapegrad/ops/solve.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE_TEMPLATE("solve and inverse: value", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const int64_t n : {1, 2, 8, 33, 100}) {
        const Tensor<T> a = support::normal<T>({2, n, n}) + eye<T>(n) * static_cast<T>(n),
                        b = support::normal<T>({2, n, 3}, 2), x = solve(a, b);
        CHECK(support::close(matmul(a, x), b, 50 * eps));
        CHECK(support::same_bits(solve(support::spread(a), support::spread(b)), x));
        CHECK(support::close(matmul(inverse(a), a), detail::copy(expand(eye<T>(n), a.shape())), 50 * eps));
    }
    CHECK(inverse(zeros<T>({2, 0, 0})).shape() == Shape{2, 0, 0});
    CHECK(solve(zeros<T>({0, 3, 3}), zeros<T>({3, 2})).shape() == Shape{0, 3, 2});
}

TEST_CASE("solve: vectors, broadcast") {
    const X a = support::normal<double>({4, 3, 3}), b = support::normal<double>({4, 3}, 2);
    const X x = solve(a, b);
    CHECK(x.shape() == Shape{4, 3});
    CHECK(support::close(squeeze(matmul(a, unsqueeze(x, -1)), -1), b, 1e-12));
    CHECK(support::close(solve(select(a, 0, 1), select(b, 0, 1)), detail::copy(select(x, 0, 1)), 1e-13));
    CHECK(solve(a, select(b, 0, 0)).shape() == Shape{4, 3});
    CHECK(solve(a, support::normal<double>({2, 1, 3, 5})).shape() == Shape{2, 4, 3, 5});
}

TEST_CASE("solve and inverse: gradients to the third order") {
    const X a = support::normal<double>({2, 2}) + 2 * eye<double>(2);
    CHECK_GRAD([](const auto& v) { return solve(v[0], v[1]); }, {a, support::normal<double>({2, 1})}, 3,
               {.absolute = 1e-4, .relative = 1e-4});
    CHECK_GRAD([](const auto& v) { return inverse(v[0]); }, {a}, 3, {.absolute = 1e-4, .relative = 1e-4});
    CHECK_GRAD([](const auto& v) { return solve(v[0], v[1]); },
               {support::normal<double>({12, 12}) + 8 * eye<double>(12), support::normal<double>({2, 12, 2})},
               1);
}

TEST_CASE("solve and inverse: a NaN goes through") {
    X a = eye<double>(3);
    a.set({1, 0}, std::numeric_limits<double>::quiet_NaN());
    CHECK(std::isnan(solve(a, X{1, 1, 1})(1)));
    CHECK(std::isnan(inverse(a)(1, 0)));
}

TEST_CASE("solve and inverse: errors") {
    const X singular{{1, 2}, {2, 4}};
    CHECK(message<ValueError>([&] { static_cast<void>(inverse(singular)); }) ==
          "inverse: a (2, 2) is singular: pivot 2 is 0");
    CHECK(message<ValueError>([&] {
              static_cast<void>(solve(stack({eye<double>(2), singular}), X{1, 1}));
          }) == "solve: a[1] of shape (2, 2, 2) is singular: pivot 2 is 0");
    CHECK(message<ShapeError>([] {
              static_cast<void>(inverse(zeros<double>({2, 3})));
          }) == "inverse: a (2, 3) is not square");
    CHECK(message<ShapeError>([] {
              static_cast<void>(solve(zeros<double>({2, 3}), zeros<double>({2, 3})));
          }) == "solve: a (2, 3) is not square");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(solve(singular, zeros<double>({3, 2})));
          }) == "solve: a (2, 2) and b (3, 2) do not fit: b must be (..., 2, k)");
    CHECK(message<ShapeError>([&] { static_cast<void>(solve(singular, zeros<double>({3}))); }) ==
          "solve: a (2, 2) and b (3,) do not fit: b must be (..., 2, k)");
}
