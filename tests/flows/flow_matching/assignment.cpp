#include <tapegrad/flows/flow_matching/assignment.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "../../support/tensors.hpp"

using namespace tapegrad;

namespace {

template <class T>
double cost_of(const Tensor<T>& costs, const Tensor<int64_t>& columns) {
    double total = 0;
    for (int64_t i = 0; i < costs.size(0); ++i)
        total += static_cast<double>(costs.data()[i * costs.size(1) + columns.data()[i]]);
    return total;
}
bool is_permutation_of_columns(const Tensor<int64_t>& columns) {
    std::vector<int64_t> sorted(columns.data(), columns.data() + columns.numel());
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i)
        if (sorted[i] != static_cast<int64_t>(i)) return false;
    return true;
}
/// The least cost over all permutations.
template <class T>
double least_cost(const Tensor<T>& costs) {
    std::vector<std::size_t> order(static_cast<std::size_t>(costs.size(0)));
    std::iota(order.begin(), order.end(), 0);
    double least = 1e300;
    do {
        double total = 0;
        for (std::size_t i = 0; i < order.size(); ++i)
            total += static_cast<double>(costs.data()[i * order.size() + order[i]]);
        least = std::min(least, total);
    } while (std::next_permutation(order.begin(), order.end()));
    return least;
}

}

TEST_CASE_TEMPLATE("assignment: the cheapest of all permutations", T, float, double) {
    for (const int64_t n : {1, 2, 3, 5, 7})
        for (std::uint64_t seed = 1; seed < 30; ++seed) {
            // Few different costs, so that there are ties, and costs of both signs.
            Tensor<T> ties = support::normal<T>({n, n}, seed);
            for (int64_t i = 0; i < ties.numel(); ++i)
                detail::output(ties)[i] = std::round(ties.data()[i] * T(seed % 3 + 1));
            for (const Tensor<T>& costs : {ties, support::normal<T>({n, n}, seed)}) {
                const auto columns = assignment(costs);
                REQUIRE(is_permutation_of_columns(columns));
                REQUIRE(cost_of(costs, columns) == doctest::Approx(least_cost(costs)).epsilon(1e-6).scale(1));
            }
        }
}

TEST_CASE("assignment: no pair of rows would rather swap, and points of a line stay in order") {
    const int64_t n = 200;
    const auto x = support::normal<double>({n}, 1), y = support::normal<double>({n}, 2);
    Tensor<double> costs = empty<double>({n, n});
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j) {
            const double d = x.data()[i] - y.data()[j];
            detail::output(costs)[i * n + j] = d * d;
        }
    const auto columns = assignment(costs);
    REQUIRE(is_permutation_of_columns(columns));
    // For squared distances on a line the sorted points are the cheapest pairs.
    std::vector<double> a(x.data(), x.data() + n), b(y.data(), y.data() + n);
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    double least = 0;
    for (std::size_t i = 0; i < a.size(); ++i) least += (a[i] - b[i]) * (a[i] - b[i]);
    CHECK(cost_of(costs, columns) == doctest::Approx(least).epsilon(1e-12));
}

TEST_CASE("assignment: equal costs, none, and errors") {
    CHECK(is_permutation_of_columns(assignment(zeros<float>({9, 9}))));
    CHECK(assignment(zeros<float>({0, 0})).numel() == 0);
    CHECK_THROWS_WITH_AS(assignment(zeros<float>({2, 3})), "assignment: costs (2, 3) are no square",
                         ShapeError);
    CHECK_THROWS_WITH_AS(assignment(full<double>({2, 2}, std::numeric_limits<double>::quiet_NaN())),
                         "assignment: a cost is nan", ValueError);
}
