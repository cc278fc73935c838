#include <tapegrad/nn/load_balance.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using support::normal;

namespace {

/// By the formula, for one sequence.
double balance(const Routing<double>& r, int64_t first, int64_t length, bool normalized) {
    const int64_t experts = r.scores.size(1), k = r.experts.size(1);
    double loss = 0;
    for (int64_t i = 0; i < experts; ++i) {
        double count = 0, p = 0;
        for (int64_t t = first; t < first + length; ++t) {
            double total = 0;
            for (int64_t j = 0; j < experts; ++j) total += r.scores(t, j);
            p += r.scores(t, i) / (normalized ? total : 1);
            for (int64_t j = 0; j < k; ++j) count += r.experts(t, j) == i;
        }
        const auto n = static_cast<double>(length);
        loss += static_cast<double>(experts) / (static_cast<double>(k) * n) * count * p / n;
    }
    return loss;
}

}

TEST_CASE("load_balance_loss: by its formula, over all tokens and by sequence") {
    const auto logits = normal<double>({12, 6});
    for (const Scoring scoring : {Scoring::softmax, Scoring::sigmoid}) {
        const auto r = route(logits, {.top_k = 2, .scoring = scoring});
        const bool normalized = scoring == Scoring::sigmoid;
        CHECK(load_balance_loss(r, {.scoring = scoring}).item() ==
              doctest::Approx(balance(r, 0, 12, normalized)).epsilon(1e-12));
        const double halves = (balance(r, 0, 6, normalized) + balance(r, 6, 6, normalized)) / 2;
        CHECK(load_balance_loss(r, {.sequences = 2, .scoring = scoring}).item() ==
              doctest::Approx(halves).epsilon(1e-12));
    }
}

TEST_CASE("load_balance_loss: 1 when even, experts when one expert has all, and of devices") {
    const Tensor<float> even{{9, 0, 0, 0}, {0, 9, 0, 0}, {0, 0, 9, 0}, {0, 0, 0, 9}};
    CHECK(load_balance_loss(route(even, {.top_k = 1})).item() == doctest::Approx(1));
    const Tensor<float> uneven{{99, 0, 0, 0}, {99, 0, 0, 0}};
    const auto r = route(uneven, {.top_k = 1});
    CHECK(load_balance_loss(r).item() == doctest::Approx(4));
    CHECK(load_balance_loss(r, {.devices = 2}).item() == doctest::Approx(2));
    CHECK(load_balance_loss(r, {.devices = 4}).item() == doctest::Approx(4));
    CHECK(load_balance_loss(r, {.devices = 1}).item() == doctest::Approx(1));
    CHECK(load_balance_loss(route(zeros<float>({0, 4}), {})).item() == 0);
    CHECK(to_vector(expert_load(r)) == std::vector<int64_t>{2, 0, 0, 0});
}

TEST_CASE("load_balance_loss and router_z_loss: gradient") {
    const auto logits = normal<double>({4, 6});
    CHECK_GRAD(
        [](const auto& x) {
            const auto r = route(x[0], {.top_k = 2, .scoring = Scoring::sigmoid});
            return load_balance_loss(r, {.sequences = 2, .devices = 3, .scoring = Scoring::sigmoid});
        },
        {logits});
    CHECK_GRAD([](const auto& x) { return load_balance_loss(route(x[0], {})); }, {logits});
    CHECK_GRAD([](const auto& x) { return router_z_loss(route(x[0], {})); }, {logits});
    const auto z = logsumexp(logits, -1);
    CHECK(router_z_loss(route(logits, {})).item() == doctest::Approx(mean(z * z).item()));
    CHECK(router_z_loss(route(zeros<float>({0, 4}), {})).item() == 0);
}

TEST_CASE_TEMPLATE("correct_load_: up for idle experts, down for busy ones", T, float, double) {
    Generator g(1);
    Router<T> router(3, 4, g, {.top_k = 1, .scoring = Scoring::sigmoid, .correction = true});
    correct_load_(router, Tensor<int64_t>{6, 2, 0, 0}, 0.5);
    correct_load_(router, Tensor<int64_t>{6, 2, 0, 0}, 0.5);
    CHECK(to_vector(router.e_score_correction_bias) == std::vector<T>{-1, 0, 1, 1});
}

TEST_CASE("correct_load_: a router that sends all to one expert becomes even") {
    Generator g(1);
    Router<> router(4, 8, g, {.top_k = 2, .scoring = Scoring::sigmoid, .correction = true});
    const auto x = normal<float>({256, 4}, 2) + 1.0F;
    const auto busiest = [&] { return amax(expert_load(router(x))).item(); };
    const int64_t before = busiest();
    for (int step = 0; step < 200; ++step) correct_load_(router, expert_load(router(x)), 0.01);
    CHECK(before > 100);
    CHECK(busiest() < 80);  // 64 each would be even
}

TEST_CASE("load_balance: errors") {
    const auto r = route(zeros<float>({4, 6}), {});
    CHECK(message<ValueError>([&] { load_balance_loss(r, {.sequences = 3}); }) ==
          "load_balance_loss: 4 tokens are not 3 sequences of one length");
    CHECK(message<ValueError>([&] { load_balance_loss(r, {.sequences = 0}); }) ==
          "load_balance_loss: 4 tokens are not 0 sequences of one length");
    CHECK(message<ValueError>([&] { load_balance_loss(r, {.devices = 4}); }) ==
          "load_balance_loss: 6 experts are not spread evenly over 4 devices");
    Generator g(1);
    Router<> plain(2, 4, g), corrected(2, 4, g, {.correction = true});
    CHECK(message<ValueError>([&] { correct_load_(plain, zeros<int64_t>({4})); }) ==
          "correct_load_: the router has no correction; .correction = true");
    CHECK(message<ShapeError>([&] { correct_load_(corrected, zeros<int64_t>({5})); }) ==
          "correct_load_: load (5,) for 4 experts");
}
