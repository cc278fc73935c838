#include <tapegrad/autograd/record.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {

X leaf(const Shape& shape = {3}) { return support::uniform<double>(shape, 0.5, 2, 3).requires_grad_(); }
double first(const X& x) { return x.data()[0]; }

/// A user's operation: a fused kernel for x^3, and what it is in operations.
X cube(const X& x) {
    X y = empty_like(x);
    for (int64_t i = 0; i < x.numel(); ++i) detail::output(y)[i] = x.data()[i] * x.data()[i] * x.data()[i];
    return record(
        "cube", y, {x},
        [x](const X& dy) {
            X dx = empty_like(x);
            for (int64_t i = 0; i < x.numel(); ++i)
                detail::output(dx)[i] = 3 * x.data()[i] * x.data()[i] * dy.data()[i];
            return dx;
        },
        [](const X& u) { return u * u * u; });
}

/// A fused a^2 b.
X square_times(const X& a, const X& b) {
    const auto in_operations = [](const X& u, const X& v) { return u * u * v; };
    return record(
        "square_times", in_operations(a.detach(), b.detach()), {a, b},
        [a, b](const X& dy) {
            return std::array{dy * 2 * a * b, dy * a * a};
        },
        in_operations);
}

/// Another, whose backward is written in operations and reads the output.
X reciprocal(const X& x) {
    const no_grad kernel;
    const X y = 1 / x;
    const enable_grad again;
    return record("reciprocal", y, {x}, [](const X& dy, const X& out) { return -dy * out * out; });
}

/// Two inputs; says which gradients it was asked for.
X weighted(const X& a, const X& b, std::vector<bool>* asked) {
    return record("weighted", a.detach(), {a, b}, [asked](const X& dy, Needs needs) {
        *asked = {needs[0], needs[1]};
        return std::array{dy, dy * 2};
    });
}

}

TEST_CASE("record: the forms of a backward") {
    const X x = leaf({1});
    const X data = x.detach();
    const auto slope = [&](const X& y) { return grad(y, {x})[0].item(); };
    CHECK(slope(record("a", data, {x}, [](const X& dy) { return dy * 2; })) == 2);
    CHECK(slope(record("b", data, {x}, [](const X& dy, const X& y) { return dy * y; })) == x.item());
    CHECK(slope(record("c", data, {x}, [](const X& dy, Needs) { return dy * 3; })) == 3);
    CHECK(slope(record("d", data, {x}, [](const X& dy, const X& y, Needs) {
              return std::array{dy * y * 2};
          })) == 2 * x.item());
    CHECK(slope(record("e", data, {x}, [](const X& dy) { return std::vector<X>{dy * 5}; })) == 5);
    // An undefined tensor is no gradient.
    CHECK(slope(record("f", data, {x}, [](const X&) { return X(); })) == 0);
}

TEST_CASE("record: nothing is recorded without need") {
    const X x = leaf(), constant = ones<double>({3});
    const auto op = [](const X& a) { return record("op", a.detach(), {a}, [](const X& dy) { return dy; }); };
    CHECK(op(x).requires_grad());
    CHECK_FALSE(op(x).is_leaf());
    CHECK_FALSE(op(constant).requires_grad());
    CHECK_FALSE(op(x.detach()).requires_grad());
    const no_grad off;
    CHECK_FALSE(op(x).requires_grad());
}

TEST_CASE("record: undefined inputs are skipped") {
    const X x = leaf();
    const auto backward_of = [](const X& dy, Needs needs) {
        CHECK_FALSE(needs[0]);
        CHECK(needs[1]);
        return std::array{X(), dy};
    };
    const X y = record("op", x.detach(), {X(), x}, backward_of);
    CHECK(first(grad(y, {x}, {}, ones<double>({3}))[0]) == 1);
}

TEST_CASE("record: the backward learns which gradients are wanted") {
    std::vector<bool> asked;
    const X a = leaf({1}), b = leaf({1}), constant = ones<double>({1});
    weighted(a, b, &asked).backward();
    CHECK(asked == std::vector<bool>{true, true});
    CHECK(b.grad().item() == 2);
    weighted(constant, b, &asked).backward();
    CHECK(asked == std::vector<bool>{false, true});
    static_cast<void>(grad(weighted(a, b, &asked), {a}));
    CHECK(asked == std::vector<bool>{true, false});
}

