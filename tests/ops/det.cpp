#include <tapegrad/ops/det.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE_TEMPLATE("det and slogdet: value", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    CHECK(support::close(det(Tensor<T>{{1, 2}, {3, 4}}), Tensor<T>(T(-2)), 8 * eps));
    CHECK(det(Tensor<T>{{0, 1}, {1, 0}}).item() == T(-1));
    CHECK(det(Tensor<T>{{1, 2}, {2, 4}}).item() == T(0));
    CHECK(support::same_bits(det(zeros<T>({2, 0, 0})), ones<T>({2})));
    CHECK(det(zeros<T>({0, 2, 2})).shape() == Shape{0});
    const Tensor<T> a = support::normal<T>({3, 2, 9, 9});
    const auto y = slogdet(a);
    CHECK(support::close(y.sign * exp(y.logabsdet), det(a), 200 * eps));
    CHECK(support::same_bits(det(support::spread(a)), det(a)));
    // Where the determinant itself overflows.
    const Tensor<T> large = eye<T>(200) * T(-1e3);
    CHECK(slogdet(large).sign.item() == T(1));
    CHECK(
        support::close(slogdet(large).logabsdet, Tensor<T>(static_cast<T>(200 * std::log(1e3))), 100 * eps));
}

TEST_CASE("slogdet: singular, NaN, empty") {
    const auto singular = slogdet(X{{1, 2}, {2, 4}});
    CHECK(singular.sign.item() == 0);
    CHECK(singular.logabsdet.item() == -std::numeric_limits<double>::infinity());
    const auto wrong = slogdet(X{{1, 2}, {2, std::numeric_limits<double>::quiet_NaN()}});
    CHECK(std::isnan(wrong.sign.item()));
    CHECK(std::isnan(wrong.logabsdet.item()));
    CHECK(slogdet(zeros<double>({0, 0})).sign.item() == 1);
    CHECK(slogdet(zeros<double>({0, 0})).logabsdet.item() == 0);
}

TEST_CASE("det: gradients to the third order, at singular matrices too") {
    const GradcheckOptions near{.absolute = 1e-4, .relative = 1e-4};
    for (const X& a : {support::normal<double>({3, 3}), X{{1, 2}, {2, 4}}, zeros<double>({2, 2}), X{{3}},
                       zeros<double>({1, 1}), X{{1, 2, 3}, {2, 4, 6}, {1, 1, 1}},
                       X{{1, 2, 3}, {2, 4, 6}, {3, 6, 9}}, zeros<double>({3, 3})}) {
        CAPTURE(a.shape().to_string());
        CHECK_GRAD([](const auto& v) { return det(v[0]); }, {a}, a.size(0) == 3 ? 2 : 3, near);
    }
    CHECK_GRAD([](const auto& v) { return det(v[0]); }, {support::normal<double>({2, 2, 2})}, 3, near);
    // The cofactors of a matrix of rank n - 1.
    const X a = X{{1, 2}, {2, 4}}.requires_grad_();
    CHECK(support::close(grad(det(a), {a})[0], X{{4, -2}, {-2, 1}}, 1e-15));
}

TEST_CASE("det: without division it is the same") {
    for (const int64_t n : {1, 2, 3, 4, 7}) {
        const X a = support::normal<double>({2, n, n});
        CHECK(support::close(detail::det_of_products(a), det(a), 1e-11));
    }
}

TEST_CASE("slogdet: gradients to the third order") {
    CHECK_GRAD([](const auto& v) { return slogdet(v[0]).logabsdet; },
               {support::normal<double>({2, 2, 2}) + 2 * eye<double>(2)}, 3,
               {.absolute = 1e-4, .relative = 1e-4});
    CHECK_GRAD([](const auto& v) { return slogdet(v[0]).logabsdet; }, {support::normal<double>({8, 8})}, 1);
}

TEST_CASE("det and slogdet: errors") {
    CHECK(message<ShapeError>([] {
              static_cast<void>(det(zeros<double>({2, 3})));
          }) == "det: a (2, 3) is not square");
    CHECK(message<ShapeError>([] { static_cast<void>(slogdet(zeros<double>({3}))); }) ==
          "slogdet: a (3,) is no matrix");
    const X a = X{{1, 2}, {2, 4}}.requires_grad_();
    CHECK(message<ValueError>([&] { static_cast<void>(grad(slogdet(a).logabsdet, {a})); }) ==
          "slogdet: a (2, 2) is singular: pivot 2 is 0");
    CHECK(message<AutogradError>([&] { static_cast<void>(grad(slogdet(a).sign, {a})); }) ==
          "slogdet sign: has no derivative, but a gradient was asked through it; detach() its result");
}
