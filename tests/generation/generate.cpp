#include <tapegrad/generation/generate.hpp>

#include <tapegrad/generation/truncation.hpp>
#include <tapegrad/ops/argmax.hpp>
#include <tapegrad/ops/softmax.hpp>

#include "../support/message.hpp"
#include "../support/threads.hpp"
#include "golden.hpp"
#include "toy_models.hpp"

using namespace tapegrad;
using support::Bigram, support::message, support::Remembering;

namespace {

using Prompts = std::vector<std::vector<int64_t>>;

const Prompts prompts{{3, 1, 4, 1, 5}, {9}, {2, 6}, {5, 3, 5}};

template <class M, class S>
Generated generated(const M& model, const Prompts& of, const GenerationOptions& options, const S& sampler,
                    std::uint64_t seed = 5) {
    Generator generator(seed);
    return generate(model, of, options, sampler, generator);
}

/// Token i as a letter, in brackets for each fifth.
TextMaker letters() {
    return [](std::span<const int64_t>) {
        return TokenText{[](int64_t token) {
                             const std::string letter(1, static_cast<char>('a' + token % 26));
                             return token % 5 == 0 ? "[" + letter + "]" : letter;
                         },
                         [] { return std::string("."); }};
    };
}

}

TEST_CASE_TEMPLATE("generate: greedy is the argmax of the whole prefix at every step", T, float, double) {
    const Remembering<T> model{30};
    const Generated out = generated(model, prompts, {.max_new_tokens = 12}, Greedy{});
    REQUIRE(out.sequences.size() == 4);
    CHECK(out.new_tokens == 48);
    for (std::size_t b = 0; b < prompts.size(); ++b) {
        CAPTURE(b);
        std::vector<int64_t> known = prompts[b];
        const GeneratedSequence& got = out.sequences[b];
        REQUIRE(got.tokens.size() == 12);
        CHECK(got.reason == StopReason::length);
        CHECK(got.text.empty());
        for (std::size_t i = 0; i < got.tokens.size(); ++i) {
            const Tensor<T> logits = model(from_vector(known, {1, std::ssize(known)}), {.last_only = true});
            const Tensor<T> log_p = log_softmax(reshape(logits, {30}));
            const int64_t best = argmax(log_p, 0).item();
            CHECK(got.tokens[i] == best);
            CHECK(got.log_probs[i] == doctest::Approx(static_cast<double>(log_p(best))).epsilon(1e-5));
            CHECK(got.drawn_log_probs[i] == 0);
            CHECK(got.entropies[i] ==
                  doctest::Approx(-static_cast<double>(sum(exp(log_p) * log_p).item())).epsilon(1e-5));
            known.push_back(best);
        }
    }
}

TEST_CASE_TEMPLATE("generate: a row has the tokens that it has alone", T, float, double) {
    const Remembering<T> model{40};
    const Chain sampler{RepetitionPenalty(1.2), TopK(20), TopP(0.95), Temperature(0.9)};
    const GenerationOptions options{.max_new_tokens = 25, .eos = {7, 8}};
    const Generated batch = generated(model, prompts, options, sampler);
    bool ended_early = false;
    for (std::size_t b = 0; b < prompts.size(); ++b) {
        GenerationOptions alone = options;
        alone.streams = {b};
        const Generated one = generated(model, {prompts[b]}, alone, sampler);
        CHECK(one.sequences[0].tokens == batch.sequences[b].tokens);
        CHECK(one.sequences[0].log_probs == batch.sequences[b].log_probs);
        CHECK(one.sequences[0].drawn_log_probs == batch.sequences[b].drawn_log_probs);
        ended_early |= one.sequences[0].reason == StopReason::eos;
    }
    CHECK(ended_early);  // so the batch went on without some
}

TEST_CASE_TEMPLATE("generate: samples of one prompt read it once", T, float, double) {
    const Remembering<T> model{40};
    const Chain sampler{Temperature(1.3)};
    const GenerationOptions options{.max_new_tokens = 10, .samples = 3};
    const Generated out = generated(model, {prompts[0], prompts[1]}, options, sampler);
    REQUIRE(out.sequences.size() == 6);
    CHECK(model.calls == 10);
    CHECK(out.sequences[0].tokens != out.sequences[1].tokens);
    CHECK(out.sequences[1].tokens != out.sequences[2].tokens);
    // The first of them is the one that is drawn when there is but one.
    const Generated one = generated(model, {prompts[0], prompts[1]}, {.max_new_tokens = 10}, sampler);
    CHECK(one.sequences[0].tokens == out.sequences[0].tokens);
    CHECK(one.sequences[1].tokens == out.sequences[3].tokens);
}

