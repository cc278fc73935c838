#include <tapegrad/ops/products.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {

struct Product {
    const char* name;
    X (*f)(const X&, const X&);
    Shape a, b;
    const char* error;  // for the shapes a and b swapped, or those of the error
    Shape wrong_a, wrong_b;
};
const Product products[] = {
    {"dot",
     dot<double>,
     {3},
     {3},
     "dot: a (3,) and b (4,) do not multiply: inner sizes 3 and 4 differ",
     {3},
     {4}},
    {"vdot", vdot<double>, {3}, {3}, "dot: b (1, 3) is no vector: it must have rank 1", {3}, {1, 3}},
    {"inner",
     inner<double>,
     {2, 3},
     {3},
     "inner: a (2, 3) and b (3, 2) do not multiply: inner sizes 3 and 2 differ",
     {2, 3},
     {3, 2}},
    {"outer", outer<double>, {3}, {2}, "outer: a () is no vector: it must have rank 1", {}, {2}},
    {"mv", mv<double>, {2, 3}, {3}, "mv: a (3,) is no matrix: it must have rank 2", {3}, {3}},
    {"mm",
     mm<double>,
     {2, 3},
     {3, 2},
     "mm: a (2, 3) and b (2, 3) do not multiply: inner sizes 3 and 2 differ",
     {2, 3},
     {2, 3}},
    {"bmm",
     bmm<double>,
     {2, 2, 3},
     {2, 3, 1},
     "bmm: a (1, 2, 3) and b (2, 3, 1) hold different numbers of matrices",
     {1, 2, 3},
     {2, 3, 1}},
    {"kron",
     kron<double>,
     {2, 1},
     {3},
     "kron: a (1, 1, 1, 1, 1) and b (): at most four axes each",
     {1, 1, 1, 1, 1},
     {}},
};

}

TEST_CASE("products: gradients to the third order, and errors") {
    for (const Product& p : products) {
        CAPTURE(p.name);
        CHECK_GRAD([&](const auto& v) { return p.f(v[0], v[1]); },
                   {support::normal<double>(p.a), support::normal<double>(p.b, 2)}, 3);
        CHECK(message<ShapeError>([&] {
                  static_cast<void>(p.f(zeros<double>(p.wrong_a), zeros<double>(p.wrong_b)));
              }) == p.error);
    }
}

TEST_CASE("products: values") {
    const X a{1, 2, 3}, b{4, 5, 6}, m{{1, 2, 3}, {4, 5, 6}};
    CHECK(dot(a, b).item() == 32);
    CHECK(vdot(a, b).item() == 32);
    CHECK(support::same_bits(outer(a, X{1, 10}), X{{1, 10}, {2, 20}, {3, 30}}));
    CHECK(support::same_bits(mv(m, a), X{14, 32}));
    CHECK(support::same_bits(inner(m, a), X{14, 32}));
    CHECK(support::same_bits(inner(m, m), X{{14, 32}, {32, 77}}));
    CHECK(support::same_bits(inner(X(2.0), a), X{2, 4, 6}));
    CHECK(inner(zeros<double>({2, 0}), zeros<double>({3, 4, 0})).shape() == Shape{2, 3, 4});
    CHECK(dot(zeros<double>({0}), zeros<double>({0})).item() == 0);
    CHECK(outer(zeros<double>({0}), a).shape() == Shape{0, 3});
    CHECK(support::same_bits(kron(X{{1, 2}}, X{{1, 1}, {0, 1}}), X{{1, 1, 2, 2}, {0, 1, 0, 2}}));
    CHECK(support::same_bits(kron(Tensor<int64_t>{1, -2}, Tensor<int64_t>{3, 4}),
                             Tensor<int64_t>{3, 4, -6, -8}));
    CHECK(kron(X(2.0), X(3.0)).item() == 6);
    CHECK(kron(zeros<double>({0, 2}), m).shape() == Shape{0, 6});
}
