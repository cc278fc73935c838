#include <tapegrad/ops/eigh.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {
template <class T>
Tensor<T> symmetric(const Tensor<T>& a) {
    return (a + transpose(a)) * T(0.5);
}
}

TEST_CASE_TEMPLATE("eigh: value", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const Shape& shape : {Shape{1, 1}, Shape{2, 2}, Shape{3, 5, 5}, Shape{2, 2, 20, 20}}) {
        const Tensor<T> a = symmetric(support::normal<T>(shape));
        const auto y = eigh(a);
        CHECK(support::close(matmul(y.vectors * unsqueeze(y.values, -2), transpose(y.vectors)), a, 50 * eps));
        CHECK(support::same_bits(eigvalsh(tril(a)), y.values));
        CHECK(support::same_bits(eigh(support::spread(a)).vectors, y.vectors));
    }
    CHECK(eigh(zeros<T>({2, 0, 0})).vectors.shape() == Shape{2, 0, 0});
    CHECK(eigvalsh(zeros<T>({0, 3, 3})).shape() == Shape{0, 3});
}

TEST_CASE("eigh: gradients to the third order") {
    const GradcheckOptions near{.absolute = 1e-3, .relative = 1e-3};
    const X a{{1, 0.5}, {0.3, 3}};
    CHECK_GRAD([](const auto& v) { return eigh(symmetric(v[0])).values; }, {a}, 3, near);
    CHECK_GRAD([](const auto& v) { return eigh(symmetric(v[0])).vectors; }, {a}, 3, near);
    CHECK_GRAD(
        [](const auto& v) {
            const auto y = eigh(symmetric(v[0]));
            return matmul(y.vectors * unsqueeze(exp(y.values), -2), transpose(y.vectors));
        },
        {support::normal<double>({2, 4, 4})}, 1, near);
}

TEST_CASE("eigh: equal eigenvalues") {
    // Of the values alone every derivative that exists is had.
    const X a = eye<double>(3).requires_grad_();
    CHECK(support::close(grad(sum(eigvalsh(a)), {a})[0], eye<double>(3), 1e-15));
    CHECK(!std::isfinite(sum(grad(sum(eigh(a).vectors), {a})[0]).item()));
}

TEST_CASE("eigh: errors") {
    CHECK(message<ShapeError>([] {
              static_cast<void>(eigh(zeros<double>({2, 3})));
          }) == "eigh: a (2, 3) is not square");
    X a = zeros<double>({2, 2, 2});
    a.set({1, 0, 1}, std::numeric_limits<double>::infinity());
    CHECK(message<ValueError>([&] { static_cast<void>(eigvalsh(a)); }) ==
          "eigh: a[1] of shape (2, 2, 2) holds inf at (0, 1)");
}
