#include <tapegrad/ops/flip.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("flip: value", T, float, double, uint8_t, bool) {
    for (const Shape& shape : {Shape{3, 4, 5}, Shape{1, 17, 1}, Shape{2, 0, 3}}) {
        const Tensor<T> x = detail::cast<T>(support::normal<float>(shape));
        const Tensor<T> some = flip(x, {0, -1}), every = flip(x, {});
        REQUIRE(some.shape() == shape);
        CHECK(support::same_bits(flip(support::spread(x), {0, 2}), some));
        support::for_each_place(shape, [&](const Dims& p, int64_t) {
            const int64_t i = shape[0] - 1 - p[0], j = shape[1] - 1 - p[1], k = shape[2] - 1 - p[2];
            REQUIRE(some(p[0], p[1], p[2]) == x(i, p[1], k));
            REQUIRE(every(p[0], p[1], p[2]) == x(i, j, k));
        });
    }
    CHECK(flip(Tensor<T>(T(1)), {}).item() == T(1));
}

TEST_CASE_TEMPLATE("roll: value for all shifts", T, float, uint8_t) {
    const Tensor<T> x = detail::cast<T>(reshape(arange<int64_t>(12), {3, 4}));
    for (const Tensor<T>& layout : {x, support::spread(x)})
        for (int64_t a = -7; a <= 7; ++a)
            for (int64_t b = -5; b <= 5; ++b) {
                const Tensor<T> y = roll(layout, {a, b}, {0, 1});
                bool right = true;
                for (int64_t i = 0; i < 3; ++i)
                    for (int64_t j = 0; j < 4; ++j) right &= y((i + a + 9) % 3, (j + b + 8) % 4) == x(i, j);
                CHECK(right);
                CHECK(support::same_bits(roll(layout, {a, b, -a}, {0, 1, -2}), roll(x, b, 1)));
            }
    CHECK(to_vector(roll(x, -1)) == to_vector(roll(reshape(x, {12}), 11, 0)));
    CHECK(roll(zeros<T>({0, 3}), 2, 0).shape() == Shape{0, 3});
    constexpr int64_t low = std::numeric_limits<int64_t>::min();
    CHECK(support::same_bits(roll(x, low, 1), x));
}

TEST_CASE("rot90: four quarters are none, and one is a turn from the first axis to the second") {
    const auto x = reshape(arange<int64_t>(6), {2, 3});
    CHECK(to_vector(rot90(x)) == std::vector<int64_t>{2, 5, 1, 4, 0, 3});
    CHECK(to_vector(rot90(x, -1)) == std::vector<int64_t>{3, 0, 4, 1, 5, 2});
    CHECK(to_vector(rot90(x, 2)) == std::vector<int64_t>{5, 4, 3, 2, 1, 0});
    CHECK(to_vector(rot90(x, 8)) == to_vector(x));
    CHECK(to_vector(rot90(x, 1, {1, 0})) == to_vector(rot90(x, 3)));
}

TEST_CASE("flip, roll, rot90: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] { flip(x, 2); }) ==
          "flip: axis 2 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { flip(x, {0, -2}); }) == "flip: axis -2 is named twice in (0, -2)");
    CHECK(message<ShapeError>([&] {
              roll(x, {1, 2}, {0});
          }) == "roll: shifts (1, 2) and axes (0,) differ in length");
    CHECK(message<ShapeError>([&] { roll(x, 1, -3); }) ==
          "roll: axis -3 is outside [-2, 2) of a tensor of rank 2");
    CHECK(message<ShapeError>([&] { rot90(x, 1, {0, 1, 2}); }) == "rot90: axes (0, 1, 2) are not two");
    CHECK(message<ShapeError>([&] {
              rot90(x, 1, {1, -1});
          }) == "rot90: axes (1, -1) are the same axis of x (2, 3)");
}
