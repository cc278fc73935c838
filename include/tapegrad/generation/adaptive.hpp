// Samplers whose cut moves while a text is written.
#pragma once

#include <vector>

#include "truncation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct FactualNucleusOptions {
    double p = 0.9;      // at the first token of a sentence
    double decay = 0.9;  // of p, from token to token
    double least = 0.3;  // p does not go below
};

/// Nucleus sampling that becomes more careful towards the end of a sentence.
///   p_t = max(least, p decay^(t - 1)), where t counts the tokens of the sentence from 1
/// Throws   ValueError: an option outside (0, 1]
/// Source   Lee et al., Factuality Enhanced Language Models for Open-Ended Text Generation, 2022
class FactualNucleus {
public:
    using Options = FactualNucleusOptions;
    /// `sentence_ends`: tokens behind which a new sentence begins. The first drawn token begins one, too.
    explicit FactualNucleus(std::vector<int64_t> sentence_ends, const Options& options = {})
        : ends_(std::move(sentence_ends)), options_(options) {
        for (const double share : {options.p, options.decay, options.least})
            detail::checked_share("FactualNucleus", share);
    }
    /// p for the token that comes next.
    double share(const SamplerContext& before) const {
        int64_t t = 1;
        for (int64_t i = std::ssize(before.tokens); i > before.prompt; --i, ++t)
            if (std::find(ends_.begin(), ends_.end(), before.tokens[static_cast<std::size_t>(i - 1)]) !=
                ends_.end())
                break;
        return std::max(options_.least, options_.p * std::pow(options_.decay, static_cast<double>(t - 1)));
    }
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext& before) const {
        detail::keep_nucleus(candidates, share(before));
    }

private:
    std::vector<int64_t> ends_;
    Options options_;
};

struct MirostatOptions {
    double tau = 5;    // the surprise that is aimed at, in bits
    double eta = 0.1;  // how fast the cut moves
};

/// Keeps what is less surprising than mu, and moves mu so that the surprise of what is drawn comes to tau. Stands
/// last in a chain.
///   keeps -log2 p_i <= mu;  mu - eta (-log2 q - tau), where q is what the drawn one had among those kept
/// Throws   ValueError: tau or eta that is not above 0 and finite
/// Source   Basu et al., Mirostat, 2021, in its second form
class Mirostat {
public:
    using Options = MirostatOptions;
    explicit Mirostat(const Options& options = {}) : options_(options), mu_(2 * options.tau) {
        for (const double value : {options.tau, options.eta})
            if (!(value > 0 && value <= std::numeric_limits<double>::max()))
                detail::fail<ValueError>("Mirostat", value, " is not a finite number above 0");
    }
    /// The surprise in bits up to which a token is kept.
    double mu() const { return mu_; }

    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext&) const {
        candidates.keep_at_least(static_cast<T>(candidates.log_total() - mu_ * std::log(2.0)));
    }
    void accept(int64_t, double log_prob) {
        mu_ -= options_.eta * (-log_prob / std::log(2.0) - options_.tau);
    }

private:
    Options options_;
    double mu_;
};

}
