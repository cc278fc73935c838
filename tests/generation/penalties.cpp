#include <tapegrad/generation/penalties.hpp>

#include <tapegrad/generation/truncation.hpp>

#include "../support/message.hpp"
#include "golden.hpp"

using namespace tapegrad;
using support::check_golden, support::left_of, support::message;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

template <class T, class S>
std::vector<T> processed(const std::vector<T>& x, const std::vector<int64_t>& tokens, int64_t prompt,
                         S sampler) {
    Candidates<T> candidates{std::span<const T>(x)};
    sampler(candidates, {tokens, prompt});
    std::vector<T> out(x.size());
    candidates.write(out.data());
    return out;
}

}

TEST_CASE_TEMPLATE("penalties: as transformers", T, float, double) {
    // Numbers that are no floats are rounded on one side alone.
    const double tolerance = sizeof(T) == 4 ? 0 : 1e-6;
    check_golden<T>("repetition_1.3", RepetitionPenalty(1.3), tolerance);
    check_golden<T>("repetition_0.8", RepetitionPenalty(0.8), tolerance);
    check_golden<T>("ngram_1", NoRepeatNgram(1));
    check_golden<T>("ngram_2", NoRepeatNgram(2));
    check_golden<T>("ngram_3", NoRepeatNgram(3));
    check_golden<T>("ngram_20", NoRepeatNgram(20));
    check_golden<T>("bias", LogitBias({{3, 2.5}, {60, -inf}, {7, -1.25}}), tolerance);
    check_golden<T>("frequency", FrequencyPenalty({.frequency = 0.3, .presence = 0.6}), 1e-6);
    check_golden<T>("chain_late_penalties",
                    Chain{TopK(55), RepetitionPenalty(1.3), NoRepeatNgram(2), TopP(0.95), Temperature(1.9)},
                    1e-6);
    check_golden<T>("chain_typical", Chain{RepetitionPenalty(0.8), Typical(0.9), MinP(0.05)}, 1e-6);
}

TEST_CASE_TEMPLATE("penalties: which tokens count", T, float, double) {
    const std::vector<T> x{T(4), T(-4), T(4), T(4)};
    const std::vector<int64_t> tokens{0, 1, 1, 2, 2, 99, -5};
    CHECK(processed(x, tokens, 3, RepetitionPenalty(2)) == std::vector<T>{T(2), T(-8), T(2), T(4)});
    CHECK(processed(x, tokens, 3, RepetitionPenalty(2, 4)) == std::vector<T>{T(4), T(-4), T(2), T(4)});
    CHECK(processed(x, tokens, 3, FrequencyPenalty({.frequency = 1, .presence = 0.5})) ==
          std::vector<T>{T(4), T(-4), T(1.5), T(4)});
    CHECK(processed(x, tokens, 3, FrequencyPenalty({.presence = 0.5, .prompt = true})) ==
          std::vector<T>{T(3.5), T(-4.5), T(3.5), T(4)});
    CHECK(processed(x, tokens, 3, FrequencyPenalty({.frequency = -1, .last = 3, .prompt = true})) ==
          std::vector<T>{T(4), T(-4), T(5), T(4)});
    for (const auto& same :
         {processed(x, {}, 0, RepetitionPenalty(2)), processed(x, {}, 0, NoRepeatNgram(1)),
          processed(x, tokens, 7, FrequencyPenalty({.frequency = 1})),
          processed(x, tokens, 3, FrequencyPenalty({})), processed(x, tokens, 3, RepetitionPenalty(1)),
          processed(x, tokens, 3, LogitBias({}))})
        CHECK(same == x);
}

TEST_CASE("penalties: errors") {
    const double nan = std::nan("");
    CHECK(message<ValueError>([] { RepetitionPenalty(0); }) ==
          "RepetitionPenalty: 0 is not a finite number above 0");
    CHECK(message<ValueError>([] { RepetitionPenalty{inf}; }) ==
          "RepetitionPenalty: inf is not a finite number above 0");
    CHECK(message<ValueError>([] { RepetitionPenalty(1.1, -1); }) ==
          "RepetitionPenalty: last -1 is negative");
    CHECK(message<ValueError>([=] { FrequencyPenalty({.frequency = nan}); }) ==
          "FrequencyPenalty: a penalty of nan is not finite");
    CHECK(message<ValueError>([] { FrequencyPenalty({.last = -2}); }) ==
          "FrequencyPenalty: last -2 is negative");
    CHECK(message<ValueError>([] { NoRepeatNgram(0); }) == "NoRepeatNgram: n 0 is less than 1");
    CHECK(message<ValueError>([] { LogitBias({{3, inf}}); }) == "LogitBias: the bias of token 3 is +inf");
    CHECK(message<ValueError>([=] { LogitBias({{3, nan}}); }) == "LogitBias: the bias of token 3 is NaN");
    CHECK(message<IndexError>([] {
              left_of(std::vector<float>{1, 2}, LogitBias({{2, 1.0}}));
          }) == "sample: token 2 is outside a vocabulary of 2");
    CHECK(message<ValueError>([] {
              left_of(std::vector<float>{1, 2}, Chain{LogitBias({{0, -inf}, {1, -inf}}), TopP(0.5)});
          }) == "sample: all logits are -inf: no token can come next");
}
