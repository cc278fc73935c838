#include <tapegrad/distributions/transforms.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {

/// The inverse, the logarithm of the slope and its sign, and derivatives of all at x.
template <class F>
void check_transform(const F& f, const X& x) {
    static_assert(Transform<F, double>);
    const X leaf = detail::copy(x).requires_grad_(), y = f(leaf);
    CHECK(support::close(f.inverse(y), x, 1e-9));
    const X slope = grad(y, {leaf}, {}, ones<double>(x.shape()))[0];
    CHECK(support::close(f.log_abs_det(x, y.detach()), log(abs(slope)), 1e-9));
    CHECK(support::close(sign(slope), detail::copy(expand(f.sign() * ones<double>({1}), x.shape())), 0));
    CHECK_GRAD([&](const auto& v) { return f.log_abs_det(v[0], f(v[0])); }, {x}, 2);
    CHECK_GRAD([&](const auto& v) { return f.inverse(f(v[0]) * 1.0); }, {x}, 2,
               {.absolute = 1e-4, .relative = 1e-4});
}

}

TEST_CASE("transforms: slopes and inverses") {
    const X x{-1.5, -0.3, 0.2, 2}, positive{0.1, 0.7, 3};
    check_transform(ExpTransform(), x);
    check_transform(SigmoidTransform(), x);
    check_transform(TanhTransform(), x);
    check_transform(SoftplusTransform(), x);
    check_transform(AffineTransform(X{1, 2, 3, 4}, X{-2, 0.5, 1, 3}), x);
    check_transform(PowerTransform(2.5), positive);
    check_transform(PowerTransform(-1), positive);
    check_transform(InverseTransform(ExpTransform()), positive);
    check_transform(InverseTransform(AffineTransform(X(1.0), X(-2.0))), x);
    const AffineTransform single(Tensor<float>(1.0F), Tensor<float>(2.0F));
    CHECK(single(Tensor<float>(3.0F)).item() == 7);
}

TEST_CASE("transforms: far values") {
    CHECK(SigmoidTransform().log_abs_det(X{-800, 800}, X{0, 1})(0) == -800);
    CHECK(TanhTransform().log_abs_det(X{300}, X{1})(0) == doctest::Approx(2 * (std::log(2.0) - 300)));
    CHECK(std::isfinite(SigmoidTransform().inverse(X{0, 1})(1)));
    CHECK(SoftplusTransform().inverse(X{800})(0) == 800);
}

TEST_CASE("transforms: errors") {
    CHECK(message<ValueError>([] {
              AffineTransform(X{0}, X{1, 0});
          }) == "AffineTransform: scale holds 0; it must not be 0");
    CHECK(message<ShapeError>([] {
              AffineTransform(X{0, 1}, X{1, 2, 3});
          }) == "AffineTransform: shapes (2,) and (3,) do not broadcast: sizes 2 and 3 differ at axis -1");
    CHECK(message<ValueError>([] { PowerTransform(0); }) ==
          "PowerTransform: the exponent is 0; it must not be 0");
}
