#include <tapegrad/ops/logical.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("logical: values, broadcasting and layouts") {
    const Tensor<bool> a{false, false, true, true}, b{false, true, false, true};
    CHECK(support::same_bits(a & b, Tensor<bool>{false, false, false, true}));
    CHECK(support::same_bits(a | b, Tensor<bool>{false, true, true, true}));
    CHECK(support::same_bits(!a, Tensor<bool>{true, true, false, false}));
    for (const int64_t n : {0, 1, 15, 16, 17, 33, 600}) {
        const Tensor<bool> p = support::coins({3, n}, 0.5), q = support::coins({n}, 0.5, 2);
        const Tensor<bool> both = p & q, either = support::spread(p) | q, neither = !(p | q);
        bool right = true;
        support::for_each_place(p.shape(), [&](const Dims& place, int64_t i) {
            const bool u = p.data()[i], v = support::broadcast_at(q, place);
            right &=
                both.data()[i] == (u && v) && either.data()[i] == (u || v) && neither.data()[i] == !(u || v);
        });
        CHECK(right);
        CHECK(both.shape() == p.shape());
    }
}

TEST_CASE("logical: of comparisons, without a derivative") {
    const Tensor<double> x = Tensor<double>{-1, 0, 2}.requires_grad_();
    const Tensor<bool> inside = (x > -1) & !(x > 1);
    CHECK(support::same_bits(inside, Tensor<bool>{false, true, false}));
    // As a mask it chooses; the gradient goes past it.
    backward(where(inside, x * 3, x), ones<double>({3}));
    CHECK(support::same_bits(x.grad(), Tensor<double>{1, 3, 1}));
    CHECK(support::message<ShapeError>([&] {
              static_cast<void>(inside & Tensor<bool>{true, false});
          }) == "and: shapes (3,) and (2,) do not broadcast: sizes 3 and 2 differ at axis -1");
}

TEST_CASE("logical: of numbers, of any two element types") {
    const Tensor<float> a{0, -0.0F, 2, NAN};
    const Tensor<int64_t> b{0, 1, 0, -3};
    CHECK(support::same_bits(logical_and(a, b), Tensor<bool>{false, false, false, true}));
    CHECK(support::same_bits(logical_or(a, b), Tensor<bool>{false, true, true, true}));
    CHECK(support::same_bits(logical_xor(a, b), Tensor<bool>{false, true, true, false}));
    CHECK(support::same_bits(logical_not(a), Tensor<bool>{true, true, false, false}));
    CHECK(support::same_bits(logical_not(b > 0), Tensor<bool>{true, false, true, true}));
    CHECK(
        support::same_bits(Tensor<bool>{true, false} ^ Tensor<bool>{true, true}, Tensor<bool>{false, true}));
    CHECK(logical_and(zeros<float>({2, 1}), zeros<bool>({3})).shape() == Shape{2, 3});
    CHECK(support::message<ShapeError>([&] { static_cast<void>(logical_xor(b, zeros<float>({3}))); }) ==
          "xor: shapes (4,) and (3,) do not broadcast: sizes 4 and 3 differ at axis -1");
}
