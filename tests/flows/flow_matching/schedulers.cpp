#include <tapegrad/flows/flow_matching/schedulers.hpp>

#include <doctest/doctest.h>

#include "../../support/matching.hpp"

using namespace tapegrad;

static_assert(Scheduler<CondOT> && Scheduler<Polynomial> && Scheduler<VariancePreserving> &&
              Scheduler<Cosine>);

namespace {

template <class S>
void check(const S& scheduler, const std::string& key) {
    CAPTURE(key);
    const auto t = support::matching_golden("t");
    const auto s = scheduler(t);
    CHECK(support::close(s.alpha, support::matching_golden(key + ".alpha"), 1e-12));
    CHECK(support::close(s.sigma, support::matching_golden(key + ".sigma"), 1e-12));
    CHECK(support::close(s.alpha_rate, support::matching_golden(key + ".alpha_rate"), 1e-12));
    CHECK(support::close(s.sigma_rate, support::matching_golden(key + ".sigma_rate"), 1e-11));
    for (const double at : {0.2, 0.7}) {
        const Schedule<double> one = scheduler(at), after = scheduler(at + 1e-6),
                               before = scheduler(at - 1e-6);
        CHECK((after.alpha - before.alpha) / 2e-6 == doctest::Approx(one.alpha_rate).epsilon(1e-6));
        CHECK((after.sigma - before.sigma) / 2e-6 == doctest::Approx(one.sigma_rate).epsilon(1e-6));
        const auto single = scheduler(full<float>({1}, static_cast<float>(at)));
        CHECK(static_cast<double>(single.sigma.item()) == doctest::Approx(one.sigma).epsilon(1e-5));
    }
}

}

TEST_CASE("schedulers: flow_matching's") {
    check(CondOT{}, "condot");
    check(Polynomial{3}, "polynomial");
    check(VariancePreserving{}, "vp");
    check(Cosine{}, "cosine");
}
