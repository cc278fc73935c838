#include <tapegrad/flows/tanh_root.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("tanh_root: roots of steep, flat and far ones", T, float, double) {
    const Tensor<T> a = support::normal<T>({200}) * T(3);
    const Tensor<T> scales{T(-0.99), T(-0.5), T(0), T(2), T(1000)};
    for (int64_t i = 0; i < 5; ++i) {
        const Tensor<T> scale(scales.data()[i]), offset(T(0.3)), slope(T(1));
        const Tensor<T> y = a + scale * tanh(slope * a + offset);
        const Tensor<T> root = detail::tanh_root(y, scale, slope, offset);
        const Tensor<T> again = root + scale * tanh(slope * root + offset);
        CHECK(support::close(again, y, std::is_same_v<T, float> ? 1e-5 : 1e-12));
        CHECK(root.shape() == Shape{200});
    }
    CHECK(detail::tanh_root(zeros<T>({0}), Tensor<T>(T(1)), Tensor<T>(T(1)), Tensor<T>(T(0))).numel() == 0);
}

TEST_CASE("tanh_root: gradients, NaN") {
    using X = Tensor<double>;
    CHECK_GRAD(
        [](const auto& v) { return detail::tanh_root(v[0], v[1], v[2], v[3]); },
        {support::normal<double>({3, 2}), X{-0.7, 2.0}, X{1.2, 0.4}, support::normal<double>({3, 2}, 2)}, 2);
    // One that is NaN does not keep the others from theirs.
    const X y{std::nan(""), 50.0};
    const X root = detail::tanh_root(y, X(100.0), X(1.0), X(0.0));
    CHECK(std::isnan(root.data()[0]));
    CHECK(root.data()[1] + 100 * std::tanh(root.data()[1]) == doctest::Approx(50.0));
}