TEST_CASE("record: a gradient of a larger shape is summed to that of its input") {
    const X row = leaf({3}), column = leaf({2, 1}), one = leaf({});
    const X y = record("spread", zeros<double>({2, 3}), {row, column, one}, [](const X& dy) {
        return std::array{dy, dy * 10, dy * 100};
    });
    const auto d =
        grad(y, {row, column, one}, {}, arange<double>(6).is_contiguous() ? X{{0, 1, 2}, {3, 4, 5}} : X());
    CHECK(support::same_bits(d[0], X{3, 5, 7}));
    CHECK(support::same_bits(d[1], X{{30}, {120}}));
    CHECK(d[2].item() == 1500);
    CHECK(d[2].rank() == 0);
}

TEST_CASE("record: a composed definition gives gradients of any order") {
    CHECK_GRAD([](const auto& v) { return cube(v[0]); }, {leaf().detach()}, 4,
               {.step = 1e-4, .absolute = 1e-5});
    const X x = leaf();
    X dx = grad(cube(x), {x}, {.create_graph = true}, ones<double>({3}))[0];
    CHECK(first(dx) == doctest::Approx(3 * first(x) * first(x)));
    dx = grad(dx, {x}, {.create_graph = true}, ones<double>({3}))[0];
    CHECK(first(dx) == doctest::Approx(6 * first(x)));
}

TEST_CASE("record: the gradient by one input of a composed definition is a function of the others") {
    const X a = leaf(), b = leaf(), w = b * 3;
    for (const bool is_leaf : {true, false}) {
        const X& other = is_leaf ? b : w;
        const X da = grad(sum(square_times(a, other)), {a}, {.create_graph = true})[0];
        const X slope = grad(sum(da), {other}, {.retain_graph = true})[0];
        CHECK(first(slope) == doctest::Approx(2 * first(a)));
        sum(da).backward();
        CHECK(first(X(b).grad()) == doctest::Approx((is_leaf ? 1 : 3) * 2 * first(a)));
        X(b).zero_grad();
    }
}

TEST_CASE("record: a backward in operations has gradients of its own, also through the output") {
    CHECK_GRAD([](const auto& v) { return reciprocal(v[0]); }, {leaf().detach()}, 3,
               {.step = 1e-4, .absolute = 1e-4});
}

TEST_CASE("record: a saved tensor that was written to is refused") {
    const X x = leaf();
    X saved = ones<double>({3});
    const auto op = [&] {
        return record("op", x.detach(), {x}, [saved](const X& dy) { return dy * saved; });
    };
    const X y = op();
    saved.mutable_data()[1] = 5;
    const X seed = ones<double>({3});
    CHECK(message<AutogradError>([&] { backward(y, seed, {.retain_graph = true}); }) ==
          "backward: op saved a tensor (3,) at version 0, which was written to since (now version 1); "
          "clone() it "
          "before writing, or write after backward");
    // Written to before it was saved: that is what counts.
    backward(op(), seed);
    CHECK(x.grad().data()[1] == 5);
    // A view writes to the same elements, and so does the leaf of a product.
    const X z = op();
    X view = detail::view_of(saved, {1}, {1});
    view.mutable_data()[0] = 2;
    CHECK_THROWS_AS(backward(z, seed), AutogradError);
    const X product = x * x;
    X(x).mutable_data()[0] = 1;
    CHECK(message<AutogradError>([&] { backward(product, seed); }) ==
          "backward: mul saved a tensor (3,) at version 0, which was written to since (now version 1); "
          "clone() it "
          "before writing, or write after backward");
}

TEST_CASE("record: an operation without a derivative says so when a gradient is asked through it") {
    const X x = leaf();
    const X y = record_constant("argbest", x.detach(), {x});
    CHECK(y.requires_grad());
    CHECK(message<AutogradError>([&] { backward(y, ones<double>({3})); }) ==
          "argbest: has no derivative, but a gradient was asked through it; detach() its result");
    CHECK_FALSE(record_constant("argbest", x.detach(), {x.detach()}).requires_grad());
    // Beside another path it is the same error, never a silent zero.
    CHECK_THROWS_AS(backward(y * x, ones<double>({3})), AutogradError);
}
