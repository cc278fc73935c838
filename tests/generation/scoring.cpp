#include <tapegrad/generation/scoring.hpp>

#include <doctest/doctest.h>

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/ops/softmax.hpp>

#include "../support/message.hpp"
#include "toy_models.hpp"

using namespace tapegrad;
using support::Bigram, support::message, support::Remembering;

namespace {
using Ids = std::vector<int64_t>;
const std::vector<Ids> answers{{3, 4}, {11}, {7, 7, 7, 1, 2}};
}

TEST_CASE_TEMPLATE("scoring: answers to a prompt, as PyTorch", T, float, double) {
    const SafetensorsFile golden("tests/golden/perplexity.safetensors");
    const auto ids = to_vector(golden.load<int64_t>("ids"));
    const Remembering<T> model{30};
    const Choice choice = choose(model, std::span(ids).first(7), answers);
    REQUIRE(choice.answers.size() == 3);
    CHECK(model.calls == 3);  // the prompt, and two answers of more than one token
    std::size_t best = 0, best_mean = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto want = to_vector(golden.load<double>("answers." + std::to_string(i)));
        const TokenScores& got = choice.answers[i];
        REQUIRE(got.log_probs.size() == want.size());
        double sum = 0;
        for (std::size_t k = 0; k < want.size(); ++k) {
            CHECK(got.log_probs[k] == doctest::Approx(-want[k]).epsilon(sizeof(T) == 4 ? 1e-5 : 1e-12));
            CHECK(got.entropies[k] > 0);
            CHECK(got.entropies[k] < std::log(30.0));
            sum += want[k];
        }
        CHECK(got.sum() == doctest::Approx(-sum));
        CHECK(got.mean() == doctest::Approx(-sum / static_cast<double>(want.size())));
        CHECK(got.perplexity() == doctest::Approx(std::exp(sum / static_cast<double>(want.size()))));
        if (got.sum() > choice.answers[best].sum()) best = i;
        if (got.mean() > choice.answers[best_mean].mean()) best_mean = i;
    }
    CHECK(choice.likeliest == static_cast<int64_t>(best));
    CHECK(choice.likeliest_per_token == static_cast<int64_t>(best_mean));
}

TEST_CASE_TEMPLATE("scoring: long continuations come in chunks", T, float, double) {
    const Bigram<T> model(50, 3);
    Ids ids;
    for (int64_t i = 0; i < 400; ++i) ids.push_back(i * 7 % 50);
    const TokenScores scores =
        score_continuation(model, read_prefix(model, std::span(ids).first(1)), std::span(ids).subspan(1));
    REQUIRE(scores.size() == 399);
    const Tensor<T> log_p = log_softmax(model(from_vector(ids, {1, 400}), {}));
    for (int64_t i = 0; i < 399; ++i) {
        const auto at = static_cast<std::size_t>(i);
        CHECK(scores.log_probs[at] ==
              doctest::Approx(static_cast<double>(log_p(0, i, ids[at + 1]))).epsilon(1e-5));
    }
    CHECK(score_continuation(model, read_prefix(model, std::span(ids).first(1)), {}).size() == 0);
}

TEST_CASE("scoring: errors") {
    const Bigram<float> model(10, 3);
    const Ids prompt{1, 2};
    CHECK(message<ValueError>([&] { read_prefix(model, {}); }) == "read_prefix: there are no tokens to read");
    CHECK(message<ValueError>([&] { choose(model, prompt, {}); }) == "choose: there are no answers");
    CHECK(message<ValueError>([&] { choose(model, prompt, {{1}, {}}); }) == "choose: answer 1 is empty");
    CHECK(message<ValueError>([&] { choose(model, {}, {{1}}); }) ==
          "read_prefix: there are no tokens to read");
    CHECK(message<IndexError>([&] {
              choose(model, prompt, {{1}, {10}});
          }) == "score: token 10 is outside a vocabulary of 10");
    CHECK(message<IndexError>([&] {
              choose(model, prompt, {{3, -1}});
          }) == "score: token -1 is outside a vocabulary of 10");
}
