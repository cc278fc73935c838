// How likely a model finds tokens that are given: continuations of a prefix, and the choice between some.
#pragma once

#include "../autograd/grad_mode.hpp"
#include "../ops/slicing.hpp"
#include "candidates.hpp"
#include "language_model.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What a model says of tokens one by one, in nats.
struct TokenScores {
    std::vector<double> log_probs;
    std::vector<double> entropies;  // of the distributions that the tokens were judged by

    int64_t size() const { return std::ssize(log_probs); }
    double sum() const {
        double total = 0;
        for (const double x : log_probs) total += x;
        return total;
    }
    /// By token; NaN of none.
    double mean() const { return sum() / static_cast<double>(size()); }
    /// e^-mean.
    double perplexity() const { return std::exp(-mean()); }
};

/// Tokens that a model has read, and what it says comes next. A copy goes on alone.
template <LanguageModel M>
struct ReadPrefix {
    typename M::Cache cache;
    Tensor<LogitOf<M>> logits;  // (1, 1, V)
};

namespace detail {

inline constexpr int64_t scoring_chunk = 128;  // tokens whose logits exist at one time

template <class I>
Tensor<I> as_row(std::span<const I> tokens) {
    return from_span(tokens, {1, std::ssize(tokens)});
}

/// Row i of the logits (1, n, V) judges tokens[i].
template <class T>
void judge(const Tensor<T>& logits, std::span<const int64_t> tokens, TokenScores& scores) {
    const int64_t n = std::ssize(tokens), vocabulary = logits.size(2);
    for (const int64_t token : tokens)
        if (token < 0 || token >= vocabulary)
            fail<IndexError>("score", "token ", token, " is outside a vocabulary of ", vocabulary);
    const std::size_t before = scores.log_probs.size();
    scores.log_probs.resize(before + tokens.size());
    scores.entropies.resize(before + tokens.size());
    parallel_for(n, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const T* const row = logits.data() + i * vocabulary;
            const Candidates<T> all_tokens(std::span<const T>(row, static_cast<std::size_t>(vocabulary)));
            const auto at = before + static_cast<std::size_t>(i);
            scores.log_probs[at] =
                static_cast<double>(row[tokens[static_cast<std::size_t>(i)]]) - all_tokens.log_total();
            scores.entropies[at] = all_tokens.entropy();
        }
    });
}

}

/// Reads tokens. Records nothing.
/// Throws   ValueError: no tokens; ShapeError: logits of another shape than a language model's
template <LanguageModel M>
ReadPrefix<M> read_prefix(const M& model, std::span<const int64_t> tokens) {
    using T = LogitOf<M>;
    if (tokens.empty()) detail::fail<ValueError>("read_prefix", "there are no tokens to read");
    const no_grad scope;
    ReadPrefix<M> prefix{model.make_cache(), {}};
    LanguageModelInput<typename M::Cache, T> input;
    input.cache = &prefix.cache;
    input.last_only = true;
    prefix.logits = detail::logits_of<M, T>("read_prefix", model, detail::as_row(tokens), input);
    return prefix;
}

/// The probability of each token of a continuation, given the prefix and those before it. The prefix stays as it is.
/// Throws   IndexError: a token outside the vocabulary; ShapeError: logits of another shape than a language model's;
///          ValueError: logits that are NaN
template <LanguageModel M>
TokenScores score_continuation(const M& model, const ReadPrefix<M>& prefix, std::span<const int64_t> tokens) {
    using T = LogitOf<M>;
    TokenScores scores;
    if (tokens.empty()) return scores;
    const no_grad scope;
    detail::judge(prefix.logits, tokens.first(1), scores);
    typename M::Cache cache = prefix.cache.fork();
    LanguageModelInput<typename M::Cache, T> input;
    input.cache = &cache;
    // The logits of a whole text over a large vocabulary would be larger than the model.
    for (std::size_t at = 0; at + 1 < tokens.size();) {
        const std::size_t count =
            std::min(tokens.size() - 1 - at, static_cast<std::size_t>(detail::scoring_chunk));
        const Tensor<T> logits = detail::logits_of<M, T>("score_continuation", model,
                                                         detail::as_row(tokens.subspan(at, count)), input);
        detail::judge(logits, tokens.subspan(at + 1, count), scores);
        at += count;
    }
    return scores;
}

/// Answers that a model was made to choose between.
struct Choice {
    std::vector<TokenScores> answers;
    int64_t likeliest = -1;            // by the sum of log-probabilities: short answers are at an advantage
    int64_t likeliest_per_token = -1;  // by their mean
};

/// What a model would rather say behind a prompt. The prompt is read once.
/// Throws   ValueError: an empty prompt, no answers, an empty answer; as score_continuation
template <LanguageModel M>
Choice choose(const M& model, std::span<const int64_t> prompt,
              const std::vector<std::vector<int64_t>>& answers) {
    if (answers.empty()) detail::fail<ValueError>("choose", "there are no answers");
    for (std::size_t i = 0; i < answers.size(); ++i)
        if (answers[i].empty()) detail::fail<ValueError>("choose", "answer ", i, " is empty");
    const ReadPrefix<M> prefix = read_prefix(model, prompt);
    Choice choice;
    for (const auto& answer : answers) choice.answers.push_back(score_continuation(model, prefix, answer));
    const auto best = [&](double (TokenScores::*value)() const) {
        const auto at = std::max_element(
            choice.answers.begin(), choice.answers.end(),
            [&](const TokenScores& a, const TokenScores& b) { return (a.*value)() < (b.*value)(); });
        return static_cast<int64_t>(at - choice.answers.begin());
    };
    choice.likeliest = best(&TokenScores::sum);
    choice.likeliest_per_token = best(&TokenScores::mean);
    return choice;
}

}
