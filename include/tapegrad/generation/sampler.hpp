// What decides which token comes next: samplers, which change and throw out candidates one after the other.
//
//   Chain sampler{RepetitionPenalty(1.1), TopK(40), TopP(0.95), Temperature(0.8)};
//
// A sampler is anything that can be called with candidates and what came before, a lambda too:
//
//   const auto no_seven = [](auto& candidates, const SamplerContext&) { ... };
//
// It is copied for each row, so what it remembers is of one row. One that wants to know what was drawn in the
// end has `accept(token, log_prob)`.
#pragma once

#include <tuple>

#include "../simd/quotient.hpp"
#include "candidates.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What came before, in one row.
struct SamplerContext {
    std::span<const int64_t> tokens = {};  // the prompt and what was drawn
    int64_t prompt = 0;                    // how many of them are the prompt
};

template <class S, class T>
concept Sampler = std::copy_constructible<S> &&
    requires(S& sampler, Candidates<T>& candidates, const SamplerContext& before) {
    sampler(candidates, before);
};

namespace detail {

/// Tells a sampler what was drawn, if it wants to know.
template <class S>
void tell(S& sampler, int64_t token, double log_prob) {
    if constexpr (requires { sampler.accept(token, log_prob); }) sampler.accept(token, log_prob);
}

}

/// Samplers in a row, as one.
template <class... S>
class Chain {
public:
    Chain() = default;
    explicit(sizeof...(S) == 1) Chain(S... samplers) requires(sizeof...(S) > 0)
        : samplers_(std::move(samplers)...) {}

    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext& before) {
        std::apply([&](S&... each) { (static_cast<void>(each(candidates, before)), ...); }, samplers_);
    }
    void accept(int64_t token, double log_prob) {
        std::apply([&](S&... each) { (detail::tell(each, token, log_prob), ...); }, samplers_);
    }

private:
    std::tuple<S...> samplers_;
};

/// Throws out everything but the largest logit, the first of several.
struct Greedy {
    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext&) const {
        candidates.keep_only(candidates.largest());
    }
};

/// Divides the logits.
///   p_i ~ e^(x_i / temperature)
/// Throws   ValueError: a temperature that is negative or not finite
class Temperature {
public:
    /// 0: the largest logit alone is left.
    explicit Temperature(double temperature) : temperature_(temperature) {
        if (!(temperature >= 0 && temperature <= std::numeric_limits<double>::max()))
            detail::fail<ValueError>("Temperature", temperature, " is not a finite number of at least 0");
    }

    template <Floating T>
    void operator()(Candidates<T>& candidates, const SamplerContext& before) const {
        const T divisor = static_cast<T>(temperature_);
        if (divisor == T(1)) return;
        // So small a number that a quotient would overflow is as good as 0.
        const auto largest = static_cast<double>(std::numeric_limits<T>::max());
        if (divisor == T(0) || std::abs(static_cast<double>(candidates.top())) > largest * temperature_)
            return Greedy{}(candidates, before);
        const std::span<T> logits = candidates.edit();
        simd::divide(logits.data(), logits.data(), std::ssize(logits), divisor);
    }

private:
    double temperature_;
};

}
