#include <tapegrad/generation/draw.hpp>

#include <tapegrad/generation/penalties.hpp>
#include <tapegrad/generation/truncation.hpp>
#include <tapegrad/ops/slicing.hpp>

#include "../support/heap.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"
#include "../support/threads.hpp"
#include "golden.hpp"

using namespace tapegrad;
using support::message;

namespace {

std::vector<int64_t> tokens_of(const std::vector<Drawn>& drawn) {
    std::vector<int64_t> tokens;
    for (const Drawn& d : drawn) tokens.push_back(d.token);
    return tokens;
}

}

TEST_CASE_TEMPLATE("draw: frequencies, log-probability and entropy", T, float, double) {
    const std::vector<T> x{T(0.5), -std::numeric_limits<T>::infinity(), T(-1), T(1.5), T(0)};
    double total = 0, entropy = 0;
    std::vector<double> p(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) total += p[i] = std::exp(static_cast<double>(x[i]));
    for (double& each : p) {
        each /= total;
        if (each > 0) entropy -= each * std::log(each);
    }
    Generator generator(3);
    std::vector<double> counts(x.size());
    constexpr int times = 20000;
    for (int i = 0; i < times; ++i) {
        Candidates<T> candidates{std::span<const T>(x)};
        const Drawn drawn = draw(candidates, generator);
        const auto token = static_cast<std::size_t>(drawn.token);
        ++counts[token];
        if (i > 20) continue;
        CHECK(drawn.log_prob == doctest::Approx(std::log(p[token])));
        CHECK(drawn.entropy == doctest::Approx(entropy));
    }
    for (std::size_t i = 0; i < x.size(); ++i)
        CHECK(std::abs(counts[i] / times - p[i]) <= 4 * std::sqrt(p[i] / times));
}

TEST_CASE_TEMPLATE("draw: one candidate", T, float, double) {
    const std::vector<T> x{T(0.5), T(2), T(1)};
    Generator generator(3);
    Candidates<T> candidates{std::span<const T>(x)};
    candidates.keep_only(2);
    const Drawn drawn = draw(candidates, generator);
    CHECK(drawn.token == 2);
    CHECK(drawn.log_prob == 0);
    CHECK(drawn.entropy == 0);
}

TEST_CASE_TEMPLATE("sample: rows do not depend on each other, nor on threads", T, float, double) {
    const Tensor<T> logits = support::normal<T>({6, 70'001}, 4);
    const Chain sampler{TopK(500), TopP(0.9), Temperature(1.5)};
    const auto run = [&](int threads) {
        const support::Threads scope(threads);
        Generator generator(8);
        std::vector<int64_t> tokens;
        for (int step = 0; step < 3; ++step)
            for (const int64_t token : tokens_of(sample(logits, sampler, generator))) tokens.push_back(token);
        return tokens;
    };
    const auto expected = run(1);
    CHECK(run(2) == expected);
    CHECK(run(7) == expected);
    CHECK(expected[0] != expected[6]);  // another step, other numbers
    Generator generator(8);
    const Tensor<T> first = narrow(logits, 0, 0, 2);
    CHECK(tokens_of(sample(first, sampler, generator)) ==
          std::vector<int64_t>(expected.begin(), expected.begin() + 2));
    Generator other(9);
    CHECK(tokens_of(sample(logits, sampler, other)) !=
          std::vector<int64_t>(expected.begin(), expected.begin() + 6));
    // Rows that do not lie beside each other.
    Generator again(8);
    CHECK(tokens_of(sample(support::spread(logits), sampler, again)) ==
          std::vector<int64_t>(expected.begin(), expected.begin() + 6));
}

TEST_CASE_TEMPLATE("draw: in steady state a row asks for no memory", T, float, double) {
    const Tensor<T> logits = support::normal<T>({128'256}, 4);
    const std::vector<int64_t> tokens{1, 2, 3, 1, 2};
    Chain sampler{RepetitionPenalty(1.1), NoRepeatNgram(2), TopK(200), TopP(0.95), Typical(0.9)};
    Generator generator(1);
    const auto one = [&] {
        Candidates<T> candidates{std::span<const T>(logits.data(), 128'256)};
        sampler(candidates, {tokens, 2});
        return draw(candidates, generator).token;
    };
    one();
    const long before = support::heap.calls;
    const auto system = pool::statistics().system_calls;
    for (int i = 0; i < 5; ++i) one();
    CHECK(support::heap.calls == before);
    CHECK(pool::statistics().system_calls == system);
}

TEST_CASE_TEMPLATE("sample: errors", T, float, double) {
    Generator generator(1);
    const Tensor<T> row = support::normal<T>({3}), rows = support::normal<T>({2, 3});
    const std::vector<SamplerContext> three(3);
    CHECK(message<ShapeError>([&] { sample(row, Chain<>{}, generator); }) ==
          "sample: logits (3,) must be (batch, vocabulary)");
    CHECK(message<ShapeError>([&] { sample(rows, Chain<>{}, generator, three); }) ==
          "sample: 3 contexts for 2 rows");
    CHECK(message<ShapeError>([&] { processed_logits(row, Chain<>{}); }) ==
          "processed_logits: logits (3,) must be (batch, vocabulary)");
    CHECK(message<ShapeError>([&] { processed_logits(rows, Chain<>{}, three); }) ==
          "processed_logits: 3 contexts for 2 rows");
    CHECK(message<ValueError>([&] {
              sample(empty<T>({2, 0}), Chain<>{}, generator);
          }) == "sample: there are no logits: the vocabulary is empty");
    CHECK(sample(empty<T>({0, 4}), Chain<>{}, generator).empty());
    CHECK(processed_logits(empty<T>({0, 4}), Chain<>{}).shape() == Shape{0, 4});
}
