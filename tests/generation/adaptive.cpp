#include <tapegrad/generation/adaptive.hpp>

#include "../support/message.hpp"
#include "golden.hpp"

using namespace tapegrad;
using support::left_of, support::message;

TEST_CASE("factual nucleus: p falls from token to token, and a sentence begins anew") {
    const FactualNucleus sampler({7, 8}, {.p = 0.9, .decay = 0.5, .least = 0.2});
    const auto p = [&](const std::vector<int64_t>& tokens, int64_t prompt) {
        return sampler.share({tokens, prompt});
    };
    CHECK(p({}, 0) == 0.9);
    CHECK(p({1, 2, 3}, 3) == 0.9);  // the prompt does not count
    CHECK(p({1, 2, 3}, 2) == 0.45);
    CHECK(p({1, 2, 3}, 1) == 0.225);
    CHECK(p({1, 2, 3}, 0) == 0.2);
    CHECK(p({1, 7, 3}, 0) == 0.45);
    CHECK(p({1, 2, 8}, 0) == 0.9);
    CHECK(FactualNucleus({}).share({}) == 0.9);
}

TEST_CASE_TEMPLATE("factual nucleus: it is a nucleus of that p", T, float, double) {
    const std::vector<T> x{T(0), T(-0.5), T(-1), T(-1.5), T(-2)};
    const std::vector<int64_t> tokens{1, 2, 3};
    const FactualNucleus sampler({}, {.p = 0.9, .decay = 0.5, .least = 0.2});
    CHECK(left_of(x, sampler) == left_of(x, TopP(0.9)));
    CHECK(left_of(x, sampler, {tokens, 2}) == left_of(x, TopP(0.45)));
    CHECK(left_of(x, sampler, {tokens, 0}) == left_of(x, TopP(0.2)));
    CHECK(left_of(x, TopP(0.9)).size() > left_of(x, TopP(0.2)).size());
}

TEST_CASE_TEMPLATE("mirostat: keeps what surprises less than mu, and mu follows", T, float, double) {
    // Probabilities 1/2, 1/4, 1/8, 1/8: 1, 2, 3 and 3 bits.
    const T bit = static_cast<T>(std::log(2.0));
    const std::vector<T> x{-bit, -2 * bit, -3 * bit, -3 * bit};
    Mirostat sampler({.tau = 1.25, .eta = 0.5});
    CHECK(sampler.mu() == 2.5);
    CHECK(left_of(x, sampler) == std::vector<int64_t>{0, 1});
    sampler.accept(0, -0.25 * std::log(2.0));
    CHECK(sampler.mu() == doctest::Approx(3));
    CHECK(left_of(x, Mirostat({.tau = 1.6})).size() == 4);
    CHECK(left_of(x, Mirostat({.tau = 0.01})).size() == 1);
}

TEST_CASE("adaptive: errors") {
    CHECK(message<ValueError>([] { FactualNucleus({}, {.p = 0}); }) == "FactualNucleus: 0 is outside (0, 1]");
    CHECK(message<ValueError>([] { FactualNucleus({}, {.decay = 1.1}); }) ==
          "FactualNucleus: 1.1 is outside (0, 1]");
    CHECK(message<ValueError>([] { FactualNucleus({}, {.least = -1}); }) ==
          "FactualNucleus: -1 is outside (0, 1]");
    CHECK(message<ValueError>([] { Mirostat({.tau = 0}); }) == "Mirostat: 0 is not a finite number above 0");
    CHECK(message<ValueError>([] { Mirostat({.eta = std::nan("")}); }) ==
          "Mirostat: nan is not a finite number above 0");
}
