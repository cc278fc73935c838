#include <tapegrad/flows/ode/state.hpp>

#include <doctest/doctest.h>

#include "../../support/tensors.hpp"

using namespace tapegrad;

static_assert(OdeState<Tensor<float>> && OdeState<std::array<Tensor<double>, 2>> &&
              OdeState<std::vector<Tensor<float>>>);
static_assert(!OdeState<Tensor<int64_t>> && !OdeState<double>);

TEST_CASE("state: weighted sums part by part") {
    using Pair = std::array<Tensor<double>, 2>;
    const Pair a{Tensor<double>{1, 2}, Tensor<double>{3}}, b{Tensor<double>{10, 20}, Tensor<double>{30}};
    const Pair* const states[] = {&a, &b};
    const double weights[] = {2, 0.5};
    const Pair y = detail::weighted_states<Pair>(states, weights);
    CHECK(support::close(y[0], Tensor<double>{7, 14}, 0));
    CHECK(support::close(y[1], Tensor<double>{21}, 0));
}

TEST_CASE_TEMPLATE("state: the norm is the largest of the parts'", T, float, double) {
    using Parts = std::vector<Tensor<T>>;
    const Parts x{Tensor<T>{3, 4}, Tensor<T>{6}, zeros<T>({0})},
        a{Tensor<T>{0, -2}, Tensor<T>{1}, zeros<T>({0})}, b{Tensor<T>{1, 1}, Tensor<T>{-3}, zeros<T>({0})};
    // Scales 1 + 0.5 max: (1.5, 2) and 2.5.
    CHECK(detail::scaled_norm(x, a, b, 1, 0.5, 3) == doctest::Approx(2.4));
    CHECK(detail::scaled_norm(x, a, b, 1, 0.5, 1) == doctest::Approx(2));
    const Parts bad{full<T>({2}, std::numeric_limits<T>::quiet_NaN()), Tensor<T>{1}, zeros<T>({0})};
    CHECK(std::isnan(detail::scaled_norm(bad, a, b, 1, 0.5, 3)));
    CHECK(detail::largest_of(x) == 6);
    CHECK(std::isnan(detail::largest_of(bad)));
    CHECK(detail::shapes_of(x) == "(2,), (1,), (0,)");
}
