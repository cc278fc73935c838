// Samplers that throw out unlikely candidates. Each works on what the ones before it have left, as if that were
// all: probabilities add up to 1 again.
//
// All of them are a threshold, and equals share their fate: of several that stand at the edge all are kept, whatever
// their order. At least one candidate is left.
#pragma once

#include "../simd/mass.hpp"
#include "../simd/quotient.hpp"
#include "../simd/sort.hpp"
#include "sampler.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A probability that an option is. Throws   ValueError: outside (0, 1]
inline double checked_share(std::string_view sampler, double p) {
    if (!(p > 0 && p <= 1)) fail<ValueError>(sampler, p, " is outside (0, 1]");
    return p;
}

/// Keeps the likeliest candidates that have `p` together.
template <class T>
void keep_nucleus(Candidates<T>& candidates, double p) {
    const double total = candidates.sums().total, mass = p * total;
    if (!(mass < total)) return;
    const T top = candidates.top();
    const auto logits = candidates.logits();
    const T distance = simd::mass_distance(logits.data(), std::ssize(logits), top, top, total, mass);
    candidates.keep_within(top, distance);
}

}

/// Keeps the k largest logits.
/// Throws   ValueError: k below 1
class TopK {
public:
    explicit TopK(int64_t k) : k_(k) {
        if (k < 1) detail::fail<ValueError>("TopK", "k ", k, " is less than 1");
    }
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext&) const {
        if (k_ >= candidates.size()) return;
        Scratch<T> values(k_);
        Scratch<int64_t> places(k_);
        simd::topk(candidates.logits().data(), values.data(), places.data(), 1, candidates.size(), k_, true,
                   false);
        T least;
        simd::amin(values.data(), &least, 1, k_, 1);
        candidates.keep_at_least(least);
    }

private:
    int64_t k_;
};

/// Nucleus sampling: keeps the likeliest candidates, as few as have p together.
/// Throws   ValueError: p outside (0, 1]
/// Source   Holtzman et al., The Curious Case of Neural Text Degeneration, 2020
class TopP {
public:
    explicit TopP(double p) : p_(detail::checked_share("TopP", p)) {}
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext&) const {
        detail::keep_nucleus(candidates, p_);
    }

private:
    double p_;
};

/// Keeps what is at least p times as likely as the likeliest.
/// Throws   ValueError: p outside (0, 1]
/// Source   Nguyen et al., Turning Up the Heat: Min-p Sampling, 2024
class MinP {
public:
    explicit MinP(double p) : p_(detail::checked_share("MinP", p)) {}
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext&) const {
        candidates.keep_at_least(static_cast<T>(static_cast<double>(candidates.top()) + std::log(p_)));
    }

private:
    double p_;
};

/// Keeps logits that are at most n standard deviations (of the finite logits) below the largest. The only one that
/// does not depend on a temperature.
/// Throws   ValueError: n that is negative or NaN
/// Source   Tang et al., Top-n-sigma: Not All Logits Are You Need, 2024
class TopNSigma {
public:
    explicit TopNSigma(double n) : n_(n) {
        if (!(n >= 0)) detail::fail<ValueError>("TopNSigma", "n ", n, " is not a number of at least 0");
    }
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext&) const {
        const auto spread = simd::finite_spread(candidates.logits().data(), candidates.size());
        candidates.keep_at_least(
            static_cast<T>(static_cast<double>(candidates.top()) - n_ * spread.deviation));
    }

private:
    double n_;
};

/// Locally typical sampling: keeps the candidates whose information -log p is nearest to the entropy, as few as have
/// `mass` together.
/// Throws   ValueError: a mass outside (0, 1]
/// Source   Meister et al., Locally Typical Sampling, 2023
class Typical {
public:
    explicit Typical(double mass) : mass_(detail::checked_share("Typical", mass)) {}
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext&) const {
        const auto sums = candidates.sums();
        const double mass = mass_ * sums.total;
        if (!(mass < sums.total)) return;
        // |-log p - entropy| is the distance of a logit from the mean logit.
        const T top = candidates.top(), mean = top + static_cast<T>(sums.weighted / sums.total);
        const auto logits = candidates.logits();
        const T distance =
            simd::mass_distance(logits.data(), std::ssize(logits), mean, top, sums.total, mass);
        candidates.keep_within(mean, distance);
    }

private:
    double mass_;
};

/// Keeps what has at least the probability epsilon.
/// Throws   ValueError: epsilon outside (0, 1)
/// Source   Hewitt et al., Truncation Sampling as Language Model Desmoothing, 2022
class EpsilonCutoff {
public:
    explicit EpsilonCutoff(double epsilon) : epsilon_(epsilon) {
        if (!(epsilon > 0 && epsilon < 1))
            detail::fail<ValueError>("EpsilonCutoff", epsilon, " is outside (0, 1)");
    }
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext&) const {
        candidates.keep_at_least(static_cast<T>(candidates.log_total() + std::log(epsilon_)));
    }

private:
    double epsilon_;
};

/// Keeps what has at least the probability min(epsilon, sqrt(epsilon) e^-entropy).
/// Throws   ValueError: epsilon outside (0, 1)
/// Source   Hewitt et al., Truncation Sampling as Language Model Desmoothing, 2022
class EtaCutoff {
public:
    explicit EtaCutoff(double epsilon) : epsilon_(epsilon) {
        if (!(epsilon > 0 && epsilon < 1))
            detail::fail<ValueError>("EtaCutoff", epsilon, " is outside (0, 1)");
    }
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext&) const {
        const double log_epsilon = std::log(epsilon_),
                     log_eta = std::min(log_epsilon, 0.5 * log_epsilon - candidates.entropy());
        candidates.keep_at_least(static_cast<T>(candidates.log_total() + log_eta));
    }

private:
    double epsilon_;
};

}
