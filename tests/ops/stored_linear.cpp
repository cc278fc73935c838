#include <tapegrad/ops/stored_linear.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/ops/convert.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/ops/reduce.hpp>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using support::normal;
using support::same_bits;

namespace {

/// Every element of y is that of `expected`, with room for sums of `terms` products in two orders.
void check_close(const Tensor<float>& y, const Tensor<float>& expected, int64_t terms) {
    REQUIRE(y.shape() == expected.shape());
    const auto a = to_vector(y), b = to_vector(expected);
    const float room = 2 * static_cast<float>(terms) * 6e-8F * static_cast<float>(terms) * 10;
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) <= room);
}

/// linear(x, stored) against linear(x, wide): values and gradients, of the gradient too, and without a bias.
template <class Weight>
void check_linear(const Weight& stored, const Tensor<float>& wide) {
    const int64_t out = wide.size(0), in = wide.size(1);
    for (const Shape& shape : {Shape{in}, Shape{1, in}, Shape{2, 3, in}, Shape{0, in}}) {
        const auto x = normal<float>(shape, 2).requires_grad_(), b = normal<float>({out}, 3).requires_grad_();
        const auto y = linear(x, stored, b), expected = linear(x, wide, b);
        check_close(y, expected, in);
        check_close(linear(x, stored), linear(x, wide), in);
        const auto dy = normal<float>(y.shape(), 4).requires_grad_();
        const auto d = grad(y, {x, b}, {.create_graph = true}, dy),
                   e = grad(expected, {x, b}, {.create_graph = true}, dy);
        check_close(d[0], e[0], out);
        check_close(d[1], e[1], out);
        const auto ddy = grad(sum(d[0] * x.detach()), {dy})[0], eddy = grad(sum(e[0] * x.detach()), {dy})[0];
        check_close(ddy, eddy, in);
    }
}

}

TEST_CASE("linear of bfloat16: that of the widened weights") {
    for (const int64_t in : {1, 17, 64, 130}) {
        const auto w = to<bfloat16>(normal<float>({9, in}));
        check_linear(w, to<float>(w));
    }
    const auto w = to<bfloat16>(normal<float>({40, 9}));
    check_linear(transpose(w, 0, 1), to<float>(transpose(w, 0, 1)));
}

TEST_CASE("linear of 8 bits: that of the widened weights") {
    for (const int64_t in : {1, 17, 64, 130}) {
        const auto w = quantize(normal<float>({9, in}), {.group = 32});
        check_linear(w, dequantize(w));
    }
}

TEST_CASE("linear of 4 bits: that of the widened weights") {
    for (const int64_t in : {1, 17, 32, 48, 64, 130}) {
        const auto w = quantize4(normal<float>({9, in}));
        check_linear(w, dequantize(w));
    }
}

TEST_CASE("quantize4: within half a step, and a whole one where 7.5 steps are passed") {
    const auto w = normal<float>({7, 100});
    const auto q = quantize4(w);
    CHECK(q.values.shape() == Shape{7, 4, 16});
    CHECK(q.scales.shape() == Shape{7, 4});
    CHECK(q.shape() == w.shape());
    const auto back = dequantize(q);
    for (int64_t i = 0; i < 7; ++i)
        for (int64_t p = 0; p < 100; ++p) {
            const float scale = q.scales(i, p / 32), steps = w(i, p) / scale;
            CHECK(std::abs(back(i, p) - w(i, p)) <= std::abs(scale) * (steps < 7.5F ? 0.500001F : 1.000001F));
            if (std::abs(steps) == 8) CHECK(back(i, p) == w(i, p));
        }
    CHECK(same_bits(quantize4(support::spread(w)).values, q.values));
    auto odd = zeros<float>({4, 32});  // zeros; the largest floats; one whose scale is 0; all whole numbers
    odd.mutable_data()[32] = std::numeric_limits<float>::max();
    odd.mutable_data()[33] = -std::numeric_limits<float>::max();
    odd.mutable_data()[64] = std::numeric_limits<float>::denorm_min();
    for (int i = 0; i < 32; ++i) odd.mutable_data()[96 + i] = static_cast<float>(i % 16 - 8);
    const auto whole = dequantize(quantize4(odd));
    for (int64_t p = 0; p < 32; ++p) {
        CHECK(whole(0, p) == 0);
        CHECK(whole(2, p) == 0);
        CHECK(whole(3, p) == odd(3, p));
    }
    CHECK(whole(1, 0) == odd(1, 0));
    CHECK(whole(1, 1) == odd(1, 1) / 8 * 7);
    CHECK(dequantize(quantize4(zeros<float>({0, 3}))).shape() == Shape{0, 3});
    CHECK(dequantize(quantize4(zeros<float>({3, 0}))).shape() == Shape{3, 0});
}

