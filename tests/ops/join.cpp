#include <tapegrad/ops/join.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/elementwise.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {
using Inputs = std::vector<Tensor<double>>;
}

TEST_CASE_TEMPLATE("cat: value", T, float, double, int32_t, bool) {
    const auto random = [](const Shape& shape, std::uint64_t seed) {
        return detail::cast<T>(support::normal<float>(shape, seed));
    };
    for (int axis = 0; axis < 3; ++axis) {
        std::vector<Tensor<T>> parts;
        for (const int64_t n : {2, 0, 1, 17}) {
            Shape shape{3, 4, 5};
            shape[axis] = n;
            parts.push_back(random(shape, static_cast<std::uint64_t>(n)));
        }
        parts[0] = support::spread(parts[0]);
        const Tensor<T> y = cat(parts, axis - 3);
        Shape want{3, 4, 5};
        want[axis] = 20;
        REQUIRE(y.shape() == want);
        int64_t start = 0;
        for (const Tensor<T>& part : parts) {
            CHECK(support::same_bits(narrow(y, axis, start, part.shape()[axis]), part));
            start += part.shape()[axis];
        }
    }
    const Tensor<T> one = random({2, 3}, 1);
    CHECK(support::same_bits(cat({one}), one));
    CHECK_FALSE(cat({one}).body().storage == one.body().storage);
}

TEST_CASE("cat: errors") {
    const auto x = zeros<float>({2, 3}), y = zeros<float>({2, 4}), z = zeros<float>({2});
    CHECK(message<ShapeError>([&] { cat(std::vector<Tensor<float>>{}); }) == "cat: no tensors");
    CHECK(message<ShapeError>([&] {
              cat({x, y});
          }) == "cat: tensor 1 (2, 4) and tensor 0 (2, 3) differ beside axis 0");
    CHECK(message<ShapeError>([&] {
              cat({x, x, z}, 1);
          }) == "cat: tensor 2 (2,) and tensor 0 (2, 3) differ beside axis 1");
    CHECK(message<ShapeError>([&] {
              cat({x, y}, 2);
          }) == "cat: axis 2 is outside [-2, 2) of a tensor of rank 2");
}

TEST_CASE("stack: value") {
    const Tensor<float> a{1, 2}, b{3, 4}, c{5, 6};
    CHECK(to_vector(stack({a, b, c})) == std::vector<float>{1, 2, 3, 4, 5, 6});
    CHECK(stack({a, b, c}).shape() == Shape{3, 2});
    CHECK(to_vector(stack({a, b, c}, -1)) == std::vector<float>{1, 3, 5, 2, 4, 6});
    CHECK(stack({Tensor<float>(1.0f), Tensor<float>(2.0f)}).shape() == Shape{2});
    CHECK(message<ShapeError>([&] {
              stack({a, zeros<float>({3})});
          }) == "stack: tensor 1 (3,) and tensor 0 (2,) differ");
    CHECK(message<ShapeError>([&] { stack(std::vector<Tensor<float>>{}); }) == "stack: no tensors");
    CHECK(message<ShapeError>([&] {
              stack({a, b}, 2);
          }) == "unsqueeze: axis 2 is outside [-2, 1] for x (2,)");
}

TEST_CASE("split and chunk: value") {
    const auto x = support::normal<float>({3, 7, 2});
    const auto parts = split(x, {2, 0, 5}, 1);
    REQUIRE(parts.size() == 3);
    CHECK(parts[1].shape() == Shape{3, 0, 2});
    CHECK(support::same_bits(cat(parts, 1), x));
    CHECK(parts[2].body().storage == x.body().storage);
    const auto equal = split(x, 3, -2);
    REQUIRE(equal.size() == 3);
    CHECK(equal[2].shape() == Shape{3, 1, 2});
    CHECK(support::same_bits(cat(equal, 1), x));
    CHECK(split(zeros<float>({0, 2}), 4).size() == 1);
    const auto [q, k, v] = chunk<3>(x);
    CHECK(q.shape() == Shape{1, 7, 2});
    CHECK(support::same_bits(cat({q, k, v}), x));

    CHECK(message<ShapeError>([&] {
              split(x, {2, 4}, 1);
          }) == "split: the sizes do not add up to 7, axis 1 of x (3, 7, 2)");
    CHECK(message<ShapeError>([&] {
              split(x, {2, 6}, 1);
          }) == "split: the sizes do not add up to 7, axis 1 of x (3, 7, 2)");
    CHECK(message<ShapeError>([&] {
              split(x, {8, -1}, 1);
          }) == "split: the sizes do not add up to 7, axis 1 of x (3, 7, 2)");
    CHECK(message<ShapeError>([&] { split(x, {-1, 8}, 1); }) == "split: negative size -1");
    CHECK(message<ValueError>([&] { split(x, 0); }) == "split: size 0 is not positive");
    CHECK(message<ShapeError>([&] { chunk<2>(x); }) == "chunk: axis 0 of x (3, 7, 2) has no 2 equal parts");
}

TEST_CASE("chunk by a number and unbind: value") {
    const auto x = support::normal<float>({3, 7, 2});
    const auto parts = chunk(x, 3, 1);
    REQUIRE(parts.size() == 3);
    CHECK(parts[2].shape() == Shape{3, 1, 2});
    CHECK(support::same_bits(cat(parts, 1), x));
    CHECK(chunk(x, 5, 1).size() == 4);  // as many as parts of two places need
    CHECK(chunk(x, 9, 0).size() == 3);
    CHECK(chunk(zeros<float>({0}), 3).size() == 1);
    const auto places = unbind(x, -1);
    REQUIRE(places.size() == 2);
    CHECK(support::same_bits(stack(places, -1), x));
    CHECK(places[1].body().storage == x.body().storage);
    CHECK(unbind(zeros<float>({0, 2})).empty());
    CHECK(message<ValueError>([&] { chunk(x, 0); }) == "chunk: count 0 is not positive");
    CHECK(message<ShapeError>([&] { unbind(x, 3); }) ==
          "unbind: axis 3 is outside [-3, 3) of a tensor of rank 3");
}

TEST_CASE("join: gradient") {
    const auto a = support::normal<double>({2, 3}), b = support::normal<double>({2, 2}, 2);
    CHECK_GRAD([](const Inputs& in) { return exp(cat({in[0], in[1] * in[1], in[0]}, 1) * 0.3); }, {a, b});
    CHECK_GRAD([](const Inputs& in) { return square(stack({in[0] * in[0], in[0]}, 1)); }, {a});
    CHECK_GRAD(
        [](const Inputs& in) {
            const auto parts = split(in[0] * in[0], {1, 2}, 1);
            return parts[0] * parts[1] * parts[1];
        },
        {a});
    CHECK_GRAD(
        [](const Inputs& in) {
            const auto [x, y, z] = chunk<3>(in[0], -1);
            return x * y * z * z;
        },
        {a});
}

TEST_CASE("cat: an input that needs no gradient gets none") {
    auto x = Tensor<float>{1, 2};
    const auto fixed = Tensor<float>{3};
    x.requires_grad_();
    backward(cat({fixed, x, fixed, x}), Tensor<float>{1, 2, 3, 4, 5, 6});
    CHECK(to_vector(x.grad()) == std::vector<float>{7, 9});
    CHECK_FALSE(fixed.grad().defined());
}
