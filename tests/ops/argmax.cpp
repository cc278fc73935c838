#include <tapegrad/ops/argmax.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

/// The first place of the largest (sign 1) or smallest (sign -1) along an axis.
template <class T>
Tensor<int64_t> reference(const Tensor<T>& x, int axis, int sign) {
    Shape shape = x.shape();
    shape.erase(axis);
    Tensor<int64_t> y = empty<int64_t>(shape);
    support::for_each_place(shape, [&](Dims p, int64_t i) {
        p.insert(axis, 0);
        int64_t best = 0;
        double top = 0;
        for (p[axis] = 0; p[axis] < x.shape()[axis]; ++p[axis]) {
            const double v = sign * static_cast<double>(support::broadcast_at(x, p));
            if (p[axis] == 0 || v > top || (v != v && top == top)) {
                top = v;
                best = p[axis];
            }
        }
        detail::output(y)[i] = best;
    });
    return y;
}

}

TEST_CASE_TEMPLATE("argmax: value along every axis of every layout", T, float, double, int32_t, int64_t) {
    // Few different values: many ties.
    const Tensor<T> x = detail::cast<T>(support::uniform<double>({3, 37, 5}, -4, 4));
    for (const Tensor<T>& layout : {x, support::spread(x)})
        for (int axis = 0; axis < 3; ++axis) {
            CHECK(support::same_bits(argmax(layout, axis), reference(layout, axis, 1)));
            CHECK(support::same_bits(argmin(layout, axis - 3), reference(layout, axis, -1)));
        }
    CHECK(argmax(x, 1, true).shape() == Shape{3, 1, 5});
}

TEST_CASE("argmax: flattened, in row-major order of the view") {
    const Tensor<float> x{{1, 9, 3}, {7, 9, 0}};
    CHECK(argmax(x).item() == 1);
    CHECK(argmin(x).item() == 5);
    CHECK(argmax(support::spread(x)).item() == 1);
    CHECK(argmax(Tensor<float>(2.0f)).item() == 0);
    CHECK(argmax(Tensor<float>(2.0f), -1).item() == 0);
    CHECK(argmin(Tensor<float>(2.0f), 0).shape() == Shape{});
}

TEST_CASE_TEMPLATE("argmax: the first NaN wins, at every position", T, float, double) {
    const T nan = std::numeric_limits<T>::quiet_NaN();
    for (int64_t n = 1; n <= 2 * simd::width<T> + 1; ++n)
        for (int64_t at = 0; at < n; ++at) {
            Tensor<T> x = support::normal<T>({n});
            x.set({n - 1}, nan);
            x.set({at}, nan);
            REQUIRE(argmax(x).item() == at);
            REQUIRE(argmin(x).item() == at);
        }
}

TEST_CASE("argmax: has no derivative, and says so") {
    auto x = Tensor<double>{1, 2};
    x.requires_grad_();
    const auto y = argmax(x);
    CHECK(y.item() == 1);
    CHECK(y.requires_grad());
    CHECK_FALSE(argmax(x.detach()).requires_grad());
}

TEST_CASE_TEMPLATE("argmax: max and min with their places, along every axis", T, float, double, int32_t) {
    const Tensor<T> x = detail::cast<T>(support::uniform<double>({3, 7, 5}, -4, 4));
    for (const Tensor<T>& layout : {x, support::spread(x)})
        for (int axis = 0; axis < 3; ++axis)
            for (const bool keepdims : {false, true}) {
                const auto [top, at] = max(layout, axis, keepdims);
                CHECK(support::same_bits(at, argmax(x, axis, keepdims)));
                CHECK(support::same_bits(top, amax(x, axis, keepdims)));
                CHECK(support::same_bits(min(layout, axis, keepdims).values, amin(x, axis, keepdims)));
            }
    CHECK(max(Tensor<T>(T(2)), -1).values.item() == T(2));
    CHECK(min(Tensor<T>(T(2)), 0).indices.shape() == Shape{});
}

TEST_CASE("argmax: the gradient of max goes to the first of several") {
    Tensor<double> x = Tensor<double>{{1, 5, 5}, {2, -1, 0}}.requires_grad_();
    const auto [top, at] = max(x, 1);
    sum(top * Tensor<double>{3, 4}).backward();
    CHECK(to_vector(x.grad()) == std::vector<double>{0, 3, 0, 4, 0, 0});
    CHECK(at.requires_grad());  // a gradient that is asked through it is an error
    CHECK_GRAD([](const std::vector<Tensor<double>>& in) { return square(min(in[0], 0).values); },
               {support::normal<double>({3, 2})});
}

TEST_CASE("argmax: errors") {
    CHECK(message<ShapeError>([] {
              max(zeros<float>({2, 0}), 1);
          }) == "max: x (2, 0) has no elements along axis 1, and nothing is their extreme");
    CHECK(message<ShapeError>([] { min(zeros<float>({2}), -2); }) ==
          "min: axis -2 is outside [-1, 1) of a tensor of rank 1");
    CHECK(message<ShapeError>([] {
              argmax(zeros<float>({2, 0}), 1);
          }) == "argmax: x (2, 0) has no elements along axis 1, and nothing is their extreme");
    CHECK(argmax(zeros<float>({2, 0}), 0).shape() == Shape{0});
    CHECK(message<ShapeError>([] { argmin(zeros<float>({0})); }) ==
          "argmin: x (0,) has no elements along axis 0, and nothing is their extreme");
    CHECK(message<ShapeError>([] { argmax(zeros<float>({2}), 1); }) ==
          "argmax: axis 1 is outside [-1, 1) of a tensor of rank 1");
}
