#include <tapegrad/ops/add_product.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

namespace {

struct AddProduct {
    X (*f)(const X&, const X&, const X&, AddProductOptions);
    Shape x, a, b;
};
const AddProduct operations[] = {{addmm<double>, {2, 2}, {2, 3}, {3, 2}},
                                 {addmm<double>, {2, 1}, {2, 3}, {3, 2}},
                                 {addmv<double>, {}, {2, 3}, {3}},
                                 {addr<double>, {3}, {2}, {3}},
                                 {baddbmm<double>, {1, 2}, {2, 2, 3}, {2, 3, 2}},
                                 {addbmm<double>, {1, 2}, {2, 2, 3}, {2, 3, 2}}};

}

TEST_CASE("add_product: gradients to the third order") {
    for (const AddProduct& op : operations)
        for (const AddProductOptions o : {AddProductOptions{}, AddProductOptions{.beta = -2, .alpha = 0.5}})
            CHECK_GRAD([&](const auto& v) { return op.f(v[0], v[1], v[2], o); },
                       {support::normal<double>(op.x), support::normal<double>(op.a, 2),
                        support::normal<double>(op.b, 3)},
                       3);
}

TEST_CASE("add_product: the tensor that beta 0 leaves out may be NaN") {
    for (const AddProduct& op : operations) {
        const X a = support::normal<double>(op.a, 2), b = support::normal<double>(op.b, 3);
        const X y =
            op.f(full<double>(op.x, std::numeric_limits<double>::quiet_NaN()), a, b, {.beta = 0, .alpha = 2});
        CHECK(support::close(y, op.f(zeros<double>(op.x), a, b, {.alpha = 2}), 0));
    }
}

TEST_CASE("add_product: errors") {
    const X a = zeros<double>({2, 3}), b = zeros<double>({3, 4});
    CHECK(message<ShapeError>([&] {
              static_cast<void>(addmm(zeros<double>({2, 2, 4}), a, b));
          }) == "addmm: x (2, 2, 4) does not broadcast to the product (2, 4)");
    CHECK(message<ShapeError>([&] { static_cast<void>(addmm(zeros<double>({3}), a, b)); }) ==
          "addmm: shapes (3,) and (2, 4) do not broadcast: sizes 3 and 4 differ at axis -1");
    CHECK(message<ShapeError>([&] { static_cast<void>(baddbmm(a, a, b)); }) ==
          "bmm: a (2, 3) is no batch of matrices: it must have rank 3");
}
