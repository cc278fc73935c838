#include <tapegrad/ops/solve_triangular.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE_TEMPLATE("solve_triangular: value in every form", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const int64_t n : {1, 3, 40, 70})
        for (const bool upper : {false, true})
            for (const bool left : {false, true})
                for (const bool transposed : {false, true}) {
                    const Tensor<T> a = support::normal<T>({2, n, n}) *
                                            static_cast<T>(0.5 / static_cast<double>(n)) +
                                        eye<T>(n),
                                    b = support::normal<T>(left ? Shape{2, n, 5} : Shape{2, 5, n}, 2);
                    Tensor<T> t = upper ? triu(a) : tril(a);
                    if (transposed) t = transpose(t);
                    const SolveTriangularOptions options{
                        .upper = upper, .left = left, .transposed = transposed};
                    const Tensor<T> x = solve_triangular(a, b, options);
                    CHECK(support::close(left ? matmul(t, x) : matmul(x, t), b, 40 * eps));
                    CHECK(support::same_bits(
                        solve_triangular(support::spread(a), support::spread(b), options), x));
                }
}

TEST_CASE("solve_triangular: broadcast, empty, what is not read") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const X a{{2, nan}, {1, 4}}, b = support::normal<double>({3, 2, 2});
    const X x = solve_triangular(a, b);
    CHECK(x.shape() == Shape{3, 2, 2});
    CHECK(x(2, 0, 1) == b(2, 0, 1) / 2);
    CHECK(solve_triangular(expand(a, {3, 2, 2}), select(b, 0, 0)).shape() == Shape{3, 2, 2});
    CHECK(solve_triangular(zeros<double>({0, 0}), zeros<double>({0, 4})).shape() == Shape{0, 4});
    CHECK(solve_triangular(zeros<double>({0, 2, 2}), zeros<double>({2, 4})).shape() == Shape{0, 2, 4});
    CHECK(solve_triangular(a, zeros<double>({2, 0})).shape() == Shape{2, 0});
    // A zero on the diagonal is an infinity, a NaN stays in its column.
    const X singular = solve_triangular(X{{0, 0}, {1, 1}}, X{{1, 0}, {nan, 0}});
    CHECK(singular(0, 0) == std::numeric_limits<double>::infinity());
    CHECK(std::isnan(singular(0, 1)));
    const X one = solve_triangular(X{{2, 0}, {1, 1}}, X{{nan, 4}, {0, 0}});
    CHECK(std::isnan(one(1, 0)));
    CHECK(one(1, 1) == -2);
}

TEST_CASE("solve_triangular: gradients to the third order") {
    const X a = support::normal<double>({2, 2}) + 2 * eye<double>(2), b = support::normal<double>({2, 2}, 2);
    for (const bool upper : {false, true})
        for (const bool left : {false, true})
            for (const bool unit : {false, true})
                CHECK_GRAD(
                    [=](const auto& v) {
                        return solve_triangular(v[0], v[1],
                                                {.upper = upper, .left = left, .unitriangular = unit});
                    },
                    {a, b}, 3, {.absolute = 1e-4, .relative = 1e-4});
    CHECK_GRAD(
        [](const auto& v) { return solve_triangular(v[0], v[1], {.transposed = true}); },
        {support::normal<double>({1, 40, 40}) * 0.02 + eye<double>(40), support::normal<double>({2, 40, 1})},
        1);
}

TEST_CASE("solve_triangular: errors") {
    const X a = zeros<double>({3, 3});
    CHECK(message<ShapeError>([] {
              static_cast<void>(solve_triangular(zeros<double>({2, 3}), zeros<double>({2, 3})));
          }) == "solve_triangular: a (2, 3) is not square");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(solve_triangular(a, zeros<double>({2, 3})));
          }) == "solve_triangular: a (3, 3) and b (2, 3) do not fit: b must be (..., 3, k)");
    CHECK(message<ShapeError>([&] { static_cast<void>(solve_triangular(a, zeros<double>({3}))); }) ==
          "solve_triangular: a (3, 3) and b (3,) do not fit: b must be (..., 3, k)");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(solve_triangular(a, zeros<double>({3, 2}), {.left = false}));
          }) == "solve_triangular: a (3, 3) and b (3, 2) do not fit: b must be (..., k, 3)");
    CHECK(message<ShapeError>([] {
              static_cast<void>(solve_triangular(zeros<double>({2, 3, 3}), zeros<double>({4, 3, 1})));
          }) == "solve_triangular: shapes (2,) and (4,) do not broadcast: sizes 2 and 4 differ at axis -1");
}
