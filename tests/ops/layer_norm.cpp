#include <tapegrad/ops/layer_norm.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/golden.hpp"
#include "../support/message.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::Golden;
using support::message;

namespace {

template <class T>
Tensor<double> reference(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& bias, double eps) {
    const int64_t n = x.size(-1);
    Tensor<double> y = empty<double>(x.shape());
    for (int64_t start = 0; start < x.numel(); start += n) {
        double mean = 0, variance = 0;
        const auto at = [&](int64_t i) { return static_cast<double>(x.data()[start + i]); };
        for (int64_t i = 0; i < n; ++i) mean += at(i) / static_cast<double>(n);
        for (int64_t i = 0; i < n; ++i) variance += (at(i) - mean) * (at(i) - mean) / static_cast<double>(n);
        for (int64_t i = 0; i < n; ++i) {
            const double h = (at(i) - mean) / std::sqrt(variance + eps);
            detail::output(y)[start + i] =
                h * (weight.defined() ? static_cast<double>(weight.data()[i]) : 1) +
                (bias.defined() ? static_cast<double>(bias.data()[i]) : 0);
        }
    }
    return y;
}

}

TEST_CASE_TEMPLATE("layer_norm: value", T, float, double) {
    constexpr double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    constexpr int64_t W = simd::width<T>;
    for (const int64_t n : {int64_t{1}, int64_t{2}, W - 1, W, W + 1, 2 * W + 1, int64_t{768}}) {
        CAPTURE(n);
        const Tensor<T> x = support::uniform<T>({3, 2, n}, -3, 5), w = support::normal<T>({n}, 2),
                        b = support::normal<T>({n}, 3);
        // Two elements may lie near each other: what the mean loses is seen after the division.
        const double tolerance = 200 * eps;
        CHECK(support::close(layer_norm(x), reference(x, {}, {}, 1e-5), tolerance));
        CHECK(support::close(layer_norm(x, w, b, 1e-3), reference(x, w, b, 1e-3), tolerance));
        CHECK(support::same_bits(layer_norm(support::spread(x), w, support::spread(b)), layer_norm(x, w, b)));
    }
    CHECK(layer_norm(empty<T>({0, 5})).shape() == Shape{0, 5});
    CHECK(layer_norm(empty<T>({5, 0})).shape() == Shape{5, 0});
    // No cancellation far from zero.
    const Tensor<T> far = support::uniform<T>({2, 64}, 1e4, 1e4 + 1);
    CHECK(support::close(layer_norm(far), reference(far, {}, {}, 1e-5), 1e4 * 64 * eps));
}

TEST_CASE_TEMPLATE("layer_norm: a NaN spoils its row and no other", T, float, double) {
    const int64_t n = 2 * simd::width<T> + 1;
    for (int64_t at = 0; at < n; ++at) {
        Tensor<T> x = support::normal<T>({3, n});
        x.set({1, at}, std::numeric_limits<T>::quiet_NaN());
        const Tensor<T> y = layer_norm(x);
        bool right = true;
        for (int64_t r = 0; r < 3; ++r)
            for (int64_t i = 0; i < n; ++i) right &= std::isnan(y(r, i)) == (r == 1);
        CHECK(right);
    }
}

TEST_CASE("layer_norm: gradients") {
    const Tensor<double> x = support::normal<double>({2, 4}), w = support::normal<double>({4}, 2),
                         b = support::normal<double>({4}, 3);
    const GradcheckOptions options{.absolute = 1e-4};
    CHECK_GRAD([](const auto& v) { return layer_norm(v[0]); }, {x}, 3, options);
    CHECK_GRAD([](const auto& v) { return layer_norm(v[0], v[1], v[2]); }, {x, w, b}, 3, options);
    CHECK_GRAD([](const auto& v) { return layer_norm(v[0], v[1]); }, {x, w}, 2, options);
    CHECK_GRAD([](const auto& v) { return layer_norm(v[0], {}, v[1]); }, {x, b}, 2, options);
    CHECK_GRAD([&](const auto& v) { return layer_norm(v[0], v[1], v[2]); },
               {support::spread(support::normal<double>({2, 3, 19})), support::normal<double>({19}, 2),
                support::normal<double>({19}, 3)},
               1);
    // Some of the inputs alone.
    CHECK_GRAD([&](const auto& v) { return layer_norm(x, v[0], b); }, {w}, 2);
    CHECK_GRAD([&](const auto& v) { return layer_norm(v[0], w, b); }, {x}, 2, options);
}

TEST_CASE("layer_norm: PyTorch's values and gradients") {
    Golden::check("layer_norm.affine", {"x", "weight", "bias"},
                  [](const auto& v) { return layer_norm(v[0], v[1], v[2]); });
    Golden::check("layer_norm.plain", {"x"}, [](const auto& v) { return layer_norm(v[0]); });
    // The variance of a row here is down to 1e-6: three digits less.
    Golden::check(
        "layer_norm.near_constant", {"x"}, [](const auto& v) { return layer_norm(v[0]); }, 1e-8);
    Golden::check("layer_norm.two_axes", {"x", "weight", "bias"}, [](const auto& v) {
        return reshape(layer_norm(flatten(v[0], 1), flatten(v[1]), flatten(v[2])), {2, 3, 4});
    });
}

TEST_CASE("layer_norm: the bits do not depend on the number of threads") {
    const Tensor<float> x = support::normal<float>({900, 129}), w = support::normal<float>({129}, 2),
                        dy = support::normal<float>({900, 129}, 3);
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        Tensor<float> a = detail::copy(x).requires_grad_(), b = detail::copy(w).requires_grad_(),
                      c = detail::copy(w).requires_grad_();
        const Tensor<float> y = layer_norm(a, b, c);
        backward(y, dy);
        return std::array{y.detach(), a.grad(), b.grad(), c.grad()};
    };
    const auto one = run(1);
    for (int threads = 2; threads <= 4; ++threads) {
        const auto many = run(threads);
        for (std::size_t i = 0; i < one.size(); ++i) CHECK(support::same_bits(one[i], many[i]));
    }
}

TEST_CASE("layer_norm: errors") {
    const Tensor<float> x = zeros<float>({2, 3}), four = zeros<float>({4});
    CHECK(message<ShapeError>([&] { static_cast<void>(layer_norm(x, four)); }) ==
          "layer_norm: weight (4,) for x (2, 3); it must be (3,)");
    CHECK(message<ShapeError>([&] { static_cast<void>(layer_norm(x, {}, four)); }) ==
          "layer_norm: bias (4,) for x (2, 3); it must be (3,)");
    CHECK(message<ShapeError>([&] { static_cast<void>(layer_norm(Tensor<float>(1.0F))); }) ==
          "layer_norm: x of rank 0 has no axis to normalise");
}
