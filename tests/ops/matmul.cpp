#include <tapegrad/ops/matmul.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;
using support::message;

namespace {

/// The product by its definition, for operands of rank 2 and more, in double.
template <class T>
Tensor<double> reference(const Tensor<T>& a, const Tensor<T>& b) {
    Shape shape = broadcast_shapes("test", detail::leading(a.shape()), detail::leading(b.shape()));
    shape.push_back(a.size(-2));
    shape.push_back(b.size(-1));
    Tensor<double> y = empty<double>(shape);
    support::for_each_place(shape, [&](const Dims& place, int64_t i) {
        double total = 0;
        for (int64_t p = 0; p < a.size(-1); ++p) {
            Dims in_a = place, in_b = place;
            in_a[place.rank() - 1] = p;
            in_b[place.rank() - 2] = p;
            total += static_cast<double>(support::broadcast_at(a, in_a)) *
                     static_cast<double>(support::broadcast_at(b, in_b));
        }
        detail::output(y)[i] = total;
    });
    return y;
}

const std::pair<Shape, Shape> shapes[] = {
    {{1, 1}, {1, 1}},
    {{2, 3}, {3, 4}},
    {{17, 33}, {33, 15}},
    {{1, 40}, {40, 9}},
    {{9, 40}, {40, 1}},
    {{0, 3}, {3, 4}},
    {{2, 0}, {0, 4}},
    {{2, 3}, {3, 0}},
    {{5, 2, 3}, {3, 4}},
    {{2, 3}, {5, 3, 4}},
    {{5, 2, 3}, {5, 3, 4}},
    {{5, 1, 2, 3}, {4, 3, 2}},
    {{2, 1, 7, 9}, {1, 3, 9, 8}},
    {{1, 2, 3}, {6, 3, 2}},
    {{0, 2, 3}, {3, 4}},
    {{3, 2, 70, 40}, {40, 65}},
};

}

TEST_CASE_TEMPLATE("matmul: value over shapes and layouts", T, float, double) {
    constexpr double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const auto& [left, right] : shapes) {
        CAPTURE(left.to_string());
        CAPTURE(right.to_string());
        const Tensor<T> a = support::uniform<T>(left, -1, 1), b = support::uniform<T>(right, -1, 1, 2);
        const Tensor<double> want = reference(a, b);
        const double tolerance = eps * static_cast<double>(left.back() + 1);  // elements are at most 1
        CHECK(support::close(matmul(a, b), want, tolerance));
        CHECK(support::close(matmul(support::spread(a), b), want, tolerance));
        CHECK(support::close(matmul(a, support::spread(b, 1)), want, tolerance));
        const auto flipped = [](const Tensor<T>& x) { return transpose(detail::copy(transpose(x))); };
        CHECK(support::close(matmul(flipped(a), flipped(b)), want, tolerance));
    }
}

TEST_CASE("matmul: vectors") {
    const Tensor<double> a = support::normal<double>({3, 4}), x = support::normal<double>({4}, 2),
                         z = support::normal<double>({3}, 3);
    const Tensor<double> column = reference(a, unsqueeze(x, 1)), row = reference(unsqueeze(z, 0), a);
    CHECK(support::close(matmul(a, x), squeeze(column, 1), 1e-15));
    CHECK(support::close(matmul(z, a), squeeze(row, 0), 1e-15));
    CHECK(matmul(x, x).rank() == 0);
    CHECK(matmul(x, x).item() == doctest::Approx(reference(unsqueeze(x, 0), unsqueeze(x, 1)).item()));
    CHECK(matmul(support::normal<double>({5, 3, 4}), x).shape() == Shape{5, 3});
    CHECK(matmul(z, support::normal<double>({5, 3, 4})).shape() == Shape{5, 4});
}

TEST_CASE("matmul: gradients of every kind of product") {
    const std::pair<Shape, Shape> kinds[] = {
        {{2, 3}, {3, 2}},    {{3}, {3}},          {{2, 3}, {3}},          {{3}, {3, 2}},
        {{2, 2, 3}, {3, 2}}, {{2, 3}, {2, 3, 2}}, {{2, 2, 3}, {2, 3, 1}}, {{2, 1, 1, 3}, {2, 3, 2}},
        {{2, 2, 3}, {3}},    {{3}, {2, 3, 2}}};
    for (const auto& [left, right] : kinds) {
        CAPTURE(left.to_string());
        CAPTURE(right.to_string());
        const Tensor<double> a = support::normal<double>(left), b = support::normal<double>(right, 2);
        CHECK_GRAD([](const auto& v) { return matmul(v[0], v[1]); }, {a, b}, 3);
        CHECK_GRAD([](const auto& v) { return matmul(v[0], v[1]); }, {support::spread(a), support::spread(b)},
                   1);
    }
    CHECK_GRAD([](const auto& v) { return matmul(v[0], v[0]) * v[0]; }, {support::normal<double>({3, 3})}, 3);
    CHECK_GRAD([](const auto& v) { return matmul(v[0], v[1]); },
               {support::normal<double>({2, 9, 5}), support::normal<double>({5, 17}, 2)}, 1);
}

