#include <tapegrad/flows/flow_matching/pairing.hpp>

#include <doctest/doctest.h>

#include "../../support/matching.hpp"

using namespace tapegrad;

TEST_CASE("pairing: the exact plan is POT's") {
    const auto x0 = support::matching_golden("x0"), x1 = support::matching_golden("x1");
    CHECK(support::close(detail::squared_distances(x0, x1), support::matching_golden("costs"), 1e-12));
    const auto columns = support::matching_golden<int64_t>("columns");
    CHECK(support::same_bits(assignment(support::matching_golden("costs")), columns));
    Generator generator(1);
    const auto [a, b] = make_pairs(x0, x1, Pairing::exact, generator);
    CHECK(support::same_bits(a, x0));
    CHECK(support::same_bits(b, index_select(x1, 0, columns)));
}

TEST_CASE_TEMPLATE("pairing: pairs of a plan are nearer than those that come", T, float, double) {
    Generator generator(2);
    const auto x0 = support::normal<T>({64, 2, 2}, 1), x1 = support::normal<T>({64, 2, 2}, 2);
    const auto distance = [&](Pairing how) {
        const auto [a, b] = make_pairs(x0, x1, how, generator, {.regularization = 0.1});
        CHECK(a.shape() == x0.shape());
        return static_cast<double>(mean(square(a - b)).item());
    };
    const double apart = distance(Pairing::independent), exact = distance(Pairing::exact);
    CHECK(exact < 0.6 * apart);
    CHECK(distance(Pairing::sinkhorn) < 0.7 * apart);
    CHECK(make_pairs(zeros<T>({0, 2}), zeros<T>({0, 2}), Pairing::exact, generator).first.numel() == 0);
    CHECK_THROWS_WITH_AS(make_pairs(x0, zeros<T>({3}), Pairing::exact, generator),
                         "make_pairs: x0 (64, 2, 2) and x1 (3,) are no pairs of events", ShapeError);
}
