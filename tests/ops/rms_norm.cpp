#include <tapegrad/ops/rms_norm.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE("rms_norm: value and extremes") {
    const Tensor<double> y = rms_norm(Tensor<double>{3, 4}, Tensor<double>{1, 10}, 0);
    CHECK(y(0) == doctest::Approx(3 / std::sqrt(12.5)));
    CHECK(y(1) == doctest::Approx(40 / std::sqrt(12.5)));
    CHECK(to_vector(rms_norm(zeros<double>({2}))) == std::vector<double>{0, 0});
    CHECK(rms_norm(empty<double>({3, 0})).shape() == Shape{3, 0});
    CHECK(rms_norm(empty<double>({0, 3})).shape() == Shape{0, 3});
    for (int64_t at = 0; at < 9; ++at) {
        Tensor<double> x = support::normal<double>({2, 9});
        x.set({1, at}, std::numeric_limits<double>::quiet_NaN());
        const Tensor<double> z = rms_norm(x);
        CHECK(std::isnan(z(1, 8 - at)));
        CHECK_FALSE(std::isnan(z(0, at)));
    }
}

TEST_CASE("rms_norm: gradients") {
    const Tensor<double> x = support::normal<double>({2, 4}), w = support::normal<double>({4}, 2);
    CHECK_GRAD([](const auto& v) { return rms_norm(v[0]); }, {x}, 3);
    CHECK_GRAD([](const auto& v) { return rms_norm(v[0], v[1], 1e-3); }, {x, w}, 3);
    CHECK_GRAD([&](const auto& v) { return rms_norm(x, v[0]); }, {w}, 2);
    CHECK_GRAD([](const auto& v) { return rms_norm(v[0], v[1]); },
               {support::spread(support::normal<double>({40, 3})), support::normal<double>({3}, 2)}, 1);
}

TEST_CASE("rms_norm: errors") {
    CHECK(message<ShapeError>([] { static_cast<void>(rms_norm(Tensor<double>(1.0))); }) ==
          "rms_norm: x of rank 0 has no axis to normalise");
    CHECK(message<ShapeError>([] {
              static_cast<void>(rms_norm(zeros<double>({2, 3}), zeros<double>({2})));
          }) == "rms_norm: weight (2,) for x (2, 3); it must be (3,)");
}
