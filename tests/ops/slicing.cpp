#include <tapegrad/ops/slicing.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

using Inputs = std::vector<Tensor<double>>;

/// What Python's range(n)[start:stop:step] holds, for a positive step.
std::vector<int64_t> python_slice(int64_t n, int64_t start, int64_t stop, int64_t step) {
    const auto bound = [n](int64_t i) { return i < 0 ? (i + n < 0 ? 0 : i + n) : (i > n ? n : i); };
    std::vector<int64_t> places;
    for (int64_t i = bound(start); i < bound(stop); i += step) places.push_back(i);
    return places;
}

Tensor<int64_t> counted(const Shape& shape) {
    const auto x = arange<int64_t>(numel_of(shape));
    return detail::view_of(x, shape, row_major(shape));
}

}

TEST_CASE("slice: all bounds and steps, as Python's") {
    for (const int64_t n : {0, 1, 5})
        for (int64_t start = -7; start <= 7; ++start)
            for (int64_t stop = -7; stop <= 7; ++stop)
                for (int64_t step = 1; step <= 7; step += 2) {
                    const auto y = slice(arange<int64_t>(n), 0, start, stop, step);
                    REQUIRE(to_vector(y) == python_slice(n, start, stop, step));
                }
    constexpr int64_t high = std::numeric_limits<int64_t>::max(), low = std::numeric_limits<int64_t>::min();
    CHECK(to_vector(slice(arange<int64_t>(5), 0, low, high, high)) == std::vector<int64_t>{0});
    CHECK(slice(arange<int64_t>(5), 0).numel() == 5);
}

TEST_CASE_TEMPLATE("slice: value of a view", T, float, double, bool) {
    const Tensor<T> x = detail::cast<T>(counted({3, 4, 5}));
    for (const Tensor<T>& layout : {x, support::spread(x)}) {
        const Tensor<T> y = slice(layout, 1, 1, 4, 2);
        CHECK(y.shape() == Shape{3, 2, 5});
        CHECK(y.body().storage == layout.body().storage);
        support::for_each_place(y.shape(), [&](const Dims& p, int64_t) {
            REQUIRE(y(p[0], p[1], p[2]) == x(p[0], 1 + 2 * p[1], p[2]));
        });
    }
    CHECK(slice(x, -1, 9, 2).shape() == Shape{3, 4, 0});
}

TEST_CASE("slice: errors") {
    const auto x = counted({2, 3});
    CHECK(message<ValueError>([&] { slice(x, 1, 0, 3, 0); }) ==
          "slice: step 0 at axis 1 is not positive; to turn an axis round use flip");
    CHECK(message<ValueError>([&] { slice(x, 0, 0, 3, -1); }) ==
          "slice: step -1 at axis 0 is not positive; to turn an axis round use flip");
    CHECK(message<ShapeError>([&] { slice(x, 2); }) ==
          "slice: axis 2 is outside [-2, 2) of a tensor of rank 2");
}

TEST_CASE("narrow and select: value") {
    const auto x = counted({2, 3, 4});
    CHECK(to_vector(narrow(x, 1, 1, 1)) == std::vector<int64_t>{4, 5, 6, 7, 16, 17, 18, 19});
    CHECK(narrow(x, -1, -2, 2).shape() == Shape{2, 3, 2});
    CHECK(narrow(x, 2, 4, 0).shape() == Shape{2, 3, 0});
    CHECK(to_vector(select(x, 0, -1)) ==
          std::vector<int64_t>{12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23});
    CHECK(to_vector(select(x, 2, 1)) == std::vector<int64_t>{1, 5, 9, 13, 17, 21});
    CHECK(select(counted({3}), 0, 2).item() == 2);
    CHECK(message<IndexError>([&] { narrow(x, 1, 2, 2); }) ==
          "narrow: 2 places from 2 are outside axis 1 of size 3");
    CHECK(message<IndexError>([&] { narrow(x, 1, -4, 1); }) ==
          "narrow: 1 places from -4 are outside axis 1 of size 3");
    CHECK(message<IndexError>([&] { narrow(x, 1, 0, -1); }) ==
          "narrow: -1 places from 0 are outside axis 1 of size 3");
    CHECK(message<IndexError>([&] { select(x, 1, 3); }) == "select: index 3 is outside axis 1 of size 3");
    CHECK(message<IndexError>([&] { select(x, -1, -5); }) == "select: index -5 is outside axis 2 of size 4");
    CHECK(message<ShapeError>([&] { select(Tensor<float>(1.0f), 0, 0); }) ==
          "select: axis 0 is outside [0, 0) of a tensor of rank 0");
}

