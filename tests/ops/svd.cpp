#include <tapegrad/ops/svd.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE_TEMPLATE("svd: value", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const Shape& shape :
         {Shape{1, 1}, Shape{2, 4, 3}, Shape{2, 3, 4}, Shape{20, 20}, Shape{2, 2, 3, 3}}) {
        const Tensor<T> a = support::normal<T>(shape);
        const auto y = svd(a);
        CHECK(support::close(matmul(y.u * unsqueeze(y.s, -2), y.vh), a, 60 * eps));
        const int64_t k = std::min(a.size(-1), a.size(-2));
        for (const Tensor<T>& one : {matmul(transpose(y.u), y.u), matmul(y.vh, transpose(y.vh))})
            CHECK(support::close(one, detail::copy(expand(eye<T>(k), one.shape())), 30 * eps));
        CHECK(support::same_bits(svdvals(support::spread(a)), y.s));
    }
    CHECK(svd(zeros<T>({2, 3, 0})).u.shape() == Shape{2, 3, 0});
    CHECK(svd(zeros<T>({2, 0, 3})).vh.shape() == Shape{2, 0, 3});
    CHECK(svdvals(zeros<T>({0, 3, 2})).shape() == Shape{0, 2});
}

TEST_CASE("svd: gradients to the third order") {
    const GradcheckOptions near{.absolute = 1e-3, .relative = 1e-3};
    for (const X& a :
         {X{{1, 0.4}, {-0.3, 3}}, X{{1, 0.4}, {-0.3, 3}, {0.5, 0.2}}, X{{1, 0.4, 0.5}, {-0.3, 3, -1}}}) {
        CHECK_GRAD([](const auto& v) { return svd(v[0]).s; }, {a}, 3, near);
        CHECK_GRAD([](const auto& v) { return svd(v[0]).u; }, {a}, 2, near);
        CHECK_GRAD([](const auto& v) { return svd(v[0]).vh; }, {a}, 2, near);
    }
    CHECK_GRAD(
        [](const auto& v) {
            const auto y = svd(v[0]);
            return matmul(y.u * unsqueeze(log(y.s), -2), y.vh);
        },
        {support::normal<double>({2, 5, 3})}, 1, near);
}

TEST_CASE("svd: equal and vanishing singular values") {
    const X a = eye<double>(3, 2).requires_grad_();
    CHECK(support::close(grad(sum(svdvals(a)), {a})[0], eye<double>(3, 2), 1e-15));
    CHECK(!std::isfinite(sum(grad(select(select(svd(a).u, 0, 0), 0, 1), {a})[0]).item()));
    const X none = zeros<double>({3, 2}).requires_grad_();
    CHECK(std::isfinite(sum(grad(sum(svdvals(none)), {none})[0]).item()));
}

TEST_CASE("svd: errors") {
    CHECK(message<ShapeError>([] { static_cast<void>(svd(zeros<double>({3}))); }) ==
          "svd: a (3,) is no matrix");
    CHECK(message<ValueError>([] {
              static_cast<void>(svdvals(full<double>({2, 1}, std::numeric_limits<double>::infinity())));
          }) == "svd: a (2, 1) holds inf at (0, 0)");
}
