#include <tapegrad/ops/scan.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/reduce.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

using Inputs = std::vector<Tensor<double>>;
constexpr double inf = std::numeric_limits<double>::infinity();

}

TEST_CASE("scan: value along every axis of every layout") {
    const Tensor<double> x{{1, -2, 3}, {4, 5, -6}};
    for (const Tensor<double>& layout : {x, support::spread(x)}) {
        CHECK(to_vector(cumsum(layout, 0)) == std::vector<double>{1, -2, 3, 5, 3, -3});
        CHECK(to_vector(cumsum(layout, -1)) == std::vector<double>{1, -1, 2, 4, 9, 3});
        CHECK(to_vector(cumprod(layout, 0)) == std::vector<double>{1, -2, 3, 4, -10, -18});
        CHECK(to_vector(cumprod(layout, 1)) == std::vector<double>{1, -2, -6, 4, 20, -120});
        CHECK(to_vector(cummax(layout, 1).values) == std::vector<double>{1, 1, 3, 4, 5, 5});
        CHECK(to_vector(cummin(layout, 0).indices) == std::vector<int64_t>{0, 0, 0, 0, 0, 1});
    }
    CHECK(support::close(logcumsumexp(x, 1), log(cumsum(exp(x), 1)), 1e-15));
    CHECK(support::close(logcumsumexp(x, 0), log(cumsum(exp(x), 0)), 1e-15));
}

TEST_CASE("scan: integers and bool give int64") {
    CHECK(to_vector(cumsum(Tensor<bool>{true, false, true}, 0)) == std::vector<int64_t>{1, 1, 2});
    CHECK(to_vector(cumprod(Tensor<int32_t>{1 << 20, 1 << 20, 2}, 0)) ==
          std::vector<int64_t>{1 << 20, int64_t{1} << 40, int64_t{1} << 41});
    CHECK(to_vector(cummax(Tensor<int32_t>{3, 1, 3, 4}, 0).indices) == std::vector<int64_t>{0, 0, 2, 3});
}

TEST_CASE("scan: no elements and rank 0") {
    CHECK(cumsum(zeros<double>({0, 3}), 0).shape() == Shape{0, 3});
    CHECK(cumprod(zeros<double>({3, 0}), 0).shape() == Shape{3, 0});
    CHECK(logcumsumexp(zeros<double>({0}), 0).shape() == Shape{0});
    CHECK(cummax(zeros<double>({2, 0}), 1).indices.shape() == Shape{2, 0});
    CHECK(cumsum(Tensor<double>(3.0), -1).item() == 3);
    CHECK(cummin(Tensor<double>(3.0), 0).indices.item() == 0);
    Tensor<double> none = zeros<double>({0, 2}).requires_grad_();
    sum(cumprod(none, 0)).backward();
    CHECK(none.grad().shape() == Shape{0, 2});
}

TEST_CASE("scan: gradient to the third order, of products with none, one and several zeros") {
    const auto x = support::normal<double>({2, 4});
    for (const int axis : {0, 1}) {
        CHECK_GRAD([axis](const Inputs& in) { return cumsum(in[0], axis) * in[0]; }, {x});
        CHECK_GRAD([axis](const Inputs& in) { return logcumsumexp(in[0], axis); }, {x});
        CHECK_GRAD([axis](const Inputs& in) { return square(cummax(in[0], axis).values); }, {x});
        CHECK_GRAD([axis](const Inputs& in) { return cumprod(in[0], axis); }, {x});
    }
    for (const Tensor<double>& zeros : {Tensor<double>{2, 0, 3, 4, -1}, Tensor<double>{0, 2, 0, -3, 0.5}})
        CHECK_GRAD([](const Inputs& in) { return cumprod(in[0], 0); }, {zeros});
    for (const bool reverse : {false, true})
        CHECK_GRAD([reverse](const Inputs& in) { return detail::recurrence(in[0], in[1], 1, reverse); },
                   {x, support::normal<double>({2, 4}, 5)});
}

TEST_CASE("scan: the gradient of logcumsumexp does not overflow") {
    Tensor<double> x = Tensor<double>{-inf, 1000, -1000, 1000}.requires_grad_();
    const Tensor<double> y = logcumsumexp(x, 0);
    CHECK(y(0) == -inf);
    CHECK(y(2) == 1000);
    CHECK(y(3) == doctest::Approx(1000 + std::log(2.0)));
    sum(narrow(y, 0, 1, 3)).backward();
    CHECK(support::close(x.grad(), Tensor<double>{0, 2.5, 0, 0.5}, 1e-12));  // 1000 has few digits for log 2
}

TEST_CASE("scan: NaN from its place on, at every position") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (int64_t at = 0; at < 2 * simd::width<double> + 1; ++at) {
        Tensor<double> x = support::normal<double>({2 * simd::width<double> + 1});
        x.set({at}, nan);
        for (const auto& y :
             {cumsum(x, 0), cumprod(x, 0), logcumsumexp(x, 0), cummax(x, 0).values, cummin(x, 0).values})
            for (int64_t i = 0; i < y.numel(); ++i) REQUIRE((y(i) != y(i)) == (i >= at));
    }
}

TEST_CASE("scan: errors") {
    const auto x = zeros<double>({2, 3});
    CHECK(message<ShapeError>([&] { cumsum(x, 2); }) ==
          "cumsum: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { cumprod(x, -3); }) ==
          "cumprod: axis -3 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { logcumsumexp(Tensor<double>(1.0), 1); }) ==
          "logcumsumexp: axis 1 is outside [0, 0) of a tensor of rank 0");
    CHECK(message<ShapeError>([&] { cummax(x, 5); }) ==
          "cummax: axis 5 is outside [-2, 2) of a tensor of rank 2");
}
