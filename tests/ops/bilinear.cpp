#include <tapegrad/ops/bilinear.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using X = Tensor<double>;

TEST_CASE("bilinear: value and shape") {
    // x^T W z for W = ((1, 2), (3, 4)).
    const X w{{{1, 2}, {3, 4}}}, x{1, 10}, z{2, 3};
    CHECK(support::same_bits(bilinear(x, z, w), X{1 * (2 + 6) + 10 * (6 + 12)}));
    CHECK(support::same_bits(bilinear(x, z, w, X{0.5}), X{188.5}));
    CHECK(bilinear(zeros<double>({4, 0, 2}), zeros<double>({4, 0, 2}), w).shape() == Shape{4, 0, 1});
}

TEST_CASE("bilinear: gradients to the third order") {
    const auto n = [](const Shape& shape, std::uint64_t seed) {
        return support::normal<double>(shape, seed);
    };
    CHECK_GRAD([](const auto& v) { return bilinear(v[0], v[1], v[2], v[3]); },
               {n({2, 2}, 1), n({2, 3}, 2), n({2, 2, 3}, 3), n({2}, 4)}, 3);
    CHECK_GRAD([](const auto& v) { return bilinear(v[0], v[0], v[1]); }, {n({2}, 1), n({1, 2, 2}, 3)}, 3);
    CHECK_GRAD(
        [](const auto& v) { return bilinear(v[0], v[1], v[2]); },
        {support::spread(n({2, 2}, 1)), support::spread(n({2, 3}, 2)), support::spread(n({2, 2, 3}, 3))}, 1);
}

TEST_CASE("bilinear: errors") {
    const X x = zeros<double>({5, 2}), w = zeros<double>({4, 2, 3});
    CHECK(message<ShapeError>([&] { static_cast<void>(bilinear(x, x, w)); }) ==
          "bilinear: x (5, 2), z (5, 2) and weight (4, 2, 3) do not fit: they are (..., n), (..., m) and "
          "(out, n, m)");
    CHECK(message<ShapeError>([&] {
              static_cast<void>(bilinear(x, zeros<double>({5, 3}), w, zeros<double>({3})));
          }) == "bilinear: bias (3,) for weight (4, 2, 3); it must be (4,)");
}
