#include <tapegrad/ops/pad.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

/// The place that a padded one shows, or -1.
int64_t shown(int64_t i, int64_t n, PadMode mode) {
    if (i >= 0 && i < n) return i;
    switch (mode) {
        case PadMode::constant:
            return -1;
        case PadMode::reflect:
            return i < 0 ? -i : 2 * n - 2 - i;
        case PadMode::replicate:
            return i < 0 ? 0 : n - 1;
        default:
            return (i + n) % n;
    }
}

}

TEST_CASE_TEMPLATE("pad: value for all margins and modes", T, float, int64_t, uint8_t) {
    const Tensor<T> x = detail::cast<T>(reshape(arange<int64_t>(24), {2, 3, 4}));
    for (const Tensor<T>& layout : {x, support::spread(x)})
        for (const PadMode mode :
             {PadMode::constant, PadMode::reflect, PadMode::replicate, PadMode::circular})
            for (int64_t a = -2; a <= 3; ++a)
                for (int64_t b = -2; b <= 2; ++b) {
                    const Tensor<T> y = pad(layout, {a, 1, 2, b}, {.mode = mode, .value = 9});
                    REQUIRE(y.shape() == Shape{2, 5 + b, 5 + a});
                    bool right = true;
                    support::for_each_place(y.shape(), [&](const Dims& p, int64_t i) {
                        const int64_t r = shown(p[1] - 2, 3, mode), c = shown(p[2] - a, 4, mode);
                        right &= y.data()[i] == (r < 0 || c < 0 ? T(9) : x(p[0], r, c));
                    });
                    CHECK(right);
                }
}

TEST_CASE("pad: sizes 0, no margins, many axes") {
    CHECK(to_vector(pad(zeros<float>({0}), {1, 2}, {.value = 3})) == std::vector<float>{3, 3, 3});
    CHECK(pad(zeros<float>({0, 2}), {1, 1}, {.mode = PadMode::circular}).shape() == Shape{0, 4});
    CHECK(pad(zeros<float>({2, 3}), {}).shape() == Shape{2, 3});
    CHECK(pad(zeros<float>({3}), {-3, 2}, {.mode = PadMode::replicate}).shape() == Shape{2});
    CHECK(pad(zeros<float>({1, 1, 1, 1, 1}), {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}).shape() == Shape{3, 3, 3, 3, 3});
    CHECK(pad(full<bool>({2}, true), {1, 0}, {.value = 1})(0));
}

TEST_CASE("pad: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message<ShapeError>([&] {
              pad(x, {1, 2, 3});
          }) == "pad: 3 margins are not two for each of some axes of x (2, 3)");
    CHECK(message<ShapeError>([&] {
              pad(x, {1, 1, 1, 1, 1, 1});
          }) == "pad: 6 margins are not two for each of some axes of x (2, 3)");
    CHECK(message<ShapeError>([&] {
              pad(x, {-2, -2});
          }) == "pad: margins -2 and -2 do not fit axis 1 of x (2, 3)");
    CHECK(message<ShapeError>([&] {
              pad(x, {0, 0, -3, 4});
          }) == "pad: margins -3 and 4 do not fit axis 0 of x (2, 3)");
    constexpr int64_t high = std::numeric_limits<int64_t>::max();
    CHECK(message<ShapeError>([&] {
              pad(x, {high, 1});
          }) == "pad: margins 9223372036854775807 and 1 do not fit axis 1 of x (2, 3)");
    CHECK(message<ShapeError>([&] {
              pad(x, {3, 0}, {.mode = PadMode::reflect});
          }) == "pad: margins 3 and 0 need more than axis 1 of x (2, 3) has");
    CHECK(message<ShapeError>([&] {
              pad(x, {0, 4}, {.mode = PadMode::circular});
          }) == "pad: margins 0 and 4 need more than axis 1 of x (2, 3) has");
    CHECK(message<ShapeError>([] {
              pad(zeros<float>({0}), {1, 0}, {.mode = PadMode::replicate});
          }) == "pad: margins 1 and 0 need more than axis 0 of x (0,) has");
}