TEST_CASE_TEMPLATE("generate: the seed decides, threads do not", T, float, double) {
    const Bigram<T> model(3000, 2);
    const Chain sampler{TopP(0.9)};
    const GenerationOptions options{.max_new_tokens = 8};
    const auto run = [&](int threads, std::uint64_t seed) {
        const support::Threads scope(threads);
        std::vector<int64_t> tokens;
        const Generated out = generated(model, prompts, options, sampler, seed);
        for (const GeneratedSequence& s : out.sequences)
            tokens.insert(tokens.end(), s.tokens.begin(), s.tokens.end());
        return tokens;
    };
    const auto expected = run(1, 5);
    CHECK(run(2, 5) == expected);
    CHECK(run(5, 5) == expected);
    CHECK(run(1, 6) != expected);
    Generator generator(5);
    const Generated first = generate(model, prompts, options, sampler, generator);
    const Generated second = generate(model, prompts, options, sampler, generator);
    CHECK(first.sequences[0].tokens != second.sequences[0].tokens);  // the generator moved on
}

TEST_CASE_TEMPLATE("generate: end tokens", T, float, double) {
    const Remembering<T> model{12};
    const auto free = generated(model, {prompts[0]}, {.max_new_tokens = 30}, Chain<>{});
    const auto& tokens = free.sequences[0].tokens;
    const int64_t end = tokens[9];
    const auto at = std::find(tokens.begin(), tokens.end(), end) - tokens.begin();
    const auto got = generated(model, {prompts[0]}, {.max_new_tokens = 30, .eos = {99, end}}, Chain<>{});
    CHECK(got.sequences[0].tokens == std::vector<int64_t>(tokens.begin(), tokens.begin() + at + 1));
    CHECK(got.sequences[0].reason == StopReason::eos);
    CHECK(got.new_tokens == at + 1);
    // An end token that comes too early is not drawn.
    const auto later =
        generated(model, {prompts[0]}, {.max_new_tokens = 30, .min_new_tokens = 15, .eos = {end}}, Chain<>{});
    const auto& late = later.sequences[0].tokens;
    REQUIRE(late.size() >= 15);
    CHECK(std::find(late.begin(), late.begin() + 15, end) == late.begin() + 15);
}

TEST_CASE_TEMPLATE("generate: text as it comes, up to a stop text", T, float, double) {
    const Remembering<T> model{26};
    const Generated whole = generated(model, {prompts[0]}, {.max_new_tokens = 40}, Chain<>{});
    std::string full;
    for (const int64_t token : whole.sequences[0].tokens) full += letters()({}).push(token);
    const auto run = [&](std::vector<std::string> stop) {
        std::string shown;
        GenerationOptions options{.max_new_tokens = 40, .text = letters(), .stop = std::move(stop)};
        options.on_token = [&](const TokenEvent& event) {
            shown += event.text;
            return true;
        };
        options.on_rest = [&](int64_t sequence, std::string_view text) {
            CHECK(sequence == 0);
            shown += text;
        };
        const Generated out = generated(model, {prompts[0]}, options, Chain<>{});
        CHECK(shown == out.sequences[0].text);
        return out.sequences[0];
    };
    CHECK(run({}).text == full + ".");
    const std::string stop = full.substr(20, 3);
    const auto got = run({"never", stop});
    CHECK(got.text == full.substr(0, full.find(stop)));
    CHECK(got.reason == StopReason::text);
    CHECK(got.tokens.size() < 40);
    // What the decoder held back completes one.
    const auto late = run({full.substr(full.size() - 2) + "."});
    CHECK(late.text == full.substr(0, full.size() - 2));
    CHECK(late.reason == StopReason::text);
    CHECK(late.tokens.size() == 40);
}

