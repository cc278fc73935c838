#include <tapegrad/generation/sampler.hpp>

#include "../support/message.hpp"
#include "golden.hpp"

using namespace tapegrad;
using support::left_of, support::message;

TEST_CASE_TEMPLATE("temperature: as transformers", T, float, double) {
    // A float divided by the float nearest to 0.7, or by 0.7.
    const double tolerance = sizeof(T) == 4 ? 0 : 1e-6;
    support::check_golden<T>("temperature_0.7", Temperature(0.7), tolerance);
    support::check_golden<T>("temperature_1.9", Temperature(1.9), tolerance);
}

TEST_CASE_TEMPLATE("temperature: 0 and what overflows is greedy", T, float, double) {
    const std::vector<T> logits{T(1), T(3), T(3), T(-2)};
    CHECK(left_of(logits, Greedy{}) == std::vector<int64_t>{1});
    CHECK(left_of(logits, Temperature(0)) == std::vector<int64_t>{1});
    CHECK(left_of(logits, Temperature(1e-320)) == std::vector<int64_t>{1});
    CHECK(left_of(logits, Temperature(1e-60)).size() == (sizeof(T) == 4 ? 1 : 4));
    CHECK(left_of(std::vector<T>{T(0), T(-1)}, Temperature(1e-60)).size() == (sizeof(T) == 4 ? 1 : 2));
    CHECK(left_of(logits, Temperature(1)).size() == 4);
}

TEST_CASE("temperature: errors") {
    CHECK(message<ValueError>([] { Temperature(-0.5); }) ==
          "Temperature: -0.5 is not a finite number of at least 0");
    CHECK(message<ValueError>([] { Temperature(std::nan("")); }) ==
          "Temperature: nan is not a finite number of at least 0");
    CHECK(message<ValueError>([] { Temperature{std::numeric_limits<double>::infinity()}; }) ==
          "Temperature: inf is not a finite number of at least 0");
}

TEST_CASE_TEMPLATE("chain: one after the other, lambdas too", T, float, double) {
    std::vector<int> order;
    std::vector<int64_t> told;
    const auto note = [&order](int which) {
        return [&order, which](auto& candidates, const SamplerContext& before) {
            order.push_back(which);
            if (which == 2) candidates.keep_only(before.prompt);
        };
    };
    struct Listener {
        std::vector<int64_t>* told;
        void operator()(Candidates<T>&, const SamplerContext&) const {}
        void accept(int64_t token, double log_prob) const {
            CHECK(log_prob == -0.5);
            told->push_back(token);
        }
    };
    Chain inner{note(2), Listener{&told}};
    Chain sampler{note(1), inner, note(3)};
    static_assert(Sampler<decltype(sampler), T>);
    static_assert(Sampler<Chain<>, T>);
    CHECK(left_of(std::vector<T>{T(1), T(2), T(3)}, sampler, {{}, 2}) == std::vector<int64_t>{2});
    CHECK(order == std::vector<int>{1, 2, 3});
    sampler.accept(42, -0.5);
    CHECK(told == std::vector<int64_t>{42});
    CHECK(left_of(std::vector<T>{T(1), T(2)}, Chain<>{}).size() == 2);
}
