#include <tapegrad/ops/spline.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("splines: knots from unbounded numbers") {
    const Tensor<double> u{{0.0, std::log(2.0), 0.0}};
    const Tensor<double> shares = detail::spline_shares(u, 0.0, 1.0);
    CHECK(support::close(shares, Tensor<double>{{0.25, 0.5, 0.25}}, 1e-15));
    CHECK(support::close(detail::spline_shares(u, 0.1, 1.0), Tensor<double>{{0.275, 0.45, 0.275}}, 1e-15));
    const Tensor<double> knots = detail::spline_knots(shares, -2, 2);
    CHECK(support::close(knots, Tensor<double>{{-2.0, -1.0, 1.0, 2.0}}, 1e-15));
    CHECK(support::close(detail::spline_lengths(knots), Tensor<double>{{1.0, 2.0, 1.0}}, 1e-15));
}

TEST_CASE("splines: an element on a knot belongs to the piece behind it, and the last to the last") {
    const Tensor<double> knots = expand(Tensor<double>{{-2.0, -1.0, 1.0, 2.0}}, {6, 4});
    const Tensor<double> x{-2.0, -1.5, -1.0, 0.0, 1.0, 2.0};
    const Tensor<int64_t> bin = detail::spline_bin(knots, x);
    const int64_t expected[] = {0, 0, 1, 1, 2, 2};
    for (int64_t i = 0; i < 6; ++i) CHECK(bin.data()[i] == expected[i]);
    CHECK(detail::spline_pick(knots, bin).data()[4] == 1.0);
}

TEST_CASE("splines: tails") {
    const Tensor<double> x{-3.0, -0.5, 0.5, 3.0};
    const auto doubled = [](const Tensor<double>& v) { return Splined<double>{v * 2.0, v}; };
    const auto linear = detail::with_tails(x, {}, doubled);
    CHECK(support::same_bits(linear.value, Tensor<double>{-3.0, -1.0, 1.0, 3.0}));
    CHECK(support::same_bits(linear.log_slope, Tensor<double>{0.0, -0.5, 0.5, 0.0}));
    const auto none = detail::with_tails(x, {.tails = SplineTails::none}, doubled);
    CHECK(support::same_bits(none.value, Tensor<double>{-2.0, -1.0, 1.0, 2.0}));
    const auto circular = detail::with_tails(x, {.tails = SplineTails::circular}, doubled);
    CHECK(support::same_bits(circular.value, Tensor<double>{-4.0, -1.0, 1.0, 2.0}));
}

TEST_CASE("splines: errors") {
    CHECK(detail::spline_bins("f", {4, 8}, 3, -1) == 3);
    CHECK(message<ShapeError>([] {
              detail::spline_bins("f", {4, 2}, 2, 2);
          }) == "f: the last axis of parameters (4, 2) is not 2 K + 2 of K pieces");
    CHECK(message<ShapeError>([] { detail::spline_bins("f", {}, 1, 0); }) ==
          "f: the last axis of parameters () is not 1 K + 0 of K pieces");
    CHECK(message<ShapeError>([] { detail::check_spline("f", {4}, {8}, 3, {}); }) ==
          "f: parameters (8,) of x (4,): they need its axes and one for the numbers of a spline");
    CHECK(message<ValueError>([] {
              detail::check_spline("f", {4}, {4, 8}, 3, {.low = 1, .high = 0});
          }) == "f: low 1 is not below high 0");
    CHECK(message<ValueError>([] {
              detail::check_spline("f", {4}, {4, 8}, 3, {.min_height = 0.5});
          }) == "f: 3 pieces of at least 0.5 each do not fit: more than the whole");
    CHECK(message<ValueError>([] {
              detail::check_domain("f", Tensor<float>{0.0f, -2.0f}, {.low = -1, .high = 1});
          }) == "f: x has -2, outside [-1, 1], where a spline without tails is not defined");
}
