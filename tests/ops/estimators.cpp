#include <tapegrad/ops/estimators.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {
const X x = X{-1.6, 0.4, 2.5}.requires_grad_();
X slope(const X& y) { return grad(y, {x}, {.create_graph = true}, X{1, -10, 100})[0]; }
}

TEST_CASE("estimators: straight_through has one's value and the other's gradient") {
    const X y = straight_through(round(x), x);
    CHECK(support::same_bits(y, X{-2, 0, 2}));
    CHECK(support::same_bits(slope(y), X{1, -10, 100}));
    const X soft = straight_through(x * 7, tanh(x));  // no gradient by the value
    CHECK(support::same_bits(soft, x * 7));
    CHECK(support::close(slope(soft), slope(tanh(x)), 1e-15));
    // To any order, those of the surrogate, at the value: d(s^2) = 2 s ds with s = round(x).
    const X s = straight_through(round(x), x), d = grad(sum(s * s), {x}, {.create_graph = true})[0];
    CHECK(support::same_bits(d, X{-4, 0, 4}));
    CHECK(support::same_bits(grad(sum(d), {x})[0], X{2, 2, 2}));
    CHECK_FALSE(straight_through(x, x.detach()).requires_grad());
}

TEST_CASE("estimators: gradients scaled, turned round and clipped") {
    CHECK(support::same_bits(scale_gradient(x, 0.5), x));
    CHECK(support::same_bits(slope(scale_gradient(x, 0.5)), X{0.5, -5, 50}));
    CHECK(support::same_bits(slope(reverse_gradient(x)), X{-1, 10, -100}));
    CHECK(support::same_bits(slope(reverse_gradient(x, 0.1)), X{-0.1, 1, -10}));
    CHECK(support::same_bits(slope(clip_gradient(x, 7)), X{1, -7, 7}));
    const X d = grad(sum(reverse_gradient(x * x)), {x}, {.create_graph = true})[0];
    CHECK(support::same_bits(d, x * -2.0));
    CHECK(support::same_bits(grad(sum(d * d), {x})[0], x * 8.0));
}

TEST_CASE("estimators: errors") {
    CHECK(message<ShapeError>([] {
              static_cast<void>(straight_through(X{1, 2}, x));
          }) == "straight_through: value (2,) and surrogate (3,) differ");
}
