#include <tapegrad/ops/matrix_power.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE("matrix_power: value") {
    const X x = support::normal<double>({2, 3, 3});
    X power = x;
    for (int64_t n = 1; n <= 9; ++n) {
        CHECK(support::close(matrix_power(x, n), power, 1e-12));
        CHECK(support::close(matrix_power(support::spread(x), n), power, 1e-12));
        power = matmul(power, x);
    }
    CHECK(support::same_bits(matrix_power(x, 0), detail::copy(expand(eye<double>(3), {2, 3, 3}))));
    CHECK(matrix_power(zeros<double>({0, 0}), 3).shape() == Shape{0, 0});
    // Fibonacci numbers, exact.
    CHECK(matrix_power(X{{1, 1}, {1, 0}}, 70)(0, 1) == 190392490709135);
}

TEST_CASE("matrix_power: gradients to the third order") {
    for (const int64_t n : {1, 2, 5})
        CHECK_GRAD([n](const auto& v) { return matrix_power(v[0], n); }, {support::normal<double>({2, 2})}, 3,
                   {.absolute = 1e-4, .relative = 1e-4});
}

TEST_CASE("multi_dot: value") {
    const auto n = [](const Shape& shape, std::uint64_t seed) {
        return support::normal<double>(shape, seed);
    };
    const std::vector<X> chain{n({2, 9}, 1), n({9, 3}, 2), n({3, 8}, 3), n({8, 1}, 4), n({1, 5}, 5)};
    X left = chain[0];
    for (std::size_t i = 1; i < chain.size(); ++i) left = matmul(left, chain[i]);
    CHECK(support::close(multi_dot(chain), left, 1e-12));
    CHECK(support::same_bits(multi_dot({chain[0]}), chain[0]));
    const X row = n({2}, 6), column = n({5}, 7);
    CHECK(support::close(multi_dot({row, left, column}), matmul(row, matmul(left, column)), 1e-12));
    CHECK(multi_dot({row, left}).shape() == Shape{5});
    CHECK(multi_dot({left, column}).shape() == Shape{2});
    CHECK_GRAD([](const auto& v) { return multi_dot(v); }, {n({2, 3}, 1), n({3, 1}, 2), n({1, 2}, 3)}, 3);
}

TEST_CASE("multi_dot: the order is the cheapest") {
    // A column times a row would be a matrix of 4096 x 4096.
    const Tensor<float> column = support::normal<float>({4096, 1}),
                        row = support::normal<float>({1, 4096}, 2);
    pool::reset_peak();
    const int64_t before = pool::statistics().live_bytes;
    static_cast<void>(multi_dot({column, row, column}));
    CHECK(pool::statistics().peak_bytes - before < 256 * 1024);
    const detail::ChainOrder<int64_t> textbook({30, 35, 15, 5, 10, 20, 25});  // ((A0 (A1 A2)) ((A3 A4) A5))
    CHECK(textbook.cut(0, 5) == 2);
    CHECK(textbook.cut(0, 2) == 0);
    CHECK(textbook.cut(3, 5) == 4);
}

TEST_CASE("matrix_power and multi_dot: errors") {
    const X a = zeros<double>({2, 3});
    CHECK(message<ShapeError>([&] { static_cast<void>(matrix_power(a, 2)); }) ==
          "matrix_power: x (2, 3) is not square");
    CHECK(message<ValueError>([] {
              static_cast<void>(matrix_power(zeros<double>({2, 2}), -3));
          }) == "matrix_power: n is -3; take the power 3 of the inverse of x");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(multi_dot({a, a}));
          }) == "multi_dot: matrix 0 (2, 3) and matrix 1 (2, 3) do not multiply: inner sizes 3 and 2 differ");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(multi_dot({a, zeros<double>({3}), a}));
          }) == "multi_dot: matrix 1 (3,) is not of rank 2");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(multi_dot({zeros<double>({2, 2, 2}), a}));
          }) == "multi_dot: matrix 0 (2, 2, 2) is not of rank 2, nor a vector");
    CHECK(message<ShapeError>([] { static_cast<void>(multi_dot(std::vector<X>{})); }) ==
          "multi_dot: no matrices");
}
