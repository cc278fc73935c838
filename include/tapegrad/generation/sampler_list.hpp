// A chain of samplers that is put together while a program runs, from its flags.
#pragma once

#include <memory>

#include "penalties.hpp"
#include "truncation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Samplers in a row, as one.
template <Floating T>
class SamplerList {
public:
    SamplerList() = default;
    SamplerList(const SamplerList& other) {
        for (const auto& link : other.links_) links_.push_back(link->clone());
    }
    SamplerList(SamplerList&&) noexcept = default;
    SamplerList& operator=(SamplerList other) noexcept {
        links_ = std::move(other.links_);
        return *this;
    }

    template <Sampler<T> S>
    SamplerList& add(S sampler) {
        links_.push_back(std::make_unique<LinkOf<S>>(std::move(sampler)));
        return *this;
    }
    int64_t size() const { return std::ssize(links_); }

    void operator()(Candidates<T>& candidates, const SamplerContext& before) {
        for (const auto& link : links_) link->apply(candidates, before);
    }
    void accept(int64_t token, double log_prob) {
        for (const auto& link : links_) link->accept(token, log_prob);
    }

private:
    struct Link {
        virtual ~Link() = default;
        virtual std::unique_ptr<Link> clone() const = 0;
        virtual void apply(Candidates<T>&, const SamplerContext&) = 0;
        virtual void accept(int64_t token, double log_prob) = 0;
    };
    template <class S>
    struct LinkOf final : Link {
        explicit LinkOf(S s) : sampler(std::move(s)) {}
        std::unique_ptr<Link> clone() const override { return std::make_unique<LinkOf>(*this); }
        void apply(Candidates<T>& candidates, const SamplerContext& before) override {
            sampler(candidates, before);
        }
        void accept(int64_t token, double log_prob) override { detail::tell(sampler, token, log_prob); }
        S sampler;
    };

    std::vector<std::unique_ptr<Link>> links_;
};

/// The usual samplers. What is left as it is here is not in the chain.
struct SamplerOptions {
    std::vector<std::pair<int64_t, double>> logit_bias = {};
    double repetition_penalty = 1;
    double frequency_penalty = 0, presence_penalty = 0;  // of what was drawn
    int64_t no_repeat_ngram = 0;
    int64_t top_k = 0;
    double temperature = 1;  // 0: the likeliest token
    double top_n_sigma = 0;
    double top_p = 1;
    double min_p = 0;
    double typical = 1;
    double epsilon = 0;
    double eta = 0;
};

/// The samplers in the order in which the options stand: what came before, k, the temperature, what looks at
/// probabilities. k does not depend on the temperature, and few are divided faster than many.
/// Throws   ValueError: an option outside its range
template <Floating T>
SamplerList<T> make_samplers(const SamplerOptions& options) {
    SamplerList<T> list;
    if (!options.logit_bias.empty()) list.add(LogitBias(options.logit_bias));
    if (options.repetition_penalty != 1) list.add(RepetitionPenalty(options.repetition_penalty));
    if (options.frequency_penalty != 0 || options.presence_penalty != 0)
        list.add(
            FrequencyPenalty({.frequency = options.frequency_penalty, .presence = options.presence_penalty}));
    if (options.no_repeat_ngram != 0) list.add(NoRepeatNgram(options.no_repeat_ngram));
    if (options.top_k != 0) list.add(TopK(options.top_k));
    if (options.temperature != 1) list.add(Temperature(options.temperature));
    if (options.top_n_sigma != 0) list.add(TopNSigma(options.top_n_sigma));
    if (options.top_p != 1) list.add(TopP(options.top_p));
    if (options.min_p != 0) list.add(MinP(options.min_p));
    if (options.typical != 1) list.add(Typical(options.typical));
    if (options.epsilon != 0) list.add(EpsilonCutoff(options.epsilon));
    if (options.eta != 0) list.add(EtaCutoff(options.eta));
    return list;
}

}