TEST_CASE("quantize: within half a step, and exact where it can be") {
    const auto w = normal<float>({7, 100});
    for (const int64_t group : {32, 64, 128}) {
        const auto q = quantize(w, {.group = group});
        CHECK(q.scales.shape() == Shape{7, (100 + group - 1) / group});
        const auto back = dequantize(q);
        for (int64_t i = 0; i < 7; ++i)
            for (int64_t p = 0; p < 100; ++p)
                CHECK(std::abs(back(i, p) - w(i, p)) <= q.scales(i, p / group) * 0.500001F);
    }
    const auto spread = support::spread(w);
    CHECK(same_bits(quantize(spread).values, quantize(w).values));
    // A group of zeros, one of the largest floats, one so small that its scale is denormal.
    constexpr float most = std::numeric_limits<float>::max();
    auto odd = zeros<float>({3, 32});
    odd.mutable_data()[32] = most;
    odd.mutable_data()[33] = -most;
    odd.mutable_data()[64] = std::numeric_limits<float>::denorm_min();
    const auto back = dequantize(quantize(odd, {.group = 32}));
    for (int64_t p = 0; p < 32; ++p) CHECK(back(0, p) == 0);
    CHECK(back(1, 0) == doctest::Approx(static_cast<double>(most)));
    CHECK(back(1, 1) == doctest::Approx(-static_cast<double>(most)));
    for (int64_t p = 0; p < 32; ++p) CHECK(std::abs(back(2, p)) <= 1e-38F);
    CHECK(dequantize(quantize(zeros<float>({0, 3}))).shape() == Shape{0, 3});
    CHECK(dequantize(quantize(zeros<float>({3, 0}))).shape() == Shape{3, 0});
}

TEST_CASE_TEMPLATE("linear of packed weights: the bits of linear", T, float, double) {
    const auto w = normal<T>({70, 600}), b = normal<T>({70}, 2);
    for (const auto& weight : {w, support::spread(w)}) {
        const auto packed = pack(weight);
        for (const Shape& shape : {Shape{9, 600}, Shape{3, 5, 600}, Shape{0, 600}}) {
            const auto x = normal<T>(shape, 3);
            CHECK(same_bits(linear(x, packed, b), linear(x, w, b)));
            CHECK(same_bits(linear(x, packed), linear(x, w)));
        }
        for (const Shape& shape : {Shape{600}, Shape{5, 600}}) {
            const auto x = normal<T>(shape, 3);
            CHECK(support::close(linear(x, packed, b), linear(x, w, b), 1e-4));
        }
    }
}

TEST_CASE("stored weights: errors") {
    const auto w = normal<float>({4, 32});
    CHECK(message<ShapeError>([&] {
              linear(zeros<float>({2, 3}), quantize(w));
          }) ==
          "linear: x (2, 3) and weight (4, 32) do not fit: the last size of x must be the second of weight "
          "(out, in)");
    CHECK(message<ShapeError>([&] {
              linear(zeros<float>({2, 32}), pack(w), zeros<float>({3}));
          }) == "linear: bias (3,) for weight (4, 32); it must be (4,)");
    CHECK(message<ShapeError>([&] {
              linear(zeros<float>({2, 3}), zeros<bfloat16>({3}));
          }) ==
          "linear: x (2, 3) and weight (3,) do not fit: the last size of x must be the second of weight "
          "(out, in)");
    CHECK(message<ShapeError>([] { quantize(zeros<float>({3})); }) ==
          "quantize: w (3,) must be a matrix (out, in)");
    CHECK(message<ShapeError>([] { quantize4(zeros<float>({3})); }) ==
          "quantize4: w (3,) must be a matrix (out, in)");
    CHECK(message<ShapeError>([] { pack(zeros<float>({3})); }) == "pack: w (3,) must be a matrix (out, in)");
    for (const int64_t group : {-32, 0, 16, 48})
        CHECK(message<ValueError>([&] { quantize(w, {.group = group}); }) ==
              "quantize: the group is " + std::to_string(group) + "; it must be a power of two from 32");
    for (const float value :
         {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        auto odd = zeros<float>({2, 40});
        odd.mutable_data()[59] = value;
        CHECK(message<ValueError>([&] { quantize(odd, {.group = 32}); }) ==
              "quantize: w holds a value that is not finite in row 1, group 0");
        CHECK(message<ValueError>([&] { quantize4(odd); }) ==
              "quantize4: w holds a value that is not finite in row 1, group 0");
    }
    const auto x = normal<float>({2, 32}).requires_grad_();
    CHECK(message<AutogradError>([&] { sum(linear(x, pack(w))).backward(); }) ==
          "linear of packed weights: has no derivative, but a gradient was asked through it; detach() its "
          "result");
}
