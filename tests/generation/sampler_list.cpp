#include <tapegrad/generation/sampler_list.hpp>

#include "../support/message.hpp"
#include "golden.hpp"

using namespace tapegrad;
using support::check_golden, support::left_of, support::message;

TEST_CASE_TEMPLATE("sampler list: as the chain of its options", T, float, double) {
    check_golden<T>("chain_common", make_samplers<T>({.top_k = 7, .temperature = 0.7, .top_p = 0.6}), 1e-6);
    check_golden<T>(
        "chain_cutoffs",
        SamplerList<T>().add(Temperature(1.9)).add(EpsilonCutoff(0.003)).add(EtaCutoff(0.003)).add(TopP(0.6)),
        1e-6);
    const double inf = std::numeric_limits<double>::infinity(), tolerance = sizeof(T) == 4 ? 0 : 1e-6;
    check_golden<T>("bias", make_samplers<T>({.logit_bias = {{3, 2.5}, {60, -inf}, {7, -1.25}}}), tolerance);
    check_golden<T>("repetition_1.3", make_samplers<T>({.repetition_penalty = 1.3}), tolerance);
    check_golden<T>("frequency", make_samplers<T>({.frequency_penalty = 0.3, .presence_penalty = 0.6}), 1e-6);
    check_golden<T>("ngram_2", make_samplers<T>({.no_repeat_ngram = 2}));
    check_golden<T>("top_k_7", make_samplers<T>({.top_k = 7}));
    check_golden<T>("temperature_0.7", make_samplers<T>({.temperature = 0.7}), tolerance);
    check_golden<T>("sigma", make_samplers<T>({.top_n_sigma = 1.2}));
    check_golden<T>("top_p_0.6", make_samplers<T>({.top_p = 0.6}));
    check_golden<T>("min_p_0.05", make_samplers<T>({.min_p = 0.05}));
    check_golden<T>("typical_0.9", make_samplers<T>({.typical = 0.9}));
    check_golden<T>("epsilon_0.003", make_samplers<T>({.epsilon = 0.003}));
    check_golden<T>("eta_0.003", make_samplers<T>({.eta = 0.003}));
    CHECK(make_samplers<T>({}).size() == 0);
    CHECK(left_of(std::vector<T>{T(1), T(2), T(1)}, make_samplers<T>({.temperature = 0})) ==
          std::vector<int64_t>{1});
}

TEST_CASE_TEMPLATE("sampler list: a copy remembers for itself", T, float, double) {
    struct Counter {
        int calls = 0;
        int64_t* last;
        void operator()(Candidates<T>& candidates, const SamplerContext&) {
            candidates.keep_only(calls++ % candidates.size());
        }
        void accept(int64_t token, double) const { *last = token; }
    };
    int64_t last = -1;
    SamplerList<T> a;
    a.add(Counter{0, &last});
    const auto token = [](SamplerList<T>& list) {
        const std::vector<T> x{T(1), T(2), T(3)};
        Candidates<T> candidates{std::span<const T>(x)};
        list(candidates, {});
        return candidates.token(0);
    };
    CHECK(token(a) == 0);
    SamplerList<T> b = a;
    CHECK(token(a) == 1);
    CHECK(token(a) == 2);
    CHECK(token(b) == 1);
    b = a;
    CHECK(token(b) == 0);
    b.accept(5, 0);
    CHECK(last == 5);
}

TEST_CASE("sampler list: errors") {
    CHECK(message<ValueError>([] { make_samplers<float>({.top_k = -1}); }) == "TopK: k -1 is less than 1");
    CHECK(message<ValueError>([] { make_samplers<float>({.temperature = -1}); }) ==
          "Temperature: -1 is not a finite number of at least 0");
    CHECK(message<ValueError>([] { make_samplers<float>({.top_p = 0}); }) == "TopP: 0 is outside (0, 1]");
}
