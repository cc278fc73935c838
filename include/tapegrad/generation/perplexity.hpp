// How well a model foretells a text: the perplexity over windows of a bounded context.
#pragma once

#include <string>

#include "../text/text_file.hpp"
#include "scoring.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct PerplexityOptions {
    int64_t context = 1024;  // tokens of a window
    int64_t stride = 512;    // from window to window: each token but those of the first window has at least
                             // context - stride tokens before it
};

struct Perplexity {
    TokenScores scores;              // of the tokens that were judged, each once
    std::vector<int64_t> positions;  // where they stand among the ids
    int64_t bytes = 0;               // of the text, if it is one

    double perplexity() const { return scores.perplexity(); }
    /// -log2 p of the whole text by the byte, which does not depend on the tokenizer.
    double bits_per_byte() const { return -scores.sum() / std::log(2.0) / static_cast<double>(bytes); }
};

/// The perplexity of tokens, over windows that overlap: a window judges the tokens that the one before did not reach,
/// by those that it holds in front of them. A token with nothing in front of it in its window is not judged.
/// Numeric  every token counts alike. Transformers' documentation judges the same tokens, but weighs each window behind
///          the first as if it had one token less
/// Throws   ValueError: fewer than two tokens, a context below 2, a stride outside [1, context]; as score_continuation
template <LanguageModel M>
Perplexity perplexity(const M& model, std::span<const int64_t> ids, const PerplexityOptions& o = {}) {
    if (o.context < 2) detail::fail<ValueError>("perplexity", "context ", o.context, " is less than 2");
    if (o.stride < 1 || o.stride > o.context)
        detail::fail<ValueError>("perplexity", "stride ", o.stride, " is outside [1, context ", o.context,
                                 ']');
    const int64_t n = std::ssize(ids);
    if (n < 2)
        detail::fail<ValueError>("perplexity", n, " tokens: there have to be two, the first is not judged");
    Perplexity result;
    int64_t judged = 0;
    for (int64_t begin = 0; judged < n; begin += o.stride) {
        const int64_t end = std::min(begin + o.context, n), first = std::max(judged, begin + 1);
        judged = end;
        if (first >= end) continue;
        const auto part = [&](int64_t from, int64_t to) {
            return ids.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
        };
        const TokenScores scores =
            score_continuation(model, read_prefix(model, part(begin, first)), part(first, end));
        for (int64_t i = 0; i < scores.size(); ++i) {
            result.scores.log_probs.push_back(scores.log_probs[static_cast<std::size_t>(i)]);
            result.scores.entropies.push_back(scores.entropies[static_cast<std::size_t>(i)]);
            result.positions.push_back(first + i);
        }
    }
    return result;
}

/// The perplexity of a text, of which `encode` makes tokens:
///   perplexity_of_text(model, text, [&](std::string_view s) { return tokenizer.encode(s); })
template <LanguageModel M, class Encode>
Perplexity perplexity_of_text(const M& model, std::string_view text, const Encode& encode,
                              const PerplexityOptions& options = {}) {
    const std::vector<int64_t> ids = encode(text);
    Perplexity result = perplexity(model, ids, options);
    result.bytes = std::ssize(text);
    return result;
}

/// The same of a file.
/// Throws   IoError: a file that cannot be read; as perplexity
template <LanguageModel M, class Encode>
Perplexity perplexity_of_file(const M& model, const std::string& path, const Encode& encode,
                              const PerplexityOptions& options = {}) {
    return perplexity_of_text(model, detail::read_all(InputFile("perplexity", path)), encode, options);
}

}
