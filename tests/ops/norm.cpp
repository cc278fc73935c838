#include <tapegrad/ops/norm.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

using Inputs = std::vector<Tensor<double>>;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity();
}

TEST_CASE("norm: value for every kind of p") {
    const Tensor<double> x{{3, 0, -4}, {0, 1, 2}};
    for (const auto& layout : {x, support::spread(x)}) {
        CHECK(support::close(norm(layout), Tensor<double>(std::sqrt(30.0)), 1e-15));
        CHECK(support::close(norm(layout, 2, 1), Tensor<double>{5, std::sqrt(5.0)}, 1e-15));
        CHECK(to_vector(norm(layout, 1, 0, true)) == std::vector<double>{3, 1, 6});
        CHECK(to_vector(norm(layout, 0, 1)) == std::vector<double>{2, 2});
        CHECK(to_vector(norm(layout, inf, 1)) == std::vector<double>{4, 2});
        CHECK(to_vector(norm(layout, -inf, 0)) == std::vector<double>{0, 0, 2});
        CHECK(norm(layout, 3).item() == doctest::Approx(std::cbrt(100.0)));
        CHECK(norm(layout, 0.5, {}, true).shape() == Shape{1, 1});
        CHECK(to_vector(norm(layout, -1, 0)) == std::vector<double>{0, 0, 4.0 / 3});
    }
    CHECK(norm(Tensor<double>(-3.0)).item() == 3);
    CHECK(norm(zeros<double>({0})).item() == 0);
}

TEST_CASE("norm: gradient to the third order") {
    const Tensor<double> x = support::normal<double>({2, 3});
    for (const double p : {0.5, 1.0, 1.5, 2.0, 3.0, -1.0, inf, -inf})
        CHECK_GRAD([p](const Inputs& in) { return norm(in[0], p, 1) * sum(in[0]); }, {x});
    CHECK_GRAD([](const Inputs& in) { return norm(in[0]); }, {x});
}

TEST_CASE("norm: at 0 the gradients of both orders are 0") {
    for (const double p : {0.0, 0.5, 1.0, 1.5, 2.0, 3.0, inf}) {
        CAPTURE(p);
        for (Tensor<double> x : {zeros<double>({2}), Tensor<double>{0, 2}}) {
            x.requires_grad_();
            const auto first = grad(norm(x, p), {x}, {.create_graph = true});
            CHECK(first[0](0) == 0);
            if (p == 0) continue;  // a constant
            const auto second = grad(sum(first[0] * first[0]), {x});
            CHECK(second[0](0) == 0);
        }
    }
}

TEST_CASE("norm: a tie of the largest is shared") {
    Tensor<double> x = Tensor<double>{2, -2, 1}.requires_grad_();
    norm(x, inf).backward();
    CHECK(to_vector(x.grad()) == std::vector<double>{0.5, -0.5, 0});
}

TEST_CASE("norm: NaN shows at every position") {
    for (const double p : {0.5, 1.0, 2.0, inf, -inf})
        for (int64_t at = 0; at < 17; ++at) {
            Tensor<double> x = support::normal<double>({17});
            x.set({at}, std::numeric_limits<double>::quiet_NaN());
            REQUIRE(std::isnan(norm(x, p).item()));
        }
}

TEST_CASE("norm: errors") {
    const auto x = zeros<double>({2, 0});
    CHECK(message<ShapeError>([&] { norm(x, 2, 2); }) ==
          "norm: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { norm(x, inf, 1); }) ==
          "norm: x (2, 0) has no elements along a reduced axis, and nothing is their extreme");
    CHECK(message<ShapeError>([&] { norm(x, -2, 1); }) ==
          "norm: x (2, 0) has no elements along a reduced axis, and nothing is their extreme");
    CHECK(message<ValueError>([&] { norm(x, std::numeric_limits<double>::quiet_NaN()); }) ==
          "norm: p is NaN");
}