TEST_CASE("at: value") {
    const auto x = counted({2, 3, 4, 5});
    CHECK(at(x).shape() == x.shape());
    CHECK(at(x, 1).shape() == Shape{3, 4, 5});
    CHECK(at(x, 1, 2, 3, 4).item() == 119);
    CHECK(at(x, 0, all, Slice{1, 3}, Slice{.step = 2}).shape() == Shape{3, 2, 3});
    CHECK(at(x, 0, all, Slice{1, 3}, Slice{.step = 2})(2, 1, 1) == x(0, 2, 2, 2));
    CHECK(at(x, ellipsis, -1).shape() == Shape{2, 3, 4});
    CHECK(at(x, ellipsis, -1)(1, 2, 3) == x(1, 2, 3, 4));
    CHECK(at(x, 1, ellipsis, Slice{.start = -2}).shape() == Shape{3, 4, 2});
    CHECK(at(x, newaxis, 1, newaxis, ellipsis, newaxis).shape() == Shape{1, 1, 3, 4, 5, 1});
    CHECK(at(x, 0, 0, ellipsis, 0, 0).item() == 0);
    CHECK(at(x, 0, 0, 0, 0, newaxis).shape() == Shape{1});
    const auto y = at(transpose(x, 0, 3), all, 1, Slice{.start = 1, .step = 2});
    CHECK(y.shape() == Shape{5, 2, 2});
    CHECK(y(4, 1, 0) == x(0, 1, 3, 4));
    CHECK(y.body().storage == x.body().storage);
    CHECK(at(Tensor<float>(3.0f), newaxis, ellipsis).shape() == Shape{1});
}

TEST_CASE("at: errors") {
    const auto x = counted({2, 3});
    CHECK(message<IndexError>([&] { at(x, 0, 0, 0); }) == "at: 3 indices for x (2, 3)");
    CHECK(message<IndexError>([&] { at(x, all, 3); }) == "at: index 3 is outside axis 1 of size 3");
    CHECK(message<ValueError>([&] { at(x, Slice{.step = -1}); }) ==
          "at: step -1 at axis 0 is not positive; to turn an axis round use flip");
}

TEST_CASE("slicing: gradient") {
    const auto x = support::normal<double>({3, 4, 2});
    const auto check = [&](const auto& f) {
        CHECK_GRAD([&](const Inputs& in) { return exp(f(in[0] * in[0]) * 0.1) * f(in[0]); }, {x});
    };
    check([](const auto& v) { return slice(v, 1, 1, 4, 2); });
    check([](const auto& v) { return narrow(transpose(v, 0, 1), 0, 1, 2); });
    check([](const auto& v) { return select(v, 1, -2); });
    check([](const auto& v) { return at(v, Slice{.step = 2}, newaxis, ellipsis, 1); });
    check([](const auto& v) { return at(transpose(v), all, 1, Slice{1, 3}); });
    check([](const auto& v) { return select(select(select(v, 0, 1), 0, 2), 0, 0); });
}

TEST_CASE("slicing: the gradient stands in the places taken, zeros elsewhere") {
    auto x = zeros<float>({2, 4});
    x.requires_grad_();
    backward(at(transpose(x), Slice{.step = 2}, 1), Tensor<float>{5, 6});
    CHECK(to_vector(x.grad()) == std::vector<float>{0, 0, 0, 0, 5, 0, 6, 0});
    x.zero_grad();
    backward(slice(x, 1, 2, 2), zeros<float>({2, 0}));
    CHECK(to_vector(x.grad()) == std::vector<float>(8, 0.0f));
}
