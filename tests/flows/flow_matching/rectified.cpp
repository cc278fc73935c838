#include <tapegrad/flows/flow_matching/rectified.hpp>

#include <doctest/doctest.h>

#include "../../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("rectified: pairs of a field, and how straight it is", T, float, double) {
    const auto x = support::normal<T>({50, 2});
    const auto even = [](double, const Tensor<T>& v) { return full_like(v, T(2)); };
    const auto pairs = reflow(even, x);
    CHECK(support::same_bits(pairs.noise, x));
    CHECK(support::close(pairs.data, x + T(2), 1e-5));
    CHECK(straightness(even, x).item() == doctest::Approx(0).epsilon(1e-6));
    // dx/dt = x: x(1) - x(0) = (e - 1) x(0), and the mean over t of (e - 1 - e^t)^2 is (e - 1) (3 - e) / 2.
    const auto growing = [](double, const Tensor<T>& v) { return v; };
    const double e = std::exp(1.0), want = (e - 1) * (3 - e) / 2;
    CHECK(straightness(growing, ones<T>({3, 2}), 200).item() == doctest::Approx(want).epsilon(1e-3));
    CHECK_THROWS_WITH_AS(straightness(even, x, 0), "straightness: 0 steps", ValueError);
}