TEST_CASE_TEMPLATE("generate: a callback ends its sequence", T, float, double) {
    const Remembering<T> model{26};
    std::vector<TokenEvent> events;
    GenerationOptions options{.max_new_tokens = 6, .samples = 2};
    options.on_token = [&](const TokenEvent& event) {
        events.push_back(event);
        return !(event.sequence == 2 && event.step == 1);
    };
    const Generated out = generated(model, {prompts[0], prompts[1]}, options, Chain<>{});
    CHECK(out.sequences[2].tokens.size() == 2);
    CHECK(out.sequences[2].reason == StopReason::callback);
    CHECK(out.sequences[3].tokens.size() == 6);
    CHECK(out.new_tokens == 20);
    REQUIRE(events.size() == 20);
    for (const TokenEvent& event : events) {
        const auto& sequence = out.sequences[static_cast<std::size_t>(event.sequence)];
        const auto step = static_cast<std::size_t>(event.step);
        CHECK(event.prompt == event.sequence / 2);
        CHECK(event.sample == event.sequence % 2);
        CHECK(event.token == sequence.tokens[step]);
        CHECK(event.log_prob == sequence.log_probs[step]);
        CHECK(event.drawn_log_prob == sequence.drawn_log_probs[step]);
        CHECK(event.entropy == sequence.entropies[step]);
    }
    CHECK(out.seconds_to_first > 0);
    CHECK(out.seconds >= out.seconds_to_first);
    CHECK(out.tokens_per_second() > 0);
}

TEST_CASE_TEMPLATE("generate: prompts of one length as a tensor", T, float, double) {
    const Remembering<T> model{26};
    const Tensor<int64_t> ids = from_vector<int64_t>({1, 2, 3, 4, 5, 6}, {2, 3});
    Generator one(2), other(2);
    const GenerationOptions options{.max_new_tokens = 5};
    const Generated a = generate(model, ids, options, Chain<>{}, one),
                    b = generate(model, {{1, 2, 3}, {4, 5, 6}}, options, Chain<>{}, other);
    for (std::size_t i = 0; i < 2; ++i) CHECK(a.sequences[i].tokens == b.sequences[i].tokens);
    CHECK(message<ShapeError>([&] { generate(model, zeros<int64_t>({3}), options, Chain<>{}, one); }) ==
          "generate: ids (3,) must be (batch, length)");
    CHECK(message<ValueError>([&] {
              generate(model, zeros<int64_t>({2, 0}), options, Chain<>{}, one);
          }) == "generate: prompt 0 is empty: there is nothing to continue");
}

TEST_CASE_TEMPLATE("generate: nothing to do", T, float, double) {
    const Bigram<T> model(10, 2);
    CHECK(generated(model, {}, {}, Greedy{}).sequences.empty());
    const Generated none = generated(model, {{1}}, {.max_new_tokens = 0, .samples = 2}, Greedy{});
    REQUIRE(none.sequences.size() == 2);
    CHECK(none.sequences[0].tokens.empty());
    CHECK(none.tokens_per_second() == 0);
}

TEST_CASE("generate: errors") {
    const Bigram<float> model(10, 2);
    const auto error = [&](const Prompts& of, const GenerationOptions& options) {
        return message<ValueError>([&] { generated(model, of, options, Greedy{}); });
    };
    CHECK(error({{1}, {}}, {}) == "generate: prompt 1 is empty: there is nothing to continue");
    CHECK(error({{1}}, {.max_new_tokens = -1}) == "generate: max_new_tokens -1 is less than 0");
    CHECK(error({{1}}, {.min_new_tokens = -1}) == "generate: min_new_tokens -1 is less than 0");
    CHECK(error({{1}}, {.samples = 0}) == "generate: samples 0 is less than 1");
    CHECK(error({{1}}, {.streams = {1, 2}}) == "generate: 2 streams for 1 prompts");
    CHECK(error({{1}}, {.stop = {"x"}}) ==
          "generate: there are stop texts, but `text` does not say how tokens become text");
    CHECK(error({{1}}, {.text = letters(), .stop = {""}}) == "StopTexts: an empty text stops everything");
    CHECK(message<ValueError>([&] {
              generated(model, {{1}}, {}, [](auto& candidates, const SamplerContext&) {
                  for (auto& x : candidates.edit()) x = -std::numeric_limits<float>::infinity();
              });
          }) == "sample: all logits are -inf: no token can come next");
    CHECK(message<IndexError>([&] {
              generated(model, {{1}}, {.min_new_tokens = 2, .eos = {10}}, Greedy{});
          }) == "sample: token 10 is outside a vocabulary of 10");
}
