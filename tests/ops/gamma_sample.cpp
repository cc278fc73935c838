#include <tapegrad/ops/gamma_sample.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <tapegrad/ops/reduce.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE_TEMPLATE("log_gamma_sample: moments", T, float, double) {
    Generator generator(5);
    for (const double a : {0.2, 1.0, 3.5}) {
        const Tensor<T> y = log_gamma_sample(full<T>({40000}, static_cast<T>(a)), generator);
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < y.numel(); ++i) {
            const double x = std::exp(static_cast<double>(y.data()[i]));
            sum += x;
            squares += x * x;
        }
        CHECK(std::fabs(sum / 40000 - a) < 5 * std::sqrt(a / 40000));
        CHECK(std::fabs(squares / 40000 - a * (a + 1)) < 5 * std::sqrt(a * (a + 1) * (4 * a + 6) / 40000));
    }
    CHECK(log_gamma_sample(zeros<T>({0, 3}), generator).shape() == Shape{0, 3});
    const Tensor<T> a = support::uniform<T>({3, 5}, 0.1, 4);
    Generator one(1), two(1);
    CHECK(support::same_bits(log_gamma_sample(support::spread(a), one), log_gamma_sample(a, two)));
}

TEST_CASE("log_gamma_sample: the gradient keeps the place in the distribution") {
    const X a = support::uniform<double>({50}, 0.05, 30).requires_grad_();
    Generator generator(1);
    const X y = log_gamma_sample(a, generator), d = grad(y, {a}, {}, ones<double>({50}))[0];
    for (int64_t i = 0; i < 50; ++i) {
        const double h = 1e-5, x = std::exp(y(i));
        const double place = simd::detail::igamma(a(i), x, false);
        // Of a shape h away the number at the same place.
        const double moved = simd::detail::igamma(a(i) + h, x * (1 + d(i) * h), false);
        CHECK(std::fabs(moved - place) < 1e-8 * (1 + std::fabs(d(i))));
    }
    // The mean of x is a: its derivative is 1.
    const X shape = full<double>({40000}, 0.7).requires_grad_();
    const X one = grad(mean(exp(log_gamma_sample(shape, generator))), {shape})[0];
    double sum = 0;
    for (int64_t i = 0; i < one.numel(); ++i) sum += one(i);
    CHECK(std::fabs(sum - 1) < 0.05);
}

TEST_CASE("log_gamma_sample: no second derivative") {
    const X a = X(2.0).requires_grad_();
    Generator generator(1);
    const X d = grad(log_gamma_sample(a, generator), {a}, {.create_graph = true})[0];
    CHECK(message<AutogradError>([&] { static_cast<void>(grad(d, {a})); }) ==
          "log_gamma_slope: the second derivative of the gamma distribution by its shape is not known; "
          "detach() the "
          "shape");
}
