#include <tapegrad/ops/igamma.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE_TEMPLATE("igamma and igammac: value", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    const Tensor<T> x = support::uniform<T>({3, 17}, 0, 9), one(T(1));
    // The exponential distribution. The series of a dozen terms and its factor are rounded, to 4 eps and a little more.
    CHECK(support::close(igamma(one, x), -expm1(-x), 8 * eps));
    CHECK(support::close(igammac(Tensor<T>(T(0.5)), x), erfc(sqrt(x)), 4 * eps));
    const Tensor<T> a = support::uniform<T>({17}, 0.1, 40, 2);
    CHECK(support::close(igamma(a, x) + igammac(a, x), ones<T>({3, 17}), 2 * eps));
    CHECK(support::same_bits(igamma(support::spread(a), support::spread(x)), igamma(a, x)));
    CHECK(igamma(zeros<T>({0}), one).shape() == Shape{0});
}

TEST_CASE("igamma and igammac: gradients") {
    const X a = support::uniform<double>({3}, 0.3, 20), x = support::uniform<double>({2, 3}, 0.3, 20, 2);
    CHECK_GRAD([](const auto& v) { return igamma(v[0], v[1]); }, {a, x}, 1);
    CHECK_GRAD([](const auto& v) { return igammac(v[0], v[1]); }, {a, x}, 1);
    // By x to any order, and of the derivative by the shape too.
    CHECK_GRAD([&](const auto& v) { return igamma(a, v[0]); }, {x}, 3);
    CHECK_GRAD(
        [&](const auto& v) {
            const X shape = a.detach().requires_grad_();
            return grad(sum_to(igamma(shape, v[0]), {3}), {shape}, {.create_graph = true},
                        ones<double>({3}))[0];
        },
        {x}, 1, {.absolute = 1e-4, .relative = 1e-4});
    const X zero = X{0}.requires_grad_(), shape = X{2}.requires_grad_();
    const auto d = grad(igamma(shape, zero), {shape, zero}, {}, ones<double>({1}));
    CHECK(d[0].item() == 0);
    CHECK(d[1].item() == 0);
}

TEST_CASE("igamma: the second derivative by the shape is an error") {
    const X a = X(2.0).requires_grad_();
    const X d = grad(igamma(a, X(1.0)), {a}, {.create_graph = true})[0];
    CHECK(message<AutogradError>([&] { static_cast<void>(grad(d, {a})); }) ==
          "log_gamma_slope: the second derivative of the gamma distribution by its shape is not known; "
          "detach() the "
          "shape");
    CHECK(message<ShapeError>([] { static_cast<void>(igamma(zeros<double>({2}), zeros<double>({3}))); }) ==
          "igamma: shapes (2,) and (3,) do not broadcast: sizes 2 and 3 differ at axis -1");
}
