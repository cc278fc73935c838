// Samplers that look at what came before, and a bias for single tokens.
//
// A token of the past that the logits do not have (a larger embedding than head) counts nothing.
#pragma once

#include <utility>
#include <vector>

#include "sampler.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The tokens that were met.
class TokenSet {
public:
    explicit TokenSet(int64_t vocabulary) : vocabulary_(vocabulary), words_(vocabulary / 64 + 1) {
        std::fill_n(words_.data(), words_.size(), std::uint64_t{0});
    }
    bool holds(int64_t token) const { return token >= 0 && token < vocabulary_; }
    /// Whether it was not there.
    bool insert(int64_t token) {
        std::uint64_t& word = words_[token / 64];
        const std::uint64_t bit = std::uint64_t{1} << (token % 64), before = word;
        word |= bit;
        return (before & bit) == 0;
    }

private:
    int64_t vocabulary_;
    Scratch<std::uint64_t> words_;
};

/// The last `count` of them; all for 0.
inline std::span<const int64_t> last_of(std::span<const int64_t> tokens, int64_t count) {
    return count == 0 || count >= std::ssize(tokens) ? tokens : tokens.last(static_cast<std::size_t>(count));
}
inline int64_t checked_last(std::string_view sampler, int64_t last) {
    if (last < 0) fail<ValueError>(sampler, "last ", last, " is negative");
    return last;
}

}

/// What came before becomes less likely (penalty above 1) or likelier (below 1).
///   x_i / penalty where x_i > 0, else x_i penalty, for each token i among the last ones
/// Throws   ValueError: a penalty that is not above 0 and finite, a negative `last`
/// Source   Keskar et al., CTRL, 2019
class RepetitionPenalty {
public:
    /// `last`: how many tokens count, those of the prompt too; 0: all.
    explicit RepetitionPenalty(double penalty, int64_t last = 0)
        : penalty_(penalty), last_(detail::checked_last("RepetitionPenalty", last)) {
        if (!(penalty > 0 && penalty <= std::numeric_limits<double>::max()))
            detail::fail<ValueError>("RepetitionPenalty", penalty, " is not a finite number above 0");
    }
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext& before) const {
        const auto tokens = detail::last_of(before.tokens, last_);
        if (tokens.empty() || penalty_ == 1) return;
        const T penalty = static_cast<T>(penalty_);
        const std::span<T> logits = candidates.edit();
        detail::TokenSet seen(candidates.vocabulary());
        for (const int64_t token : tokens) {
            if (!seen.holds(token) || !seen.insert(token)) continue;
            const int64_t place = candidates.find(token);
            if (place < 0) continue;
            T& x = logits[static_cast<std::size_t>(place)];
            x = x < T(0) ? x * penalty : x / penalty;
        }
    }

private:
    double penalty_;
    int64_t last_;
};

struct FrequencyPenaltyOptions {
    double frequency = 0;  // for each time that a token came
    double presence = 0;   // once for a token that came at all
    int64_t last = 0;      // how many tokens count; 0: all
    bool prompt = false;   // those of the prompt too
};

/// What was drawn becomes less likely.
///   x_i - count_i frequency - (count_i > 0) presence
/// Throws   ValueError: a penalty that is not finite, a negative `last`
class FrequencyPenalty {
public:
    using Options = FrequencyPenaltyOptions;
    explicit FrequencyPenalty(const Options& options) : options_(options) {
        detail::checked_last("FrequencyPenalty", options.last);
        for (const double penalty : {options.frequency, options.presence})
            if (!std::isfinite(penalty))
                detail::fail<ValueError>("FrequencyPenalty", "a penalty of ", penalty, " is not finite");
    }
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext& before) const {
        const auto tokens = detail::last_of(
            options_.prompt ? before.tokens : before.tokens.subspan(static_cast<std::size_t>(before.prompt)),
            options_.last);
        if (tokens.empty() || (options_.frequency == 0 && options_.presence == 0)) return;
        const T frequency = static_cast<T>(options_.frequency), presence = static_cast<T>(options_.presence);
        const std::span<T> logits = candidates.edit();
        detail::TokenSet seen(candidates.vocabulary());
        for (const int64_t token : tokens) {
            if (!seen.holds(token)) continue;
            const int64_t place = candidates.find(token);
            if (place < 0) continue;
            logits[static_cast<std::size_t>(place)] -= seen.insert(token) ? frequency + presence : frequency;
        }
    }

private:
    Options options_;
};

/// Throws out every token that would complete n tokens in a row that were there before.
/// Throws   ValueError: n below 1
class NoRepeatNgram {
public:
    explicit NoRepeatNgram(int64_t n) : n_(n) {
        if (n < 1) detail::fail<ValueError>("NoRepeatNgram", "n ", n, " is less than 1");
    }
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext& before) const {
        const std::span<const int64_t> tokens = before.tokens;
        const int64_t length = std::ssize(tokens);
        if (length < n_) return;
        const auto end = tokens.last(static_cast<std::size_t>(n_ - 1));
        const std::span<T> logits = candidates.edit();
        for (int64_t i = 0; i + n_ <= length; ++i) {
            const auto window = tokens.subspan(static_cast<std::size_t>(i), end.size());
            const int64_t next = tokens[static_cast<std::size_t>(i + n_ - 1)];
            if (next < 0 || next >= candidates.vocabulary() ||
                !std::equal(end.begin(), end.end(), window.begin()))
                continue;
            const int64_t place = candidates.find(next);
            if (place >= 0) logits[static_cast<std::size_t>(place)] = -std::numeric_limits<T>::infinity();
        }
    }

private:
    int64_t n_;
};

/// Adds to the logits of some tokens; -inf throws a token out.
/// Throws   ValueError: a bias that is NaN or +inf; IndexError: a token outside the vocabulary, when it is used
class LogitBias {
public:
    explicit LogitBias(std::vector<std::pair<int64_t, double>> biases) : biases_(std::move(biases)) {
        for (const auto& [token, bias] : biases_)
            if (!(bias <= std::numeric_limits<double>::max()))
                detail::fail<ValueError>("LogitBias", "the bias of token ", token, " is ",
                                         bias != bias ? "NaN" : "+inf");
    }
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext&) const {
        if (biases_.empty()) return;
        const std::span<T> logits = candidates.edit();
        for (const auto& [token, bias] : biases_) {
            const int64_t place = candidates.find(token);
            if (place >= 0) logits[static_cast<std::size_t>(place)] += static_cast<T>(bias);
        }
    }

private:
    std::vector<std::pair<int64_t, double>> biases_;
};

}
