#include <tapegrad/optim/average.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

namespace {
/// Averages of one parameter that takes the values 1, 4, 9, ..., beginning at 0.
template <class Average>
std::vector<double> averages(Tensor<double>& p, Average& average, int updates) {
    std::vector<double> seen;
    for (int i = 1; i <= updates; ++i) {
        for (int64_t k = 0; k < p.numel(); ++k) p.set({k}, i * i);
        average.update();
        seen.push_back(average.averages()[0](0));
    }
    return seen;
}
}

TEST_CASE("average: exponential, from a copy; with a warm-up; with the bias of the beginning taken out") {
    Tensor<double> p = zeros<double>({3});
    EMA plain(std::vector{p}, {.decay = 0.75});
    const std::vector<double> seen = averages(p, plain, 3);
    CHECK(seen == std::vector<double>{0.25, 1.1875, 3.140625});

    p = zeros<double>({3});
    EMA warm(std::vector{p}, {.decay = 0.5, .warmup = true});
    double wanted = 0;
    const std::vector<double> risen = averages(p, warm, 12);
    for (int n = 1; n <= 12; ++n) {
        const double d = std::fmin(0.5, (1.0 + n) / (10.0 + n));
        wanted = d * wanted + (1 - d) * n * n;
        CHECK(risen[static_cast<std::size_t>(n - 1)] == doctest::Approx(wanted).epsilon(1e-14));
    }

    p = full<double>({3}, 1e6);  // forgotten at the first update
    EMA debiased(std::vector{p}, {.decay = 0.9, .debias = true});
    double zero_based = 0;
    const std::vector<double> free = averages(p, debiased, 6);
    for (int n = 1; n <= 6; ++n) {
        zero_based = 0.9 * zero_based + 0.1 * n * n;
        CHECK(free[static_cast<std::size_t>(n - 1)] ==
              doctest::Approx(zero_based / (1 - std::pow(0.9, n))).epsilon(1e-13));
    }
}

TEST_CASE("average: the mean of all updates") {
    Tensor<double> p = full<double>({3}, 1e6);
    SWA average(std::vector{p});
    const std::vector<double> seen = averages(p, average, 4);
    CHECK(seen[0] == 1);
    CHECK(seen[3] == doctest::Approx(7.5).epsilon(1e-15));
    CHECK(average.updates() == 4);
}

TEST_CASE("average: swapped while it is evaluated, with the same bits after") {
    Tensor<float> p = linspace<float>(-1, 1, 37).requires_grad_();
    EMA average(std::vector{p}, {.decay = 0.9});
    p.set({3}, 5.5F);
    average.update();
    const std::vector<float> trained = to_vector(p), mean = to_vector(average.averages()[0]);
    {
        const auto evaluating = average.swapped();
        CHECK(to_vector(p) == mean);
        CHECK_THROWS_WITH_AS(average.update(), "average: updated while the parameters hold the averages",
                             Error);
    }
    CHECK(to_vector(p) == trained);
    CHECK(to_vector(average.averages()[0]) == mean);
    average.update();
    CHECK(average.updates() == 2);
}

TEST_CASE("average: a saved state continues bit for bit") {
    Tensor<float> p = linspace<float>(-1, 1, 5);
    EMA whole(std::vector{p}, {.debias = true}), first(std::vector{p}, {.debias = true});
    whole.update();
    first.update();
    p.set({0}, 7);
    EMA second(std::vector{p}, {.debias = true});
    second.load_state_dict(first.state_dict());
    whole.update();
    second.update();
    CHECK(to_vector(whole.averages()[0]) == to_vector(second.averages()[0]));
    CHECK(second.updates() == 2);
}

TEST_CASE("average: errors") {
    const std::vector params{ones<float>({3})};
    CHECK_THROWS_WITH_AS(EMA(params, {.decay = 1}), "EMA: decay is 1; it must be in [0, 1)", ValueError);
    CHECK_THROWS_WITH_AS(EMA(params, {.warmup = true, .debias = true}),
                         "EMA: warmup and debias both make up for the beginning; take one", ValueError);
    CHECK_THROWS_WITH_AS(SWA(std::vector<Tensor<float>>()), "average: there are no parameters", ValueError);
    SWA one(params), two(std::vector{ones<float>({3}), ones<float>({2})}),
        other(std::vector{ones<float>({2})});
    CHECK_THROWS_WITH_AS(two.load_state_dict(one.state_dict()),
                         "average: the state has 2 tensors, not those of 2 parameters", ValueError);
    CHECK_THROWS_WITH_AS(other.load_state_dict(one.state_dict()),
                         "average: the state 0 is (3,) of float32, not (2,) of float32", ValueError);
}
