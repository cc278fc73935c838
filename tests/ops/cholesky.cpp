#include <tapegrad/ops/cholesky.hpp>

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
Tensor<T> positive(const Tensor<T>& a) {
    return matmul(a, transpose(a)) + eye<T>(a.size(-1)) * static_cast<T>(a.size(-1));
}
}

TEST_CASE_TEMPLATE("cholesky: value", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const int64_t n : {0, 1, 2, 7, 16, 17, 65, 130}) {
        const Tensor<T> a = positive(support::normal<T>({2, n, n})), y = cholesky(a);
        CHECK(support::close(matmul(y, transpose(y)), a, 10 * eps * std::sqrt(static_cast<double>(n + 1))));
        CHECK(support::same_bits(tril(y), y));
        CHECK(support::same_bits(cholesky(support::spread(a)), y));
        CHECK(support::same_bits(cholesky(a, {.upper = true}), detail::copy(transpose(y))));
    }
    CHECK(cholesky(zeros<T>({0, 3, 3})).shape() == Shape{0, 3, 3});
}

TEST_CASE("cholesky: which triangle is read") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(support::same_bits(cholesky(X{{4, nan}, {2, 5}}), X{{2, 0}, {1, 2}}));
    CHECK(support::same_bits(cholesky(X{{4, 2}, {nan, 5}}, {.upper = true}), X{{2, 1}, {0, 2}}));
}

TEST_CASE("cholesky: gradients to the third order, symmetric") {
    CHECK_GRAD([](const auto& v) { return cholesky(positive(v[0])); }, {support::normal<double>({2, 2})}, 3,
               {.absolute = 1e-4, .relative = 1e-4});
    CHECK_GRAD([](const auto& v) { return cholesky(positive(v[0]), {.upper = true}); },
               {support::normal<double>({2, 20, 20})}, 1);
    const X a = detail::copy(positive(support::normal<double>({3, 3}))).requires_grad_();
    const X d = grad(sum(cholesky(a)), {a})[0];
    CHECK(support::close(d, transpose(d), 1e-14));
}

TEST_CASE("cholesky: errors") {
    const auto failure = [](const X& a, bool upper = false) {
        return message<ValueError>([&] { static_cast<void>(cholesky(a, {.upper = upper})); });
    };
    CHECK(failure(X{{1, 0}, {2, 1}}) ==
          "cholesky: a (2, 2) is not positive definite: its leading minor of order 2 is not positive");
    CHECK(failure(X{{0, 0}, {0, 0}}, true) ==
          "cholesky: a (2, 2) is not positive definite: its leading minor of order 1 is not positive");
    X a = detail::copy(expand(eye<double>(40), {2, 3, 40, 40}));
    a.set({1, 2, 35, 35}, std::numeric_limits<double>::quiet_NaN());
    CHECK(failure(a) ==
          "cholesky: a[1, 2] of shape (2, 3, 40, 40) is not positive definite: its leading minor of "
          "order 36 is not positive");
    CHECK(message<ShapeError>([] {
              static_cast<void>(cholesky(zeros<double>({2, 3})));
          }) == "cholesky: a (2, 3) is not square");
    CHECK(message<ShapeError>([] {
              static_cast<void>(cholesky(zeros<double>({2, 3}), {.upper = true}));
          }) == "cholesky: a (2, 3) is not square");
}
