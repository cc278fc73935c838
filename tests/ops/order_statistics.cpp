#include <tapegrad/ops/order_statistics.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("order_statistics: the k-th, the median and the mode along every axis") {
    const Tensor<double> x{{3, 1, 2, 1}, {1, 5, -4, 8}};
    for (const auto& layout : {x, support::spread(x)}) {
        CHECK(to_vector(kthvalue(layout, 2).values) == std::vector<double>{1, 1});
        CHECK(to_vector(kthvalue(layout, 2).indices) == std::vector<int64_t>{3, 0});
        CHECK(to_vector(kthvalue(layout, 2, 0, true).values) == std::vector<double>{3, 5, 2, 8});
        CHECK(to_vector(median(layout, 1).values) == std::vector<double>{1, 1});
        CHECK(to_vector(median(layout, 0).indices) == std::vector<int64_t>{1, 0, 1, 0});
        CHECK(median(layout, 1, true).values.shape() == Shape{2, 1});
        CHECK(median(layout).item() == 1);
        CHECK(to_vector(mode(layout).values) == std::vector<double>{1, -4});
        CHECK(to_vector(mode(layout).indices) == std::vector<int64_t>{3, 2});
    }
    CHECK(median(Tensor<int32_t>{7, 3, 5}).item() == 5);
    CHECK(kthvalue(Tensor<double>(2.0), 1).values.item() == 2);
    CHECK(median(zeros<double>({0, 3}), 1).values.shape() == Shape{0});
}

TEST_CASE("order_statistics: quantiles and their interpolations") {
    const Tensor<double> x{{4, 1, 3, 2}, {10, 30, 20, 40}};
    const auto by = [&](double q, Interpolation how) {
        return to_vector(quantile(x, q, 1, {.interpolation = how}));
    };
    CHECK(by(0.25, Interpolation::linear) == std::vector<double>{1.75, 17.5});
    CHECK(by(0.25, Interpolation::lower) == std::vector<double>{1, 10});
    CHECK(by(0.25, Interpolation::higher) == std::vector<double>{2, 20});
    CHECK(by(0.25, Interpolation::midpoint) == std::vector<double>{1.5, 15});
    CHECK(by(0.25, Interpolation::nearest) == std::vector<double>{2, 20});
    CHECK(quantile(x, 0.5).item() == 7);
    CHECK(quantile(x, 1, 0, {.keepdims = true}).shape() == Shape{1, 4});
    const Tensor<double> several = quantile(x, {0, 0.5, 1}, 1);
    CHECK(to_vector(several) == std::vector<double>{1, 10, 2.5, 25, 4, 40});
    CHECK(quantile(x, {0, 0.5, 1}, 1, {.keepdims = true}).shape() == Shape{3, 2, 1});
    CHECK(quantile(Tensor<double>(2.0), 0.3, 0).item() == 2);
    const double inf = std::numeric_limits<double>::infinity();
    CHECK(to_vector(quantile(Tensor<double>{-inf, 0, inf}, {0, 0.5, 1}, 0)) ==
          std::vector<double>{-inf, 0, inf});
}

TEST_CASE("order_statistics: NaN in every place") {
    for (int64_t at = 0; at < 7; ++at) {
        Tensor<double> x = support::normal<double>({7});
        x.set({at}, std::numeric_limits<double>::quiet_NaN());
        CHECK(median(x, 0).indices.item() == at);
        CHECK(std::isnan(quantile(x, 0.2).item()));
        CHECK_FALSE(std::isnan(kthvalue(x, 6).values.item()));
        CHECK(kthvalue(x, 7).indices.item() == at);
    }
}

TEST_CASE("order_statistics: gradient to the third order") {
    using Inputs = std::vector<Tensor<double>>;
    const Tensor<double> x = support::normal<double>({3, 4});
    CHECK_GRAD([](const Inputs& in) { return exp(quantile(in[0], {0.3, 0.9}, 1)); }, {x});
    CHECK_GRAD([](const Inputs& in) { return exp(median(in[0], 0).values); }, {x});
    CHECK_GRAD([](const Inputs& in) { return kthvalue(in[0], 2).values; }, {x}, 1);
}

TEST_CASE("order_statistics: errors") {
    const auto x = zeros<double>({2, 3});
    CHECK(message<ValueError>([&] { kthvalue(x, 0); }) ==
          "kthvalue: k is 0, outside [1, 3], the size of axis 1 of x (2, 3)");
    CHECK(message<ValueError>([&] { kthvalue(x, 3, 0); }) ==
          "kthvalue: k is 3, outside [1, 2], the size of axis 0 of x (2, 3)");
    CHECK(message<ShapeError>([&] {
              median(zeros<double>({2, 0}), 1);
          }) == "median: x (2, 0) has no elements along axis 1 to choose from");
    CHECK(message<ShapeError>([&] { mode(x, 4); }) ==
          "mode: axis 4 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ValueError>([&] { quantile(x, 1.5, 0); }) == "quantile: q is 1.5; it must lie in [0, 1]");
    CHECK(message<ShapeError>([&] { quantile(zeros<double>({0}), 0.5); }) ==
          "quantile: x (0,) has no elements along axis 0 to choose from");
}
