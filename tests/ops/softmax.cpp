#include <tapegrad/ops/softmax.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/golden.hpp"
#include "../support/message.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::Golden;
using support::message;

namespace {

/// Along the middle axis of (outer, n, inner), in double.
template <class T>
Tensor<double> reference(const Tensor<T>& x, bool logarithm) {
    Tensor<double> y = empty<double>(x.shape());
    const int64_t n = x.size(1), inner = x.size(2);
    for (int64_t o = 0; o < x.size(0); ++o)
        for (int64_t j = 0; j < inner; ++j) {
            const auto at = [&](int64_t i) { return (o * n + i) * inner + j; };
            double top = -std::numeric_limits<double>::infinity(), total = 0;
            for (int64_t i = 0; i < n; ++i) top = std::fmax(top, static_cast<double>(x.data()[at(i)]));
            for (int64_t i = 0; i < n; ++i) total += std::exp(static_cast<double>(x.data()[at(i)]) - top);
            for (int64_t i = 0; i < n; ++i) {
                const double l = static_cast<double>(x.data()[at(i)]) - top - std::log(total);
                detail::output(y)[at(i)] = logarithm ? l : std::exp(l);
            }
        }
    return y;
}

}

TEST_CASE_TEMPLATE("softmax: value", T, float, double) {
    constexpr double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    constexpr int64_t W = simd::width<T>;
    for (const int64_t n : {int64_t{0}, int64_t{1}, W - 1, W, W + 1, 2 * W + 1, int64_t{300}})
        for (const int64_t inner : {int64_t{1}, int64_t{3}, 2 * W + 1}) {
            CAPTURE(n);
            CAPTURE(inner);
            const Tensor<T> x = support::uniform<T>({2, n, inner}, -20, 20);
            CHECK(support::close(softmax(x, 1), reference(x, false), 8 * eps));
            CHECK(support::close(log_softmax(x, 1), reference(x, true), 8 * eps));
            CHECK(support::close(softmax(support::spread(x), 1), reference(x, false), 8 * eps));
            CHECK(support::same_bits(log_softmax(support::spread(x), -2), log_softmax(x, 1)));
        }
}

TEST_CASE_TEMPLATE("softmax: a NaN spoils its row and no other, wherever it is", T, float, double) {
    const int64_t n = 2 * simd::width<T> + 1;
    for (int64_t at = 0; at < n; ++at) {
        Tensor<T> x = support::normal<T>({3, n});
        x.set({1, at}, std::numeric_limits<T>::quiet_NaN());
        const Tensor<T> y = softmax(x), l = log_softmax(x);
        bool right = true;
        for (int64_t i = 0; i < n; ++i)
            for (int64_t r = 0; r < 3; ++r)
                right &= std::isnan(y(r, i)) == (r == 1) && std::isnan(l(r, i)) == (r == 1);
        CHECK(right);
    }
}

TEST_CASE("softmax: infinities as in PyTorch") {
    const float inf = INFINITY;
    const Tensor<float> x{{-inf, 0, -inf}, {-inf, -inf, -inf}, {inf, 0, 1}, {1e5F, -1e5F, 1e5F}};
    const Tensor<float> y = softmax(x);
    CHECK(y(0, 0) == 0);
    CHECK(y(0, 1) == 1);
    for (int64_t i = 0; i < 3; ++i) CHECK(std::isnan(y(1, i)));
    CHECK(std::isnan(y(2, 0)));
    CHECK(y(3, 0) == 0.5F);
    CHECK(y(3, 1) == 0);
    CHECK(log_softmax(x)(3, 1) == doctest::Approx(-2e5));
}

TEST_CASE("softmax: gradients to the third order") {
    const Tensor<double> x = support::normal<double>({2, 4});
    for (const int64_t axis : {0, 1}) {
        CHECK_GRAD([axis](const auto& v) { return softmax(v[0], axis); }, {x}, 3);
        CHECK_GRAD([axis](const auto& v) { return log_softmax(v[0], axis); }, {x}, 3);
    }
    CHECK_GRAD([](const auto& v) { return softmax(v[0], 1); },
               {support::spread(support::normal<double>({2, 19, 3}))}, 1);
    CHECK_GRAD([](const auto& v) { return log_softmax(v[0], 1); }, {support::normal<double>({1, 19, 3})}, 1);
}

TEST_CASE("softmax: PyTorch's values and gradients") {
    for (const char* axis : {"0", "1", "2"}) {
        Golden::check(std::string("softmax.axis") + axis, {"x"},
                      [&](const auto& v) { return softmax(v[0], *axis - '0'); });
        Golden::check(std::string("log_softmax.axis") + axis, {"x"},
                      [&](const auto& v) { return log_softmax(v[0], *axis - '0'); });
    }
    Golden::check("softmax.large", {"x"}, [](const auto& v) { return softmax(v[0]); });
    Golden::check("log_softmax.large", {"x"}, [](const auto& v) { return log_softmax(v[0]); });
}

TEST_CASE("softmax: the bits do not depend on the number of threads") {
    for (const int64_t axis : {0, 1}) {
        const Tensor<float> x = support::normal<float>({700, 301}),
                            dy = support::normal<float>({700, 301}, 2);
        const auto run = [&](int threads) {
            const support::Threads scope(threads);
            const Tensor<float> in = detail::copy(x).requires_grad_();
            const Tensor<float> y = softmax(in, axis);
            return std::array{y.detach(), grad(y, {in}, {}, dy)[0]};
        };
        const auto one = run(1);
        for (int threads = 2; threads <= 4; ++threads)
            for (std::size_t i = 0; i < 2; ++i) CHECK(support::same_bits(one[i], run(threads)[i]));
    }
}

TEST_CASE("softmax: softmin gives the smallest the most") {
    const Tensor<double> x{{1, 2}, {800, 2}};
    CHECK(support::same_bits(softmin(x), softmax(Tensor<double>{{-1, -2}, {-800, -2}})));
    CHECK(softmin(x, 0)(1, 0) == 0);
    CHECK_GRAD([](const auto& v) { return softmin(v[0], 0); }, {support::normal<double>({3, 2})}, 3);
}

TEST_CASE("softmax: errors") {
    const Tensor<float> x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] { static_cast<void>(softmin(x, 2)); }) ==
          "softmin: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { static_cast<void>(softmax(x, 2)); }) ==
          "softmax: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { static_cast<void>(log_softmax(x, -3)); }) ==
          "log_softmax: axis -3 is outside [-2, 2) of a tensor of rank 2");
}
