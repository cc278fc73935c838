#include <tapegrad/ops/qr.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE_TEMPLATE("qr: value", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const Shape& shape :
         {Shape{1, 1}, Shape{2, 4, 3}, Shape{2, 3, 4}, Shape{40, 40}, Shape{70, 35}, Shape{3, 2, 5, 5}}) {
        const Tensor<T> a = support::normal<T>(shape);
        const auto y = qr(a);
        const int64_t k = std::min(a.size(-1), a.size(-2));
        CHECK(y.q.size(-1) == k);
        CHECK(y.r.size(-2) == k);
        CHECK(support::close(matmul(y.q, y.r), a, 40 * eps));
        const Tensor<T> one = matmul(transpose(y.q), y.q);
        CHECK(support::close(one, detail::copy(expand(eye<T>(k), one.shape())), 20 * eps));
        CHECK(support::same_bits(triu(y.r), detail::copy(y.r)));
        CHECK(support::same_bits(qr(support::spread(a)).r, y.r));
    }
    CHECK(qr(zeros<T>({2, 3, 0})).q.shape() == Shape{2, 3, 0});
    CHECK(qr(zeros<T>({2, 0, 3})).r.shape() == Shape{2, 0, 3});
    CHECK(qr(zeros<T>({0, 3, 2})).r.shape() == Shape{0, 2, 2});
}

TEST_CASE("qr: gradients to the third order") {
    const GradcheckOptions near{.absolute = 1e-3, .relative = 1e-3};
    for (const Shape& shape : {Shape{2, 2}, Shape{3, 2}, Shape{2, 3}}) {
        CHECK_GRAD([](const auto& v) { return qr(v[0]).q; }, {support::normal<double>(shape)}, 3, near);
        CHECK_GRAD([](const auto& v) { return qr(v[0]).r; }, {support::normal<double>(shape)}, 3, near);
        CHECK_GRAD(
            [](const auto& v) {
                const auto y = qr(v[0]);
                return matmul(y.q, exp(y.r));
            },
            {support::normal<double>(shape)}, 2, near);
    }
}

TEST_CASE("qr: errors") {
    CHECK(message<ShapeError>([] { static_cast<void>(qr(zeros<double>({3}))); }) ==
          "qr: a (3,) is no matrix");
}