TEST_CASE_TEMPLATE("linear: value", T, float, double) {
    constexpr double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    constexpr int64_t W = simd::width<T>;
    for (const int64_t out : {int64_t{1}, W - 1, W, W + 1, 2 * W + 1, int64_t{100}})
        for (const Shape& shape : {Shape{5}, Shape{4, 5}, Shape{2, 3, 5}, Shape{0, 5}, Shape{70, 5}}) {
            CAPTURE(out);
            CAPTURE(shape.to_string());
            const Tensor<T> x = support::uniform<T>(shape, -1, 1),
                            w = support::uniform<T>({out, 5}, -1, 1, 2),
                            b = support::uniform<T>({out}, -1, 1, 3);
            const Tensor<T> rows = reshape(x, {-1, 5});
            Tensor<double> want = reference(rows, transpose(w));
            Tensor<double> shifted = detail::copy(want);
            for (int64_t i = 0; i < want.numel(); ++i)
                detail::output(shifted)[i] += static_cast<double>(b(i % out));
            Shape full = shape;
            full[full.rank() - 1] = out;
            CHECK(support::close(linear(x, w), reshape(want, full), 8 * eps));
            CHECK(support::close(linear(x, w, b), reshape(shifted, full), 8 * eps));
            CHECK(support::close(linear(support::spread(x), support::spread(w), support::spread(b)),
                                 reshape(shifted, full), 8 * eps));
        }
}

TEST_CASE("linear: gradients") {
    const Tensor<double> w = support::normal<double>({2, 3}, 2), b = support::normal<double>({2}, 3);
    for (const Shape& shape : {Shape{3}, Shape{4, 3}, Shape{2, 2, 3}}) {
        const Tensor<double> x = support::normal<double>(shape);
        CHECK_GRAD([](const auto& v) { return linear(v[0], v[1], v[2]); }, {x, w, b}, 3);
        CHECK_GRAD([](const auto& v) { return linear(v[0], v[1]); }, {x, w}, 2);
        CHECK_GRAD([&](const auto& v) { return linear(x, v[0], b); }, {w}, 2);
        CHECK_GRAD([](const auto& v) { return linear(v[0], v[1], v[2]); },
                   {support::spread(x), support::spread(w), support::spread(b)}, 1);
    }
}

TEST_CASE("matmul: the bits do not depend on the number of threads") {
    const Tensor<float> a = support::normal<float>({3, 130, 300}), b = support::normal<float>({200, 300}, 2),
                        c = support::normal<float>({200}, 3);
    const Tensor<float> dy = support::normal<float>({3, 130, 200}, 4);
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        const Tensor<float> x = detail::copy(a).requires_grad_(), w = detail::copy(b).requires_grad_(),
                            z = detail::copy(c).requires_grad_();
        const Tensor<float> y = linear(x, w, z) + matmul(x, transpose(w));
        backward(y, dy);
        return std::array{y.detach(), x.grad(), w.grad(), z.grad()};
    };
    const auto one = run(1);
    for (int threads = 2; threads <= 4; ++threads) {
        const auto many = run(threads);
        for (std::size_t i = 0; i < one.size(); ++i) CHECK(support::same_bits(one[i], many[i]));
    }
}

TEST_CASE("matmul: a NaN reaches its row or column and no other") {
    for (const int64_t at : {0, 1, 14, 15, 16, 31, 32, 39}) {
        Tensor<float> a = support::normal<float>({20, 40});
        a.set({7, at}, NAN);
        const Tensor<float> y = matmul(a, support::normal<float>({40, 19}, 2));
        bool right = true;
        for (int64_t i = 0; i < 20; ++i)
            for (int64_t j = 0; j < 19; ++j) right &= std::isnan(y(i, j)) == (i == 7);
        CHECK(right);
    }
}

TEST_CASE("matmul: errors") {
    const Tensor<float> a = zeros<float>({2, 3}), b = zeros<float>({4, 5});
    CHECK(message<ShapeError>([&] { static_cast<void>(matmul(a, b)); }) ==
          "matmul: a (2, 3) and b (4, 5) do not multiply: inner sizes 3 and 4 differ");
    CHECK(message<ShapeError>([&] { static_cast<void>(matmul(a, Tensor<float>(1.0F))); }) ==
          "matmul: a (2, 3) and b (): a tensor of rank 0 is no matrix; use *");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(matmul(zeros<float>({2, 2, 3}), zeros<float>({3, 3, 2})));
          }) == "matmul: shapes (2,) and (3,) do not broadcast: sizes 2 and 3 differ at axis -1");
    CHECK(message<ShapeError>([&] { static_cast<void>(linear(a, b)); }) ==
          "linear: x (2, 3) and weight (4, 5) do not fit: the last size of x must be the second of weight "
          "(out, in)");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(linear(a, zeros<float>({4, 3}), zeros<float>({3})));
          }) == "linear: bias (3,) for weight (4, 3); it must be (4,)");
}
