#include <tapegrad/ops/isclose.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("isclose: what kind of number an element is", T, float, double) {
    constexpr T inf = std::numeric_limits<T>::infinity(), none = std::numeric_limits<T>::quiet_NaN();
    const Tensor<T> x{none, inf, -inf, std::numeric_limits<T>::max(), 0, -none};
    CHECK(support::same_bits(isnan(x), Tensor<bool>{true, false, false, false, false, true}));
    CHECK(support::same_bits(isinf(x), Tensor<bool>{false, true, true, false, false, false}));
    CHECK(support::same_bits(isfinite(x), Tensor<bool>{false, false, false, true, true, false}));
    const int64_t W = simd::width<T>;
    for (int64_t n = 1; n <= 2 * W + 1; ++n)
        for (int64_t at = 0; at < n; ++at) {
            Tensor<T> y = support::normal<T>({n});
            y.mutable_data()[at] = none;
            const Tensor<bool> found = isnan(y), finite = isfinite(support::spread(y));
            bool right = true;
            for (int64_t i = 0; i < n; ++i)
                right &= found.data()[i] == (i == at) && finite.data()[i] == (i != at);
            CHECK(right);
        }
    // Inside a map they choose.
    const Tensor<T> replaced = map(
        "replace", [](const auto& v) { return where(isfinite(v), v, where(isnan(v), like(v, 5), 7)); }, x);
    CHECK(support::same_bits(replaced, Tensor<T>{5, 7, 7, std::numeric_limits<T>::max(), 0, 5}));
    CHECK(support::same_bits(isnan(Tensor<int64_t>{1, 0}), Tensor<bool>{false, false}));
    CHECK(support::same_bits(isfinite(Tensor<int32_t>{1, 0}), Tensor<bool>{true, true}));
}

TEST_CASE_TEMPLATE("isclose: as in PyTorch", T, float, double) {
    constexpr T inf = std::numeric_limits<T>::infinity(), none = std::numeric_limits<T>::quiet_NaN();
    const Tensor<T> a{1, 1, 0, inf, inf, none, 1, 10},
        b{T(1.000009), T(1.001), T(1e-8), inf, -inf, none, inf, 11};
    CHECK(
        support::same_bits(isclose(a, b), Tensor<bool>{true, false, true, true, false, false, false, false}));
    CHECK(support::same_bits(isclose(a, b, {.equal_nan = true}),
                             Tensor<bool>{true, false, true, true, false, true, false, false}));
    CHECK(support::same_bits(isclose(a, b, {.rtol = 0.1, .atol = 0}),
                             Tensor<bool>{true, true, false, true, false, false, false, true}));
    CHECK(isclose(Tensor<T>{{1}, {2}}, Tensor<T>{1, 2, 3}).shape() == Shape{2, 3});
    CHECK(support::same_bits(isclose(Tensor<int64_t>{100000, 5}, Tensor<int64_t>{100001, 6}),
                             Tensor<bool>{true, false}));
}

TEST_CASE("isclose: of all elements") {
    const Tensor<double> x = support::normal<double>({4, 30});
    CHECK(allclose(x, x + 1e-9));
    CHECK_FALSE(allclose(x, x + 1e-3));
    CHECK(allclose(x, x + 1e-3, {.atol = 1e-2}));
    CHECK(allclose(zeros<float>({0, 3}), ones<float>({3})));
    CHECK(equal(x, support::spread(x)));
    CHECK_FALSE(equal(x, x + 1e-9));
    CHECK_FALSE(equal(x, reshape(x, {30, 4})));
    CHECK_FALSE(equal(Tensor<float>{NAN}, Tensor<float>{NAN}));
    CHECK(equal(Tensor<int64_t>{1, 2}, Tensor<int64_t>{1, 2}));
    CHECK(equal(Tensor<bool>{true, false}, Tensor<bool>{true, false}));
    CHECK_FALSE(equal(Tensor<bool>{true, false}, Tensor<bool>{true, true}));
    CHECK(equal(ones<bfloat16>({3}), ones<bfloat16>({3})));
    const Tensor<double> leaf = Tensor<double>{1}.requires_grad_();
    CHECK(equal(leaf * 2, leaf + leaf));
}

TEST_CASE("isclose: errors") {
    const Tensor<float> a = zeros<float>({2, 3}), b = zeros<float>({2});
    CHECK(support::message<ShapeError>([&] { static_cast<void>(isclose(a, b)); }) ==
          "isclose: shapes (2, 3) and (2,) do not broadcast: sizes 3 and 2 differ at axis -1");
    const Tensor<double> x = Tensor<double>{1}.requires_grad_();
    CHECK(support::message<AutogradError>([&] {
              const Tensor<double> y = detail::cast<double>(detail::cast<float>(x.detach()));
              backward(where(isnan(x), y, x));
          }) == "nothing thrown");
}
