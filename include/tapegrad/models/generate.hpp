// Text from a language model, token by token.
#pragma once

#include <algorithm>

#include "../core/random.hpp"
#include "gpt.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct GenerateOptions {
    double temperature = 1;  // 0: always the most likely token
    int64_t top_k = 0;       // sample among the k most likely; 0: among all
};

/// A token drawn from softmax(logits / temperature) over the k most likely.
/// Throws   ValueError: no logits, or a temperature below 0
template <Floating T>
int64_t sample_token(const std::vector<T>& logits, Generator& generator, const GenerateOptions& options = {}) {
    if (logits.empty() || !(options.temperature >= 0))
        detail::fail<ValueError>("sample_token", logits.size(), " logits at temperature ", options.temperature);
    const auto most_likely = std::max_element(logits.begin(), logits.end());
    if (options.temperature == 0) return most_likely - logits.begin();
    double bound = -std::numeric_limits<double>::infinity();
    if (const auto k = static_cast<std::size_t>(options.top_k); options.top_k > 0 && k < logits.size()) {
        std::vector<T> sorted = logits;
        std::nth_element(sorted.begin(), sorted.begin() + options.top_k - 1, sorted.end(), std::greater<T>());
        bound = static_cast<double>(sorted[k - 1]);
    }
    std::vector<double> weights;
    double total = 0;
    for (const T logit : logits) {
        const double x = static_cast<double>(logit) - static_cast<double>(*most_likely);
        weights.push_back(static_cast<double>(logit) < bound ? 0 : std::exp(x / options.temperature));
        total += weights.back();
    }
    double u = 0;
    fill_uniform(&u, 1, generator);
    for (std::size_t i = 0; i < weights.size(); ++i)
        if ((u -= weights[i] / total) < 0) return static_cast<int64_t>(i);
    return most_likely - logits.begin();
}

/// `ids` continued by `count` sampled tokens; the model sees the last block_size of them.
/// Throws   ShapeError: ids is empty; IndexError: an id outside the vocabulary
template <Floating T>
std::vector<int64_t> generate(const Gpt<T>& model, std::vector<int64_t> ids, int64_t count, Generator& generator,
                              const GenerateOptions& options = {}) {
    if (ids.empty()) detail::fail<ShapeError>("generate", "ids is empty; begin with at least one token");
    const no_grad off;
    for (int64_t i = 0; i < count; ++i) {
        const auto length = static_cast<int64_t>(ids.size());
        const int64_t seen = std::min(length, model.config.block_size);
        const std::vector<int64_t> context(ids.end() - seen, ids.end());
        const Tensor<T> logits = model(from_vector(context, {1, seen}), generator);  // (1, T, V)
        const int64_t vocabulary = logits.size(2);
        const T* const last = logits.data() + (seen - 1) * vocabulary;
        ids.push_back(sample_token(std::vector<T>(last, last + vocabulary), generator, options));
    }
    return ids;
}

}
