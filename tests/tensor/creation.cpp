#include <tapegrad/tensor/creation.hpp>

#include <doctest/doctest.h>

#include <numeric>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("creation: one value", T, float, double, bfloat16, float16, int32_t, int64_t, uint8_t,
                   bool) {
    const auto all_are = [](const Tensor<T>& x, T value) {
        bool right = true;
        for (int64_t i = 0; i < x.numel(); ++i) right &= x.data()[i] == value;
        return right;
    };
    const T zero = T(0.0f), one = T(1.0f);
    CHECK(all_are(zeros<T>({3, 5}), zero));
    CHECK(all_are(ones<T>({3, 5}), one));
    CHECK(all_are(full<T>({17}, one), one));
    const auto x = support::spread(zeros<T>({2, 3}));
    CHECK(ones_like(x).strides() == Strides{3, 1});
    CHECK(all_are(ones_like(x), one));
    CHECK(all_are(zeros_like(x), zero));
    CHECK(all_are(full_like(x, one), one));
    CHECK(zeros<T>({}).numel() == 1);
    CHECK(zeros<T>({2, 0}).numel() == 0);
}

TEST_CASE("creation: arange") {
    CHECK(to_vector(arange<int64_t>(4)) == std::vector<int64_t>{0, 1, 2, 3});
    CHECK(to_vector(arange<int32_t>(2, 11, 3)) == std::vector<int32_t>{2, 5, 8});
    CHECK(to_vector(arange<int32_t>(2, 12, 3)) == std::vector<int32_t>{2, 5, 8, 11});
    CHECK(to_vector(arange<int64_t>(5, 0, -2)) == std::vector<int64_t>{5, 3, 1});
    CHECK(to_vector(arange<int64_t>(5, -1, -2)) == std::vector<int64_t>{5, 3, 1});
    CHECK(to_vector(arange<float>(0, 1, 0.25f)) == std::vector<float>{0, 0.25f, 0.5f, 0.75f});
    CHECK(to_vector(arange<double>(1, 0, -0.5)) == std::vector<double>{1, 0.5});
    CHECK(arange<double>(0, 1, 0.1).numel() == 10);
    CHECK(arange<float>(3, 3).numel() == 0);
    CHECK(arange<int64_t>(0).shape() == Shape{0});
    // Each value is rounded once: no drift.
    CHECK(arange<float>(0, 1000, 0.1f)(9999) == static_cast<float>(9999 * static_cast<double>(0.1f)));
    CHECK(message<ValueError>([] { arange<float>(0, 1, 0); }) == "arange: step is 0");
    CHECK(message<ValueError>([] { arange<int64_t>(3, 1); }) ==
          "arange: from 3 to 1 in steps of 1 goes the wrong way");
    CHECK(message<ValueError>([] { arange<float>(0, 1, -0.5f); }) ==
          "arange: from 0 to 1 in steps of -0.5 goes the wrong way");
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    CHECK(message<ValueError>([&] { arange<float>(0, inf); }) ==
          "arange: from 0 to inf in steps of 1 has no end");
    CHECK_THROWS_AS(arange<float>(0, nan), ValueError);
    CHECK_THROWS_AS(arange<float>(0, 1, nan), ValueError);
}

TEST_CASE("creation: arange of integers near the ends of their range") {
    constexpr int64_t high = std::numeric_limits<int64_t>::max(), low = std::numeric_limits<int64_t>::min();
    CHECK(to_vector(arange<int64_t>(high - 2, high)) == std::vector<int64_t>{high - 2, high - 1});
    CHECK(to_vector(arange<int64_t>(high - 2, high, 5)) == std::vector<int64_t>{high - 2});
    CHECK(to_vector(arange<int64_t>(low, high, high)) == std::vector<int64_t>{low, -1, high - 1});
    CHECK(to_vector(arange<int64_t>(0, low, low)) == std::vector<int64_t>{0});
}

TEST_CASE_TEMPLATE("creation: linspace", T, float, double) {
    CHECK(to_vector(linspace<T>(0, 1, 5)) == std::vector<T>{0, T(0.25), T(0.5), T(0.75), 1});
    CHECK(to_vector(linspace<T>(3, 3, 2)) == std::vector<T>{3, 3});
    CHECK(to_vector(linspace<T>(2, 7, 1)) == std::vector<T>{2});
    CHECK(linspace<T>(2, 7, 0).numel() == 0);
    for (const int64_t n : {2, 3, 10, 1001}) {
        const auto x = linspace<T>(T(-0.3), T(0.7), n);
        CHECK(x(0) == T(-0.3));
        CHECK(x(-1) == T(0.7));
    }
    CHECK(message<ValueError>([] { linspace<T>(0, 1, -1); }) == "linspace: n is -1; it must not be negative");
}

TEST_CASE("creation: eye") {
    CHECK(to_vector(eye<float>(2)) == std::vector<float>{1, 0, 0, 1});
    CHECK(to_vector(eye<int64_t>(2, 3)) == std::vector<int64_t>{1, 0, 0, 0, 1, 0});
    CHECK(to_vector(eye<int64_t>(3, 2)) == std::vector<int64_t>{1, 0, 0, 1, 0, 0});
    CHECK(eye<float>(0).shape() == Shape{0, 0});
    CHECK(message<ShapeError>([] { eye<float>(-2, 3); }) == "empty: negative size -2 in (-2, 3)");
}

TEST_CASE("creation: copies of spans and vectors") {
    std::vector<float> values{1, 2, 3, 4};
    const auto x = from_vector(values, {2, 2}), y = from_vector(values);
    const auto z = from_span(std::span<const float>(values), {4, 1});
    values[0] = 9;
    CHECK(x(0, 0) == 1);
    CHECK(y.shape() == Shape{4});
    CHECK(z.shape() == Shape{4, 1});
    CHECK(to_vector(from_vector(std::vector<float>{})).empty());
    CHECK(message<ShapeError>([&] { from_vector(values, {3}); }) == "from_span: 4 values for a shape (3,)");
    CHECK(to_vector(from_vector(std::vector<bool>{true, false, true})) ==
          std::vector<bool>{true, false, true});
}

TEST_CASE("creation: borrowed and adopted memory") {
    std::vector<double> values{1, 2, 3, 4};
    {
        Tensor<double> x = borrow(std::span<double>(values), {2, 2});
        x.set({1, 1}, 7);
        CHECK(values[3] == 7);
        CHECK(x.data() == values.data());
    }
    CHECK(message<ShapeError>([&] { borrow(std::span<double>(values), {5}); }) ==
          "borrow: 4 values for a shape (5,)");
    const double* const place = values.data();
    Tensor<double> view;
    {
        const Tensor<double> y = adopt(std::move(values), {4});
        CHECK(y.data() == place);
        view = detail::view_of(y, {2}, {2}, 1);
    }
    CHECK(to_vector(view) == std::vector<double>{2, 7});
    CHECK(message<ShapeError>([] { adopt(std::vector<float>{1}, {2}); }) ==
          "adopt: 1 values for a shape (2,)");
}

TEST_CASE("creation: to_vector walks a view in row-major order") {
    const Tensor<int64_t> x{{1, 2, 3}, {4, 5, 6}};
    CHECK(to_vector(detail::view_of(x, {3, 2}, {1, 3})) == std::vector<int64_t>{1, 4, 2, 5, 3, 6});
}
