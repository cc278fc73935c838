#include <tapegrad/ops/differences.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

using Inputs = std::vector<Tensor<double>>;

TEST_CASE("differences: diff once, twice, along any axis, with ends") {
    const Tensor<double> x{{1, 4, 9, 16}, {0, 1, -1, 5}};
    for (const auto& layout : {x, support::spread(x)}) {
        CHECK(to_vector(diff(layout)) == std::vector<double>{3, 5, 7, 1, -2, 6});
        CHECK(to_vector(diff(layout, 2)) == std::vector<double>{2, 2, -3, 8});
        CHECK(to_vector(diff(layout, 1, 0)) == std::vector<double>{-1, -3, -10, -11});
        CHECK(diff(layout, 4).shape() == Shape{2, 0});
        CHECK(diff(layout, 9).shape() == Shape{2, 0});
        CHECK(support::same_bits(diff(layout, 0), x));
    }
    const Tensor<int64_t> v{3, 5};
    CHECK(to_vector(diff(v, 1, 0, Tensor<int64_t>{1}, Tensor<int64_t>{9, 9})) ==
          std::vector<int64_t>{2, 2, 4, 0});
    CHECK(to_vector(diff(Tensor<bool>{true, true, false})) == std::vector<bool>{false, true});
    CHECK(diff(zeros<float>({0})).shape() == Shape{0});
}

TEST_CASE("differences: integrals by the trapezoidal rule") {
    const Tensor<double> y{{1, 2, 4}, {0, 1, 0}}, x{0, 1, 3};
    CHECK(to_vector(trapezoid(y)) == std::vector<double>{4.5, 1});
    CHECK(to_vector(trapezoid(y, 2)) == std::vector<double>{9, 2});
    CHECK(to_vector(trapezoid(y, x)) == std::vector<double>{7.5, 1.5});
    CHECK(to_vector(trapezoid(y, Tensor<double>{5, 7}, 0)) == std::vector<double>{1, 3, 4});
    CHECK(to_vector(trapezoid(y, y)) == std::vector<double>{7.5, 0});
    CHECK(to_vector(cumulative_trapezoid(y, x)) == std::vector<double>{1.5, 7.5, 0.5, 1.5});
    CHECK(to_vector(cumulative_trapezoid(y, 1, 0)) == std::vector<double>{0.5, 1.5, 2});
    CHECK(trapezoid(zeros<double>({3, 1})).shape() == Shape{3});
    CHECK(trapezoid(zeros<double>({0})).item() == 0);
}

TEST_CASE("differences: gradient to the third order") {
    const Tensor<double> y = support::normal<double>({2, 4}), x = support::normal<double>({4}, 3);
    CHECK_GRAD([](const Inputs& in) { return square(diff(in[0], 2)); }, {y});
    CHECK_GRAD([](const Inputs& in) { return trapezoid(in[0], in[1]); }, {y, x});
    CHECK_GRAD([](const Inputs& in) { return cumulative_trapezoid(in[0], in[1]); }, {y, x}, 2);
}

TEST_CASE("differences: errors") {
    const auto x = zeros<double>({2, 3});
    CHECK(message<ValueError>([&] { diff(x, -1); }) == "diff: n is -1; it must not be negative");
    CHECK(message<ShapeError>([&] { diff(x, 1, 2); }) ==
          "diff: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { diff(Tensor<double>(1.0)); }) ==
          "diff: axis -1 is outside [0, 0) of a tensor of rank 0");
    CHECK(message<ShapeError>([&] {
              diff(x, 1, 1, zeros<double>({3, 1}));
          }) == "cat: tensor 1 (2, 3) and tensor 0 (3, 1) differ beside axis 1");
    CHECK(message<ShapeError>([&] { trapezoid(x, zeros<double>({2})); }) ==
          "trapezoid: x (2,) is neither of the shape of y (2, 3) nor (3,), its size along axis 1");
    CHECK(message<ShapeError>([&] { cumulative_trapezoid(x, 1, -3); }) ==
          "cumulative_trapezoid: axis -3 is outside [-2, 2) of a tensor of rank 2");
}
