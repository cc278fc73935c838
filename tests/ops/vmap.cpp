#include <tapegrad/ops/vmap.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/matmul.hpp>
#include <tapegrad/ops/reduce.hpp>
#include <tapegrad/ops/softmax.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {
const X w = support::normal<double>({3, 2}), x = support::normal<double>({4, 3}, 2),
        z = support::normal<double>({4, 2}, 3);
X f(const X& a, const X& b) { return softmax(matmul(a, w) * b); }
}

TEST_CASE("vmap: equals the function that broadcasts") {
    CHECK(support::close(vmap(f, {x, z}), f(x, z), 1e-15));
    CHECK(support::close(vmap(f, {transpose(x), transpose(z)}, {.in_axis = 1}), f(x, z), 1e-15));
    CHECK(support::close(vmap(f, {x, z}, {.out_axis = -1}), transpose(f(x, z)), 1e-15));
    CHECK(support::close(vmap([](const X& a) { return matmul(a, a); }, x), sum(x * x, -1), 1e-15));
    CHECK(vmap([](const X& a) { return a > 0.0; }, x).dtype() == DType::boolean);
    CHECK(vmap([](const X& a) { return vmap([](const X& b) { return b * 2; }, a); }, x).shape() ==
          Shape{4, 3});
}

TEST_CASE("vmap: gradients to the third order") {
    CHECK_GRAD(
        [](const auto& v) {
            return vmap([](const X& a, const X& b) { return f(a, b); }, {v[0], v[1]});
        },
        {slice(x, 0, 0, 2), slice(z, 0, 0, 2)}, 3);
}

TEST_CASE("vmap: errors") {
    CHECK(message<ShapeError>([] {
              static_cast<void>(vmap(f, {x, w}));
          }) == "vmap: input 0 (4, 3) holds 4 examples along axis 0, input 1 (3, 2) holds 3");
    CHECK(message<ShapeError>([] {
              static_cast<void>(vmap([](const X& a) { return a; }, zeros<double>({0, 2})));
          }) == "vmap: input 0 (0, 2) holds no examples, and the shape of a result is not known");
    CHECK(message<ShapeError>([] { static_cast<void>(vmap([](const X& a) { return a; }, X(1.0))); }) ==
          "size: axis 0 is outside [0, 0) of a tensor of rank 0");
    int64_t calls = 0;
    CHECK(message<ShapeError>([&] {
              static_cast<void>(vmap([&](const X& a) { return slice(a, 0, 0, ++calls); }, x));
          }) == "stack: tensor 1 (2,) and tensor 0 (1,) differ");
}
