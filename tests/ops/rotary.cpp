#include <tapegrad/ops/rotary.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/movement.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("rotary: the kernel equals its definition", T, float, double) {
    for (const RotaryLayout layout : {RotaryLayout::halves, RotaryLayout::interleaved})
        for (const int64_t width : {2, 6, 16, 34, 64, 66}) {
            const Tensor<T> x = support::normal<T>({2, 3, 5, width});
            for (const Shape& angles :
                 {Shape{width / 2}, Shape{5, width / 2}, Shape{2, 1, 5, width / 2 - 1}}) {
                const Tensor<T> c = support::normal<T>(angles, 2), s = support::normal<T>(angles, 3);
                const Tensor<T> want = detail::composed_rotary(x, c, s, layout);
                CHECK(support::close(rotary(x, c, s, layout), want, 1e-6));
                // Heads that are parts of rows stay so.
                const Tensor<T> inside = transpose(contiguous(transpose(x, 1, 2)), 1, 2);
                const Tensor<T> y = rotary(inside, c, s, layout);
                CHECK(support::close(y, want, 1e-6));
                CHECK(y.strides() == inside.strides());
            }
        }
}

TEST_CASE("rotary: gradients by x and the angles") {
    for (const RotaryLayout layout : {RotaryLayout::halves, RotaryLayout::interleaved}) {
        const std::vector<Tensor<double>> v{support::normal<double>({2, 2, 3, 5}),
                                            support::normal<double>({3, 2}, 2),
                                            support::normal<double>({3, 2}, 3)},
            first(v.begin(), v.begin() + 1);
        const auto by_both = [layout](const auto& x) { return rotary(x[0], x[1], x[2], layout); };
        const auto by_x = [layout, &v](const auto& x) { return rotary(x[0], v[1], v[2], layout); };
        CHECK_GRAD(by_both, v, 3);
        CHECK_GRAD(by_x, first, 2);
    }
}

TEST_CASE("rotary: empty sizes, NaN and errors") {
    CHECK(rotary(zeros<float>({0, 4}), zeros<float>({0, 2}), zeros<float>({0, 2})).shape() == Shape{0, 4});
    CHECK(rotary(zeros<float>({3, 0}), zeros<float>({3, 0}), zeros<float>({3, 0})).shape() == Shape{3, 0});
    const Tensor<float> y = rotary(Tensor<float>{NAN, 1, 1, 1}, zeros<float>({2}), zeros<float>({2}));
    CHECK(std::isnan(y.data()[0]));
    CHECK(std::isnan(y.data()[2]));
    CHECK(y.data()[1] == 0);
    CHECK(
        message<ShapeError>([] {
            static_cast<void>(rotary(zeros<float>({3, 4}), zeros<float>({3, 3}), zeros<float>({3, 3})));
        }) ==
        "rotary: x (3, 4), cos (3, 3) and sin (3, 3) do not fit: x (batch, heads, length, width) takes equal "
        "cos and sin (..., pairs) of up to width / 2 pairs");
    CHECK(message<ShapeError>([] {
              static_cast<void>(rotary(zeros<float>({3, 4}), zeros<float>({2, 2}), zeros<float>({2, 2})));
          }) == "rotary: a tensor (2, 2) does not expand to (1, 1, 3, 2)");
}
