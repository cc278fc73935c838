// One token of the candidates, by chance.
#pragma once

#include "../core/random.hpp"
#include "../tensor/creation.hpp"
#include "sampler.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A token that was drawn, and the distribution that it comes from, in nats.
struct Drawn {
    int64_t token = 0;
    double log_prob = 0;
    double entropy = 0;
};

/// Draws a candidate with the probability that the softmax of the logits gives it.
/// Numeric  by one number u of 53 bits: the first token, in the order of the vocabulary, at which the running sum of
///          probabilities is above u; of a single candidate nothing is drawn
/// Throws   ValueError: no candidate is left
template <Floating T>
Drawn draw(Candidates<T>& candidates, Generator& generator) {
    const T top = candidates.top();
    int64_t place = 0;
    double u = 0;
    const RandomState state = generator.reserve(2);
    if (candidates.size() > 1) {
        std::uint32_t words[random_group];
        random_words(state, 0, words);
        u = detail::unit(detail::word_pair(words, 0));
    }
    const auto drawn = simd::draw_weighted(candidates.logits().data(), candidates.size(), top, u);
    candidates.remember(drawn.sums);
    place = drawn.place;
    return {
        candidates.token(place),
        static_cast<double>(candidates.logits()[static_cast<std::size_t>(place)]) - candidates.log_total(),
        candidates.entropy()};
}

namespace detail {

template <class T>
void check_rows(std::string_view op, const Tensor<T>& logits, std::span<const SamplerContext> before) {
    if (logits.rank() != 2) fail<ShapeError>(op, "logits ", logits.shape(), " must be (batch, vocabulary)");
    if (!before.empty() && std::ssize(before) != logits.size(0))
        fail<ShapeError>(op, std::ssize(before), " contexts for ", logits.size(0), " rows");
}

}

/// What a sampler makes of logits: -inf for a token that it throws out. Every row begins with the sampler as it is.
/// Shape    logits (B, V) -> (B, V)
/// Throws   ShapeError: logits not (B, V), another number of contexts than rows (or none at all); ValueError: a row
///          without a candidate, or with a logit that is NaN or +inf
template <Floating T, Sampler<T> S>
Tensor<T> processed_logits(const Tensor<T>& logits, const S& sampler,
                           std::span<const SamplerContext> before = {}) {
    detail::check_rows("processed_logits", logits, before);
    const Tensor<T> rows = detail::contiguous(logits);
    Tensor<T> out = empty_like(rows);
    T* const to = detail::output(out);
    const auto n = static_cast<std::size_t>(rows.size(1));
    parallel_for(rows.size(0), 1, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b) {
            Candidates<T> candidates(std::span<const T>(rows.data() + b * rows.size(1), n));
            S own = sampler;
            own(candidates, before.empty() ? SamplerContext{} : before[static_cast<std::size_t>(b)]);
            candidates.write(to + b * rows.size(1));
        }
    });
    return out;
}

/// A token for each row of logits. Row b draws from `generator.split(b)`, whatever the other rows are; the generator
/// moves on.
/// Shape    logits (B, V) -> B tokens
/// Throws   as processed_logits
template <Floating T, Sampler<T> S>
std::vector<Drawn> sample(const Tensor<T>& logits, const S& sampler, Generator& generator,
                          std::span<const SamplerContext> before = {}) {
    detail::check_rows("sample", logits, before);
    const Tensor<T> rows = detail::contiguous(logits);
    const RandomState now = generator.reserve(1);
    const Generator base = Generator(now).split(now.offset);
    std::vector<Drawn> out(static_cast<std::size_t>(rows.size(0)));
    const auto n = static_cast<std::size_t>(rows.size(1));
    parallel_for(rows.size(0), 1, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b) {
            Candidates<T> candidates(std::span<const T>(rows.data() + b * rows.size(1), n));
            S own = sampler;
            own(candidates, before.empty() ? SamplerContext{} : before[static_cast<std::size_t>(b)]);
            Generator stream = base.split(static_cast<std::uint64_t>(b));
            out[static_cast<std::size_t>(b)] = draw(candidates, stream);
        }
    });
    return out;
}

}
