#include <tapegrad/ops/matrix_exp.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE_TEMPLATE("matrix_exp: value", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const int64_t n : {1, 2, 9, 40}) {
        const Tensor<T> a = support::normal<T>({2, n, n}) * T(0.3), y = matrix_exp(a);
        CHECK(support::close(matmul(y, matrix_exp(-a)), detail::copy(expand(eye<T>(n), a.shape())),
                             1000 * eps));
        CHECK(support::same_bits(matrix_exp(support::spread(a)), y));
        CHECK(support::close(matrix_exp_trace(a), sum(diagonal(y, 0, -2, -1), {-1}), 4 * eps));
    }
    CHECK(matrix_exp(zeros<T>({3, 0, 0})).shape() == Shape{3, 0, 0});
    CHECK(support::same_bits(matrix_exp_trace(zeros<T>({3, 0, 0})), zeros<T>({3})));
}

TEST_CASE("matrix_exp: a matrix of a batch does not touch the others") {
    X a = support::normal<double>({3, 2, 2});
    const X y = matrix_exp(a);
    a.set({1, 0, 0}, std::numeric_limits<double>::quiet_NaN());
    a.set({2, 0, 0}, 1e3);
    const X z = matrix_exp(a);
    CHECK(support::same_bits(detail::copy(select(z, 0, 0)), detail::copy(select(y, 0, 0))));
    for (int64_t i = 0; i < 4; ++i) CHECK(std::isnan(z(1, i / 2, i % 2)));
}

TEST_CASE("matrix_exp: gradients to the third order") {
    const GradcheckOptions near{.absolute = 1e-4, .relative = 1e-4};
    CHECK_GRAD([](const auto& v) { return matrix_exp(v[0]); }, {support::normal<double>({2, 2})}, 3, near);
    CHECK_GRAD([](const auto& v) { return matrix_exp_trace(v[0]); }, {support::normal<double>({2, 2})}, 3,
               near);
    CHECK_GRAD([](const auto& v) { return matrix_exp(v[0]); }, {support::normal<double>({2, 6, 6})}, 1);
    // A large upstream gradient keeps its digits.
    const X a = support::normal<double>({3, 3}).requires_grad_(), dy = support::normal<double>({3, 3}, 2);
    const X one = grad(matrix_exp(a), {a}, {}, dy)[0], large = grad(matrix_exp(a), {a}, {}, dy * 0x1p90)[0];
    CHECK(support::close(large * 0x1p-90, one, 1e-13));
}

TEST_CASE("matrix_exp: errors") {
    CHECK(message<ShapeError>([] {
              static_cast<void>(matrix_exp(zeros<double>({2, 3})));
          }) == "matrix_exp: a (2, 3) is not square");
    CHECK(message<ShapeError>([] { static_cast<void>(matrix_exp_trace(zeros<double>({3}))); }) ==
          "matrix_exp_trace: a (3,) is no matrix");
}
