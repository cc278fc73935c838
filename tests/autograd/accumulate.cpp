#include <tapegrad/autograd/accumulate.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {

/// Every shape of rank <= 3 that broadcasts to (2, 3, 4).
std::vector<Shape> smaller_shapes() {
    std::vector<Shape> shapes{{}, {1}, {4}};
    for (const int64_t b : {1, 3})
        for (const int64_t c : {1, 4}) {
            shapes.push_back({b, c});
            for (const int64_t a : {1, 2}) shapes.push_back({a, b, c});
        }
    return shapes;
}

}

TEST_CASE_TEMPLATE("sum_to: value over every shape that broadcasts", T, float, double) {
    const Shape full{2, 3, 4};
    const Tensor<T> x = support::normal<T>(full);
    for (const Tensor<T>& from : {x, support::spread(x)})
        for (const Shape& shape : smaller_shapes()) {
            CAPTURE(shape.to_string());
            X want = zeros<double>(shape);
            support::for_each_place(full, [&](const Dims& place, int64_t i) {
                int64_t at = 0;
                for (int axis = 0; axis < shape.rank(); ++axis)
                    at = at * shape[axis] + (shape[axis] == 1 ? 0 : place[axis + 3 - shape.rank()]);
                detail::output(want)[at] += static_cast<double>(x.data()[i]);
            });
            // A sum of 24 numbers around 1: a few eps each.
            CHECK(support::close(sum_to(from, shape), want,
                                 32 * static_cast<double>(std::numeric_limits<T>::epsilon())));
        }
}

TEST_CASE("sum_to, expand: gradients") {
    const X x = support::normal<double>({2, 3, 4});
    for (const Shape& shape : smaller_shapes()) {
        CAPTURE(shape.to_string());
        CHECK_GRAD([&](const auto& v) { return sum_to(v[0] * v[0] * v[0], shape); }, {x}, 2);
        const X small = support::normal<double>(shape);
        CHECK_GRAD(
            [&](const auto& v) {
                const X e = expand(v[0], {2, 3, 4});
                return e * e * e;
            },
            {small}, 2);
    }
}

TEST_CASE("expand: a view of the same elements") {
    const X x{{1}, {2}};
    const X y = expand(x, {3, 2, 2});
    CHECK(y.data() == x.data());
    CHECK(support::same_bits(y, expand(X{{1, 1}, {2, 2}}, {3, 2, 2})));
    CHECK(expand(x, {2, 0}).numel() == 0);
    CHECK(message<ShapeError>([&] {
              static_cast<void>(expand(x, {3, 2}));
          }) == "expand: a tensor (2, 1) does not expand to (3, 2)");
    CHECK(message<ShapeError>([&] { static_cast<void>(expand(x, {2})); }) ==
          "expand: a tensor (2, 1) does not expand to (2,)");
}

TEST_CASE("accumulate: many contributions to one tensor, of lengths around a batch") {
    for (const int64_t n : {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33}) {
        CAPTURE(n);
        X x = support::normal<double>({n}).requires_grad_();
        const X a = x * 2;
        backward(a + a * 3 + a, ones<double>({n}));
        CHECK(support::same_bits(x.grad(), full<double>({n}, 10)));
    }
}

TEST_CASE("accumulate: contributions in other layouts") {
    X x = support::normal<double>({3, 4}).requires_grad_();
    const X y = x * 1;
    const auto weighted = [](const X& a, const X& w) {
        return record("weighted", detail::copy(a), {a}, [w](const X&) { return w; });
    };
    const X w = support::normal<double>({3, 4}, 5);
    backward(
        weighted(y, support::spread(w)) + weighted(y, expand(X{1}, {3, 4})) + weighted(x, support::spread(w)),
        ones<double>({3, 4}));
    CHECK(support::close(x.grad(), w * 2 + 1, 1e-15));
    CHECK(x.grad().is_contiguous());
}

TEST_CASE("accumulate: sixteen bits are summed as floats") {
    using H = Tensor<bfloat16>;
    const H ones16 = detail::cast<bfloat16>(ones<float>({1000}));
    H x = detail::cast<bfloat16>(zeros<float>({1})).requires_grad_();
    const H y = record("spread", ones16, {x}, [](const H& dy) { return dy; });
    backward(y, ones16);
    // One by one the sum would stop at 256, where 1 is below half a step of bfloat16.
    CHECK(static_cast<float>(x.grad().item()) == 1000);
}
